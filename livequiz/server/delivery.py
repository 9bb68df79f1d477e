"""The only place that emits: messages to rooms, so that one process or many do the same."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence

import socketio

from livequiz.protocol import events
from livequiz.protocol.codec import encode
from livequiz.protocol.messages import AnswerUpdate, AnswerUpdates, Message, Removed
from livequiz.server.tasks import Tasks

log = logging.getLogger(__name__)

COALESCE = 0.1  # seconds between two batches of answer updates


def student_room(meeting_id: str, student_id: str) -> str:
    """Return the room of one student's connections."""
    return f"student:{meeting_id}:{student_id}"


def students_room(meeting_id: str) -> str:
    """Return the room of all students of a meeting."""
    return f"students:{meeting_id}"


def instructors_room(meeting_id: str) -> str:
    """Return the room of all instructors of a meeting."""
    return f"instructors:{meeting_id}"


def updates_room(meeting_id: str, *, batch: bool) -> str:
    """Return the room of the instructors that want answers in batches, or one by one."""
    return f"updates-{'batch' if batch else 'single'}:{meeting_id}"


class Delivery:
    """Sends messages through a Socket.IO server.

    Args:
        sio: The server.
        tasks: Where the batches wait.
    """

    def __init__(self, sio: socketio.AsyncServer) -> None:
        self._sio = sio
        self._tasks = Tasks()
        self._pending: defaultdict[str, list[AnswerUpdate]] = defaultdict(list)

    async def to_socket(self, sid: str, event: str, message: Message) -> None:
        """Send to one connection."""
        await self._sio.emit(event, encode(message), to=sid)

    async def to_student(
        self, meeting_id: str, student_id: str, event: str, message: Message
    ) -> None:
        """Send to one student."""
        await self._sio.emit(event, encode(message), room=student_room(meeting_id, student_id))

    async def to_students(self, meeting_id: str, event: str, message: Message) -> None:
        """Send the same to all students of a meeting."""
        await self._sio.emit(event, encode(message), room=students_room(meeting_id))

    async def to_instructors(self, meeting_id: str, event: str, message: Message) -> None:
        """Send to all instructors of a meeting, after the answers that came before it."""
        await self._flush(meeting_id)
        await self._sio.emit(event, encode(message), room=instructors_room(meeting_id))

    async def answer_updates(self, meeting_id: str, updates: Sequence[AnswerUpdate]) -> None:
        """Send to all instructors, one by one or coalesced, as each asked for."""
        if not self._pending[meeting_id]:
            self._tasks.spawn(self._flush_later(meeting_id), f"updates-{meeting_id}")
        self._pending[meeting_id] += updates
        room = updates_room(meeting_id, batch=False)
        for update in updates:
            await self._sio.emit(events.ANSWER_UPDATE, encode(update), room=room)

    async def drop_student(
        self, meeting_id: str, student_id: str, message: Removed, *, keep: str | None = None
    ) -> None:
        """Tell a student why, and close its connections, but not the one to keep."""
        room = student_room(meeting_id, student_id)
        await self._sio.emit(events.REMOVED, encode(message), room=room, skip_sid=keep)
        participants = self._sio.manager.get_participants("/", room)
        sids = [sid for sid, _ in participants if sid != keep]
        for sid in sids:
            await self._sio.leave_room(sid, room)
            await self._sio.leave_room(sid, students_room(meeting_id))
            await self._sio.disconnect(sid)

    async def stop(self) -> None:
        """End the batches that wait."""
        await self._tasks.cancel()

    async def _flush_later(self, meeting_id: str) -> None:
        await asyncio.sleep(COALESCE)
        await self._flush(meeting_id)

    async def _flush(self, meeting_id: str) -> None:
        updates = self._pending.pop(meeting_id, None)
        if not updates:
            return
        batch = AnswerUpdates(updates=updates, stats=updates[-1].stats, dropped=0)
        room = updates_room(meeting_id, batch=True)
        await self._sio.emit(events.ANSWER_UPDATES, encode(batch), room=room)
