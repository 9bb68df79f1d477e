"""That time grows no faster than the input: a ratio of processor time within one run."""

from __future__ import annotations

import time
from collections.abc import Callable

SMALL = 500
TIMES = 40


def assert_linear(work: Callable[[int], object]) -> None:
    """Fail if 40 times the input takes more than 400 times the time.

    Quadratic work takes 1,600 times as long.
    """
    small = min(_seconds(work, SMALL) for _ in range(5))
    large = min(_seconds(work, SMALL * TIMES) for _ in range(2))
    # Below a millisecond the clock's and the machine's noise is all that is measured.
    assert large < 10 * TIMES * max(small, 1e-3), (small, large)


def _seconds(work: Callable[[int], object], size: int) -> float:
    start = time.process_time()
    work(size)
    return time.process_time() - start
