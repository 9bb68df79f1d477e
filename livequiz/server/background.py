"""Background tasks: named, kept referenced while they run, with failures logged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from livequiz.domain.errors import QuizError
from livequiz.process import cancellation

log = logging.getLogger(__name__)


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
        """Cancel all running tasks, except the current one, and wait for them to end."""
        current = asyncio.current_task()
        await cancellation.cancel(task for task in self._running if task is not current)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, QuizError):
            log.warning("The task %s failed: %s", task.get_name(), error)
        elif error is not None:
            log.error("The task %s failed", task.get_name(), exc_info=error)
