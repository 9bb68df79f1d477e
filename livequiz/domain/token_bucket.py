"""Token buckets: a burst, then a steady rate. The caller passes the time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """The rate limit of a token bucket.

    Attributes:
        burst: The bucket's capacity, in tokens.
        per_second: Tokens refilled each second.
    """

    burst: float
    per_second: float

    def times(self, factor: float) -> Rate:
        """Return this rate multiplied by a factor."""
        return Rate(self.burst * factor, self.per_second * factor)


class Bucket:
    """Token bucket: starts full. Each call passes the rate, because many buckets share one.

    Args:
        rate: Its capacity is what the bucket starts with.
        now: Seconds of a monotonic clock.
    """

    __slots__ = ("_at", "_level")

    def __init__(self, rate: Rate, now: float) -> None:
        self._level = rate.burst
        self._at = now

    def level(self, rate: Rate, now: float) -> float:
        """Return the tokens left now; negative in debt."""
        earned = max(0.0, now - self._at) * rate.per_second
        return min(rate.burst, self._level + earned)

    def take(self, rate: Rate, now: float) -> bool:
        """Take one token if there is one; return whether there was."""
        level = self.level(rate, now)
        enough = level >= 1
        self._level, self._at = level - enough, max(now, self._at)
        return enough

    def take_with_debt(self, rate: Rate, now: float, most: float, cost: float = 1.0) -> bool:
        """Take tokens even from an empty bucket, so that retrying makes the wait longer.

        Args:
            rate: The bucket's rate.
            now: Seconds of the same monotonic clock.
            most: The largest debt, in tokens.
            cost: How many tokens to take.

        Returns:
            Whether there was at least one token.
        """
        level = self.level(rate, now)
        self._level, self._at = max(-most, level - cost), max(now, self._at)
        return level >= 1

    def give_back(self, rate: Rate, share: float = 1.0) -> None:
        """Put a token back, or a share of one."""
        self._level = min(rate.burst, self._level + share)
