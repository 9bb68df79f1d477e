"""Room membership of connections."""

from __future__ import annotations

import socketio

from livequiz.domain.errors import Code, QuizError
from livequiz.server.quiz.seats import HeldSeat
from livequiz.server.socketio.emitter import (
    instructors_room,
    student_room,
    students_room,
    updates_room,
)


class Rooms:
    """Adds connections to rooms, and removes them.

    Args:
        sio: The Socket.IO server.
    """

    def __init__(self, sio: socketio.AsyncServer) -> None:
        self._sio = sio

    async def enter_student(self, seat: HeldSeat) -> None:
        """Add a seat's connection to the rooms of its student and of all students.

        Raises:
            QuizError: `not_joined` if the connection has closed, or a newer one took the seat.
        """
        if seat.lost:
            raise ended()
        self._require(seat.socket_id)
        await self._sio.enter_room(seat.socket_id, student_room(*seat.key))
        await self._sio.enter_room(seat.socket_id, students_room(seat.key[0]))
        seat.seated = True

    async def exit_student(self, seat: HeldSeat) -> None:
        """Remove a seat's connection from those rooms."""
        await self._sio.leave_room(seat.socket_id, student_room(*seat.key))
        await self._sio.leave_room(seat.socket_id, students_room(seat.key[0]))

    def connected(self, sid: str) -> bool:
        """Whether a connection is open."""
        return bool(self._sio.manager.is_connected(sid, "/"))

    async def enter_instructor(self, sid: str, meeting_id: str, *, batch: bool) -> None:
        """Move a connection to the instructors' rooms of a meeting.

        Raises:
            QuizError: `not_joined` if the connection has closed.
        """
        self._require(sid)
        for room in list(self._sio.rooms(sid)):
            if room != sid:
                await self._sio.leave_room(sid, room)
        await self._sio.enter_room(sid, instructors_room(meeting_id))
        await self._sio.enter_room(sid, updates_room(meeting_id, batch=batch))

    def _require(self, sid: str) -> None:
        """Raise if a connection has closed: the library would leak a room for it."""
        if not self.connected(sid):
            raise ended()


def ended() -> QuizError:
    """Return the error for a connection that closed while its request was handled."""
    return QuizError(Code.NOT_JOINED, "This connection has ended.")
