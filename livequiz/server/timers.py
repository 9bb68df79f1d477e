"""Closes rounds at their deadline. The deadline itself is in MongoDB; this only wakes up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from livequiz.domain.errors import QuizError
from livequiz.server.tasks import Tasks

log = logging.getLogger(__name__)

RETRY = 1.0  # seconds until a close that the database refused is tried again


class Timers:
    """One alarm a meeting.

    Args:
        ring: Is called with the meeting whose round is due.
        tasks: Where the alarms run.
    """

    def __init__(self, ring: Callable[[str], Awaitable[object]], tasks: Tasks) -> None:
        self._ring = ring
        self._tasks = tasks
        self._handles: dict[str, asyncio.TimerHandle] = {}

    def set(self, meeting_id: str, seconds: float) -> None:
        """Ring for a meeting in that many seconds; an earlier alarm of it is forgotten."""
        self.cancel(meeting_id)
        loop = asyncio.get_running_loop()
        self._handles[meeting_id] = loop.call_later(max(0.0, seconds), self._due, meeting_id)

    def cancel(self, meeting_id: str) -> None:
        """Forget a meeting's alarm."""
        if handle := self._handles.pop(meeting_id, None):
            handle.cancel()

    def stop(self) -> None:
        """Forget all alarms."""
        for meeting_id in list(self._handles):
            self.cancel(meeting_id)

    def _due(self, meeting_id: str) -> None:
        self._handles.pop(meeting_id, None)
        self._tasks.spawn(self._fire(meeting_id), f"close-round-{meeting_id}")

    async def _fire(self, meeting_id: str) -> None:
        try:
            await self._ring(meeting_id)
        except QuizError as error:
            log.warning("The round of %s can't be closed yet: %s", meeting_id, error)
            self.set(meeting_id, RETRY)
