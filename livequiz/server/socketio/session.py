"""The identity behind a connection, from which its permissions follow."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import SeatKey, Way
from livequiz.server.quiz.seats import HeldSeat
from livequiz.server.transport.connections import Connection


@dataclass(slots=True)
class ConnectionSession:
    """The session of one connection.

    Attributes:
        sid: Its Socket.IO id.
        connection: The underlying Engine.IO connection.
        token: The instructor token that the handshake carried.
        resume_token: The resume token that the handshake carried.
        question_types: The question types that the client supports, according to the handshake.
        way: How its student would take part, according to the handshake.
        turn: Lock held while the connection is bound or unbound: a client may send a join and a
            leave at the same time, and disconnect before either completes.
    """

    sid: str
    connection: Connection
    token: str | None = None
    resume_token: str | None = None
    question_types: list[str] | None = None
    way: Way | None = None
    seat: HeldSeat | None = None
    instructor: tuple[str, str] | None = None  # (meeting id, instructor id)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def address(self) -> str:
        """The client's IP address."""
        return self.connection.address or ""

    @property
    def student(self) -> SeatKey | None:
        """The seat that it still holds, if any: a newer connection may have taken it."""
        return None if self.seat is None or self.seat.lost else self.seat.key

    @property
    def joined(self) -> bool:
        """Whether it is in a meeting."""
        return self.student is not None or self.instructor is not None

    def as_student(self, student_id: str | None = None) -> tuple[str, str]:
        """Return (meeting id, student id).

        Raises:
            QuizError: `not_joined`; `forbidden` if `student_id` is another student's.
        """
        if self.student is None:
            raise QuizError(Code.NOT_JOINED, "Join a meeting first.")
        if student_id is not None and student_id != self.student[1]:
            message = "You can only answer for yourself."
            raise QuizError(Code.FORBIDDEN, message, "student_id")
        return self.student

    def as_instructor(self, meeting_id: str) -> str:
        """Return the meeting's id in canonical form (upper case).

        Raises:
            QuizError: `unauthorized`; `forbidden` if another meeting was joined.
        """
        if self.instructor is None:
            message = "Only an instructor can do that. Join as an instructor first."
            raise QuizError(Code.UNAUTHORIZED, message)
        if meeting_id.upper() != self.instructor[0]:
            message = f"You joined {self.instructor[0]}, not this meeting."
            raise QuizError(Code.FORBIDDEN, message, "meeting_id")
        return self.instructor[0]
