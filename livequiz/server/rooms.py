"""Which connections hear what."""

from __future__ import annotations

import socketio

from livequiz.domain.errors import Code, QuizError
from livequiz.server.delivery import instructors_room, student_room, students_room, updates_room


class Rooms:
    """Puts connections into rooms.

    Args:
        sio: The Socket.IO server.
    """

    def __init__(self, sio: socketio.AsyncServer) -> None:
        self._sio = sio

    async def enter_student(self, sid: str, meeting_id: str, student_id: str) -> None:
        """Let a connection hear what its student and all students are told.

        Raises:
            QuizError: `not_joined` if it has ended.
        """
        self._require(sid)
        await self._sio.enter_room(sid, student_room(meeting_id, student_id))
        await self._sio.enter_room(sid, students_room(meeting_id))

    async def exit_student(self, sid: str, meeting_id: str, student_id: str) -> None:
        """The reverse."""
        await self._sio.leave_room(sid, student_room(meeting_id, student_id))
        await self._sio.leave_room(sid, students_room(meeting_id))

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
        if not self._sio.manager.is_connected(sid, "/"):
            raise QuizError(Code.NOT_JOINED, "This connection has ended.")
