"""Schedules full garbage collections for idle moments.

A full collection (generation 2) scans all live objects, and is triggered by allocations. With
thousands of students it pauses the process for some tenths of a second, just when it is busiest:
while questions are assigned, or answers arrive.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

YOUNG = 10_000  # allocations minus deallocations before a collection of generation 0
MIDDLE = 20  # collections of generation 0 before one of generation 1
NEVER = 1_000_000  # collections of generation 1 before Python would start a full one by itself
LOOK = 5.0  # seconds between checks whether a full collection is due
DUE = 2  # collections of generation 1 after which a full one is worthwhile
OVERDUE = 50  # ... and after which it can't wait, to keep memory bounded


async def collect_when_quiet(quiet: Callable[[], bool]) -> None:
    """Run full garbage collections in idle moments, until cancelled.

    Objects that are alive at the start, mostly modules, are frozen: collections skip them.

    Args:
        quiet: Returns whether the server seems idle.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, NEVER)
    try:
        while True:
            await asyncio.sleep(LOOK)
            if is_due(gc.get_count()[2], quiet):
                gc.collect()
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def is_due(looks: int, quiet: Callable[[], bool]) -> bool:
    """Return whether to run a full collection now.

    Args:
        looks: Collections of generation 1 since the last full collection.
        quiet: Returns whether the server seems idle.
    """
    return looks >= OVERDUE or (looks >= DUE and quiet())
