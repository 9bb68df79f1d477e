"""Presence broadcast: coalesces joins and departures into updates of the number of students."""

from __future__ import annotations

import asyncio

from livequiz.db.store import Store
from livequiz.domain.errors import QuizError
from livequiz.protocol import events
from livequiz.protocol.messages import PresenceUpdated
from livequiz.server.background import Tasks
from livequiz.server.quiz.notifier import Notifier

AGAIN = 1.0  # seconds until a retry if MongoDB did not respond
SOONEST = 0.2  # minimum seconds from a change to its broadcast
# While a class joins, n joins would cause n * n messages; this limits each meeting's rate.
MESSAGES_A_SECOND = 500


class PresenceBroadcast:
    """Counts a meeting's connected students, and broadcasts the number to them.

    Args:
        store: Knows who is connected.
        notifier: Sends the broadcasts.
        tasks: Runs the delayed broadcasts.
    """

    def __init__(self, store: Store, notifier: Notifier, tasks: Tasks) -> None:
        self._store = store
        self._notifier = notifier
        self._tasks = tasks
        self._waiting: set[str] = set()
        self._last: dict[str, int] = {}  # last number broadcast, by meeting

    def changed(self, meeting_id: str) -> None:
        """Schedule a broadcast after a student has joined or left."""
        if meeting_id not in self._waiting:
            self._waiting.add(meeting_id)
            self._tasks.spawn(self._tell(meeting_id), f"class-size-{meeting_id}")

    async def _tell(self, meeting_id: str) -> None:
        await asyncio.sleep(max(SOONEST, self._last.get(meeting_id, 0) / MESSAGES_A_SECOND))
        self._waiting.discard(meeting_id)
        try:
            here = await self._store.participants.count_active(meeting_id)
        except QuizError:
            await asyncio.sleep(AGAIN)
            self.changed(meeting_id)  # there may be no other change to trigger it
            return
        self._last[meeting_id] = here
        message = PresenceUpdated(meeting_id=meeting_id, here=here)
        await self._notifier.to_students(meeting_id, events.PRESENCE_UPDATED, message)
