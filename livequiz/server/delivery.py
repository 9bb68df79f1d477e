"""The only place that emits: messages to rooms, so that one process or many do the same."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence

import socketio

from livequiz.protocol import events
from livequiz.protocol.codec import encode, encode_event
from livequiz.protocol.messages import AnswerUpdate, AnswerUpdates, Message, Removed
from livequiz.server.lane import EVENT, Lane, text_frame
from livequiz.server.manager import Manager
from livequiz.server.outbox import Parcel
from livequiz.server.seats import HeldSeat
from livequiz.server.tasks import Tasks

log = logging.getLogger(__name__)

COALESCE = 0.1  # seconds between two batches of answer updates
BREATH = 250  # messages after which a fan-out lets others have a turn


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
        lane: Its fast path, if it has one.
    """

    def __init__(self, sio: socketio.AsyncServer, lane: Lane | None = None) -> None:
        self._sio = sio
        # Another manager has to tell other processes, too; that is the library's to do.
        self._lane = lane if type(sio.manager) is Manager else None
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
    ) -> list[tuple[str, Parcel]]:
        """Make ready what students will be sent, by student id; all that can be done before."""
        packed = []
        for number, (student_id, message) in enumerate(messages, 1):
            parcel = Parcel(event, message)
            if self._lane is not None:
                _framed(parcel)
            packed.append((student_id, parcel))
            if number % BREATH == 0:
                await asyncio.sleep(0)
        return packed

    async def to_each_student(self, meeting_id: str, parcels: Iterable[tuple[str, Parcel]]) -> None:
        """Send each student a message of its own."""
        for number, (student_id, parcel) in enumerate(parcels, 1):
            await self._deliver(parcel, student_room(meeting_id, student_id))
            if number % BREATH == 0:
                await asyncio.sleep(0)

    async def to_students(self, meeting_id: str, event: str, message: Message) -> None:
        """Send the same to all students of a meeting."""
        await self._send(event, message, students_room(meeting_id))

    async def to_instructors(self, meeting_id: str, event: str, message: Message) -> None:
        """Send to all instructors of a meeting, after the answers that came before it."""
        await self._flush(meeting_id)
        await self._send(event, message, instructors_room(meeting_id))

    async def answer_updates(self, meeting_id: str, updates: Sequence[AnswerUpdate]) -> None:
        """Send to all instructors, one by one or coalesced, as each asked for."""
        if not self._pending[meeting_id]:
            self._tasks.spawn(self._flush_later(meeting_id), f"updates-{meeting_id}")
        self._pending[meeting_id] += updates
        room = updates_room(meeting_id, batch=False)
        for update in updates:
            await self._send(events.ANSWER_UPDATE, update, room)

    async def drop_student(self, seat: HeldSeat, message: Removed) -> None:
        """Tell the connection that held a seat why, and close it."""
        for room in (student_room(*seat.key), students_room(seat.key[0])):
            await self._sio.leave_room(seat.socket_id, room)
        await self._send(events.REMOVED, message, seat.socket_id)
        await self._sio.disconnect(seat.socket_id)

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
        await self._send(events.ANSWER_UPDATES, batch, room)

    async def _send(self, event: str, message: Message, room: str) -> None:
        await self._deliver(Parcel(event, message), room)

    async def _deliver(self, parcel: Parcel, room: str) -> None:
        """Send to all in a room."""
        if self._lane is None:
            await self._sio.emit(parcel.event, encode(parcel.message), room=room)
            return
        for sid in self._write(self._lane, parcel, room):
            await self._sio.emit(parcel.event, encode(parcel.message), to=sid)

    def _write(self, lane: Lane, parcel: Parcel, room: str) -> list[str]:
        """Write to all in a room that the fast path reaches; return the others."""
        members = self._sio.manager.members(room)
        return [sid for sid, connection in members if not lane.send(connection, _framed(parcel))]


def _framed(parcel: Parcel) -> bytes:
    if not parcel.frame:
        parcel.frame = text_frame(EVENT + encode_event(parcel.event, parcel.message))
    return parcel.frame
