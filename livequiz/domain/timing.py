"""When a student's time is up."""

from __future__ import annotations

from datetime import datetime, timedelta

LEAST_FACTOR, GREATEST_FACTOR = 1.0, 4.0


def own_deadline(sent: datetime, deadline: datetime, factor: float, early: float = 0.0) -> datetime:
    """Return the deadline of a student that has `factor` times the time of the others.

    Args:
        sent: When its question was sent.
        deadline: The round's.
        factor: 1 to 4.
        early: Seconds by which the time for its question ends before that of the round.
    """
    return sent + (deadline - timedelta(seconds=early) - sent) * factor
