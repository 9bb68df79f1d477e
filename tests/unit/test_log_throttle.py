from __future__ import annotations

import logging

from livequiz.server.host.log_throttle import MOST_KINDS, RepeatedLogFilter


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def record(text: str, *args: object) -> logging.LogRecord:
    return logging.LogRecord("livequiz.test", logging.WARNING, "", 0, text, args, None)


def test_a_flood_of_one_kind_is_ten_lines_and_then_a_count() -> None:
    clock = Clock()
    sparing = RepeatedLogFilter(clock)
    assert sum(sparing.filter(record("Dropped %s", n)) for n in range(1_000)) == 10
    assert sparing.filter(record("Another kind"))
    clock.now = 10.0
    later = record("Dropped %s", "it")
    assert sparing.filter(later)
    assert later.getMessage() == "Dropped it (and 990 more like it before)"
    clock.now = 20.0
    again = record("Dropped %s", "it")
    assert sparing.filter(again)
    assert again.getMessage() == "Dropped it"


def test_kinds_that_never_end_are_not_remembered_for_ever() -> None:
    sparing = RepeatedLogFilter(Clock())
    for number in range(10 * MOST_KINDS):
        sparing.filter(record(f"kind {number}"))
    assert 0 < len(sparing._buckets) <= MOST_KINDS
