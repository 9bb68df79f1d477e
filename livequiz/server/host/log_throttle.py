"""Log throttling: repeated messages are rate-limited, and the suppressed ones counted."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from livequiz.domain.token_bucket import Bucket, Rate

LINES = Rate(burst=10, per_second=0.1)
MOST_KINDS = 500  # kinds of messages to track


class RepeatedLogFilter(logging.Filter):
    """Rate-limits messages by kind: the logger's name and the message before formatting.

    Args:
        now: A monotonic clock, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._left_out: dict[tuple[str, str], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log a message; adds how many like it were suppressed before."""
        kind = (record.name, str(record.msg))
        now = self._now()
        bucket = self._buckets.get(kind) or self._new(kind, now)
        if not bucket.take(LINES, now):
            self._left_out[kind] = self._left_out.get(kind, 0) + 1
            return False
        if left_out := self._left_out.pop(kind, 0):
            record.msg = f"{record.getMessage()} (and {left_out} more like it before)"
            record.args = ()
        return True

    def _new(self, kind: tuple[str, str], now: float) -> Bucket:
        if len(self._buckets) >= MOST_KINDS:
            self._buckets.clear()
            self._left_out.clear()
        self._buckets[kind] = Bucket(LINES, now)
        return self._buckets[kind]
