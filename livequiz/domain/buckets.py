"""Token buckets: so much at once, and so much a second after that. The caller brings the time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """What a bucket lets through.

    Attributes:
        burst: How many at once; also the size of the bucket.
        per_second: How many a second are earned back.
    """

    burst: float
    per_second: float

    def times(self, factor: float) -> Rate:
        """Return a rate that is so many times this one."""
        return Rate(self.burst * factor, self.per_second * factor)


class Bucket:
    """What somebody may still do. Its rate is given with each call, as it is the same for many.

    Args:
        rate: How it starts: full.
        now: Seconds on a clock that never goes back.
    """

    __slots__ = ("_at", "_level")

    def __init__(self, rate: Rate, now: float) -> None:
        self._level = rate.burst
        self._at = now

    def level(self, rate: Rate, now: float) -> float:
        """Return how many are left now; negative in debt."""
        earned = max(0.0, now - self._at) * rate.per_second
        return min(rate.burst, self._level + earned)

    def take(self, rate: Rate, now: float) -> bool:
        """Take one if there is one; return whether there was."""
        level = self.level(rate, now)
        enough = level >= 1
        self._level, self._at = level - enough, max(now, self._at)
        return enough

    def owe(self, rate: Rate, now: float, most: float, cost: float = 1.0) -> bool:
        """Take some even where there are none, so that going on makes the wait longer.

        Args:
            rate: Of this bucket.
            now: Seconds.
            most: How deep the debt gets.
            cost: How many to take.

        Returns:
            Whether there was one.
        """
        level = self.level(rate, now)
        self._level, self._at = max(-most, level - cost), max(now, self._at)
        return level >= 1

    def give_back(self, rate: Rate, share: float = 1.0) -> None:
        """Return what was taken, or a share of it."""
        self._level = min(rate.burst, self._level + share)
