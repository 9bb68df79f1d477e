"""Timers that close rounds at their deadline. The deadlines themselves are in MongoDB."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from livequiz.domain.errors import QuizError
from livequiz.server.background import Tasks

log = logging.getLogger(__name__)

RETRY = 1.0  # seconds until a failed close is retried


class RoundTimers:
    """One timer for each meeting.

    Args:
        ring: Called with the id of a meeting whose round is due.
        tasks: Runs the calls.
    """

    def __init__(self, ring: Callable[[str], Awaitable[object]], tasks: Tasks) -> None:
        self._ring = ring
        self._tasks = tasks
        self._handles: dict[str, asyncio.TimerHandle] = {}

    def set(self, meeting_id: str, seconds: float) -> None:
        """Set a meeting's timer, replacing an earlier one."""
        self.cancel(meeting_id)
        loop = asyncio.get_running_loop()
        self._handles[meeting_id] = loop.call_later(max(0.0, seconds), self._due, meeting_id)

    def cancel(self, meeting_id: str) -> None:
        """Cancel a meeting's timer."""
        if handle := self._handles.pop(meeting_id, None):
            handle.cancel()

    def stop(self) -> None:
        """Cancel all timers."""
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
