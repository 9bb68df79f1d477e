"""Tells a class how many are here: soon after it changed, and not for every single join."""

from __future__ import annotations

import asyncio

from livequiz.db.store import Store
from livequiz.domain.errors import QuizError
from livequiz.protocol import events
from livequiz.protocol.messages import PresenceUpdated
from livequiz.server.outbox import Outbox
from livequiz.server.tasks import Tasks

AGAIN = 1.0  # seconds after which it is tried again if MongoDB did not answer
SOONEST = 0.2  # seconds from a change to the news of it
# A class that is let in tells everybody of everybody; this bounds the messages a second.
MESSAGES_A_SECOND = 500


class ClassSize:
    """Counts the students of a meeting who are connected, and tells them.

    Args:
        store: Knows who is connected.
        outbox: Reaches the students.
        tasks: Where the news waits.
    """

    def __init__(self, store: Store, outbox: Outbox, tasks: Tasks) -> None:
        self._store = store
        self._outbox = outbox
        self._tasks = tasks
        self._waiting: set[str] = set()
        self._last: dict[str, int] = {}  # what was told, by meeting

    def changed(self, meeting_id: str) -> None:
        """Somebody came or went."""
        if meeting_id not in self._waiting:
            self._waiting.add(meeting_id)
            self._tasks.spawn(self._tell(meeting_id), f"class-size-{meeting_id}")

    async def _tell(self, meeting_id: str) -> None:
        await asyncio.sleep(max(SOONEST, self._last.get(meeting_id, 0) / MESSAGES_A_SECOND))
        self._waiting.discard(meeting_id)
        try:
            here = await self._store.people.count_active(meeting_id)
        except QuizError:
            await asyncio.sleep(AGAIN)
            self.changed(meeting_id)  # nobody else might for the rest of the lesson
            return
        self._last[meeting_id] = here
        message = PresenceUpdated(meeting_id=meeting_id, here=here)
        await self._outbox.to_students(meeting_id, events.PRESENCE_UPDATED, message)
