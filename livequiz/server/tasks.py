"""Background tasks that are named, kept from being collected, and never fail in silence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from livequiz.domain.errors import QuizError

log = logging.getLogger(__name__)

AGAIN = 1.0  # seconds after which a task that has not ended is cancelled once more


class Tasks:
    """The background tasks of one server."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run a coroutine in the background."""
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._finished)
        return task

    async def cancel(self) -> None:
        """Cancel what still runs, and wait until it has ended."""
        running = {task for task in self._running if task is not asyncio.current_task()}
        while running:
            for task in running:
                task.cancel()
            # Of Python 3.11, `wait_for` forgets a cancellation that comes together with what it
            # waits for (https://github.com/python/cpython/issues/86296); so may a library.
            _, running = await asyncio.wait(running, timeout=AGAIN)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, QuizError):
            log.warning("The task %s failed: %s", task.get_name(), error)
        elif error is not None:
            log.error("The task %s failed", task.get_name(), exc_info=error)
