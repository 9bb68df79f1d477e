"""Which connections hear what."""

from __future__ import annotations

import socketio

from livequiz.domain.errors import Code, QuizError
from livequiz.server.delivery import instructors_room, student_room, students_room, updates_room
from livequiz.server.seats import HeldSeat


class Rooms:
    """Puts connections into rooms.

    Args:
        sio: The Socket.IO server.
    """

    def __init__(self, sio: socketio.AsyncServer) -> None:
        self._sio = sio

    async def enter_student(self, seat: HeldSeat) -> None:
        """Let the connection that holds a seat hear what its student and all students are told.

        Raises:
            QuizError: `not_joined` if it has ended, or a newer one took the seat.
        """
        if seat.lost:
            raise ended()
        self._require(seat.socket_id)
        await self._sio.enter_room(seat.socket_id, student_room(*seat.key))
        await self._sio.enter_room(seat.socket_id, students_room(seat.key[0]))
        seat.seated = True

    async def exit_student(self, seat: HeldSeat) -> None:
        """The reverse."""
        await self._sio.leave_room(seat.socket_id, student_room(*seat.key))
        await self._sio.leave_room(seat.socket_id, students_room(seat.key[0]))

    def connected(self, sid: str) -> bool:
        """Whether a connection is alive."""
        return bool(self._sio.manager.is_connected(sid, "/"))

    async def enter_instructor(self, sid: str, meeting_id: str, *, batch: bool) -> None:
        """Let a connection hear what instructors are told.

        Raises:
            QuizError: `not_joined` if it has ended.
        """
        self._require(sid)
        for room in list(self._sio.rooms(sid)):
            if room != sid:
                await self._sio.leave_room(sid, room)
        await self._sio.enter_room(sid, instructors_room(meeting_id))
        await self._sio.enter_room(sid, updates_room(meeting_id, batch=batch))

    def _require(self, sid: str) -> None:
        """Make sure of a connection; the library would keep an empty room for one that ended."""
        if not self.connected(sid):
            raise ended()


def ended() -> QuizError:
    """Return the error for a connection that ended while its request was handled."""
    return QuizError(Code.NOT_JOINED, "This connection has ended.")
