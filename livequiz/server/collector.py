"""Full garbage collections, moved to where nobody waits for them.

Python's collector looks at everything that is alive once enough was made since it last did. With
thousands of students that is a pause of some tenths of a second, and it comes where much is made:
while questions are drawn, or answers come in.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

YOUNG = 10_000  # objects that are made, less those that are gone, before the youngest are looked at
MIDDLE = 20  # such looks before one at those that survived the first
NEVER = 1_000_000  # looks of the second kind before Python would look at everything by itself
LOOK = 5.0  # seconds between two looks at whether a full collection is due
DUE = 2  # looks of the second kind after which a full collection is worth its while
OVERDUE = 50  # ... and after which it can't wait, so that memory stays bounded


async def collect_when_quiet(quiet: Callable[[], bool]) -> None:
    """Collect garbage in quiet moments, until it is cancelled.

    What is alive when it begins, the modules above all, is never looked at again.

    Args:
        quiet: Whether nobody waits for anything, as far as one can tell.
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
    """Return whether to collect now.

    Args:
        looks: Looks of the second kind since the last full collection.
        quiet: Whether nobody waits for anything.
    """
    return looks >= OVERDUE or (looks >= DUE and quiet())
