"""Sends messages to rooms, so that callers need not know how many processes there are."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence

import socketio

from livequiz.protocol import events
from livequiz.protocol.codec import encode, encode_event
from livequiz.protocol.message import Message
from livequiz.protocol.messages import AnswerUpdate, AnswerUpdates, Removed
from livequiz.protocol.websocket import text_frame
from livequiz.server.background import Tasks
from livequiz.server.quiz.notifier import EncodedMessage
from livequiz.server.quiz.seats import HeldSeat
from livequiz.server.transport.fast_sockets import EVENT, FastSockets
from livequiz.server.transport.room_index import RoomIndex

log = logging.getLogger(__name__)

COALESCE = 0.1  # seconds between batches of answer updates
BREATH = 250  # messages per fan-out step, before yielding to the event loop


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
    """Return the room of the instructors who want answer updates in batches, or one by one."""
    return f"updates-{'batch' if batch else 'single'}:{meeting_id}"


class Emitter:
    """Sends messages through a Socket.IO server.

    Args:
        sio: The Socket.IO server.
        sockets: The connections of the fast path, if it is on.
    """

    def __init__(self, sio: socketio.AsyncServer, sockets: FastSockets | None = None) -> None:
        self._sio = sio
        # Another manager must also publish to other processes, so leave sending to the library.
        self._sockets = sockets if type(sio.manager) is RoomIndex else None
        self._tasks = Tasks()
        self._pending: defaultdict[str, list[AnswerUpdate]] = defaultdict(list)

    async def to_socket(self, sid: str, event: str, message: Message) -> None:
        """Send to one connection."""
        await self._send(event, message, sid)

    async def to_student(
        self, meeting_id: str, student_id: str, event: str, message: Message
    ) -> None:
        """Send to one student."""
        await self._send(event, message, student_room(meeting_id, student_id))

    async def pack(
        self, event: str, messages: Iterable[tuple[str, Message]]
    ) -> list[tuple[str, EncodedMessage]]:
        """Encode messages ahead of a fan-out; takes and returns pairs of student id and message."""
        packed = []
        for number, (student_id, message) in enumerate(messages, 1):
            encoded = EncodedMessage(event, message)
            if self._sockets is not None:
                _framed(encoded)
            packed.append((student_id, encoded))
            if number % BREATH == 0:
                await asyncio.sleep(0)
        return packed

    async def to_each_student(
        self, meeting_id: str, encoded: Iterable[tuple[str, EncodedMessage]]
    ) -> None:
        """Fan out: send each student their own message."""
        for number, (student_id, message) in enumerate(encoded, 1):
            await self._deliver(message, student_room(meeting_id, student_id))
            if number % BREATH == 0:
                await asyncio.sleep(0)

    async def to_students(self, meeting_id: str, event: str, message: Message) -> None:
        """Broadcast a message to all students of a meeting."""
        await self._send(event, message, students_room(meeting_id))

    async def to_instructors(self, meeting_id: str, event: str, message: Message) -> None:
        """Broadcast to all instructors of a meeting, after any pending answer updates."""
        await self._flush(meeting_id)
        await self._send(event, message, instructors_room(meeting_id))

    async def answer_updates(self, meeting_id: str, updates: Sequence[AnswerUpdate]) -> None:
        """Send answer updates to all instructors, one by one or batched, as each asked for."""
        if not self._pending[meeting_id]:
            self._tasks.spawn(self._flush_later(meeting_id), f"updates-{meeting_id}")
        self._pending[meeting_id] += updates
        room = updates_room(meeting_id, batch=False)
        for update in updates:
            await self._send(events.ANSWER_UPDATE, update, room)

    async def drop_student(self, seat: HeldSeat, message: Removed) -> None:
        """Send the connection that held a seat the reason, and close it."""
        for room in (student_room(*seat.key), students_room(seat.key[0])):
            await self._sio.leave_room(seat.socket_id, room)
        await self._send(events.REMOVED, message, seat.socket_id)
        await self._sio.disconnect(seat.socket_id)

    async def stop(self) -> None:
        """Cancel pending batches."""
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
        await self._send(events.ANSWER_UPDATES, batch, room)

    async def _send(self, event: str, message: Message, room: str) -> None:
        await self._deliver(EncodedMessage(event, message), room)

    async def _deliver(self, message: EncodedMessage, room: str) -> None:
        """Send to all members of a room."""
        if self._sockets is None:
            await self._sio.emit(message.event, encode(message.message), room=room)
            return
        for sid in self._write(self._sockets, message, room):
            await self._sio.emit(message.event, encode(message.message), to=sid)

    def _write(self, sockets: FastSockets, message: EncodedMessage, room: str) -> list[str]:
        """Write to a room's members on the fast path; return the Socket.IO ids of the others."""
        members = self._sio.manager.members(room)
        return [
            sid for sid, connection in members if not sockets.send(connection, _framed(message))
        ]


def _framed(message: EncodedMessage) -> bytes:
    if not message.frame:
        message.frame = text_frame(EVENT + encode_event(message.event, message.message))
    return message.frame
