"""When a student's time is up."""

from __future__ import annotations

from datetime import datetime

LEAST_FACTOR, GREATEST_FACTOR = 1.0, 4.0


def own_deadline(sent: datetime, deadline: datetime, factor: float) -> datetime:
    """Return the deadline of a student that has `factor` times the time of the others.

    Args:
        sent: When its question was sent.
        deadline: The round's, for everybody else.
        factor: 1 to 4.
    """
    return sent + (deadline - sent) * factor
