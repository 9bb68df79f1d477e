"""Students' own deadlines."""

from __future__ import annotations

from datetime import datetime, timedelta

LEAST_FACTOR, GREATEST_FACTOR = 1.0, 4.0
GRACE = 1.5  # seconds after a deadline in which an answer still counts, for the network


def own_deadline(sent: datetime, deadline: datetime, factor: float, early: float = 0.0) -> datetime:
    """Return the deadline of a student who has `factor` times the time of the others.

    Args:
        sent: When their question was sent.
        deadline: The round's.
        factor: 1 to 4.
        early: Seconds by which the question's own deadline is before the round's.
    """
    return sent + (deadline - timedelta(seconds=early) - sent) * factor


def last_moment(deadline: datetime, grace: timedelta, stalled: timedelta) -> datetime:
    """Return until when answers are taken.

    Args:
        deadline: As students see it.
        grace: How much later answers still count.
        stalled: For how long the server could not serve, up to now: that is nobody's fault.
    """
    return deadline + grace + stalled
