"""Starts a mongod again whenever it ends without having been asked to."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from livequiz.db.mongod.binary import MongodError

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.1  # seconds before a start; doubled while starts fail or do not last
LONGEST_PAUSE = 10.0  # seconds
STEADY = 60.0  # seconds that a mongod must live to be trusted again


def supervise(
    ended: Callable[[], Awaitable[int]], start: Callable[[], Awaitable[None]]
) -> asyncio.Task[None]:
    """Return the task that keeps a mongod alive until it is cancelled.

    Args:
        ended: Waits until the mongod of now has ended; returns its status.
        start: Starts another one, and raises MongodError if that fails.
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
        log.error("MongoDB ended unexpectedly (status %d); starting it again", status)
        if time.monotonic() - begun > STEADY:
            pause = FIRST_PAUSE
        pause = await _start_again(start, pause)


async def _start_again(start: Callable[[], Awaitable[None]], pause: float) -> float:
    """Try until it starts; return the seconds to pause next time."""
    while True:
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
        try:
            await start()
        except MongodError as error:
            log.error("MongoDB was not started again: %s", error)
        else:
            log.warning("MongoDB runs again")
            return pause


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("MongoDB is no longer watched", exc_info=error)
