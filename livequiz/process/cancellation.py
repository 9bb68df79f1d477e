"""Cancels tasks until they have ended: one cancellation may be lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

AGAIN = 1.0  # seconds until a task that has not ended is cancelled again


async def cancel(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks, and wait for them to end.

    In Python 3.11, `wait_for` loses a cancellation that races with its result
    (https://github.com/python/cpython/issues/86296); libraries may, too.
    """
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=AGAIN)
