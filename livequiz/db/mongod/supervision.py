"""Supervises a mongod: restarts it, with exponential backoff, when it ends unexpectedly."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from livequiz.db.mongod.binary import MongodError

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.1  # seconds before a restart; doubled while restarts fail or don't last
LONGEST_PAUSE = 10.0  # seconds
STEADY = 60.0  # seconds of uptime that reset the backoff


def supervise(
    ended: Callable[[], Awaitable[int]], start: Callable[[], Awaitable[None]]
) -> asyncio.Task[None]:
    """Return the task that keeps a mongod alive until it is cancelled.

    Args:
        ended: Waits until the current mongod has ended; returns its exit status.
        start: Starts a new one; raises MongodError if that fails.
    """
    task = asyncio.create_task(_keep_alive(ended, start), name="mongod supervision")
    task.add_done_callback(_report)
    return task


async def _keep_alive(
    ended: Callable[[], Awaitable[int]], start: Callable[[], Awaitable[None]]
) -> None:
    pause = FIRST_PAUSE
    while True:
        begun = time.monotonic()
        status = await ended()
        log.error("MongoDB stopped unexpectedly (status %d); restarting it", status)
        if time.monotonic() - begun > STEADY:
            pause = FIRST_PAUSE
        pause = await _start_again(start, pause)


async def _start_again(start: Callable[[], Awaitable[None]], pause: float) -> float:
    """Retry until it starts; return the next pause in seconds."""
    while True:
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
        try:
            await start()
        except MongodError as error:
            log.error("MongoDB could not be restarted: %s", error)
        else:
            log.warning("MongoDB is running again")
            return pause


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("MongoDB is no longer watched", exc_info=error)
