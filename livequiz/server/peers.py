"""Who is behind a connection of this process: what a socket may do follows from it alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from livequiz.db.participants import SeatKey
from livequiz.domain.errors import Code, QuizError
from livequiz.server.gate import Connection
from livequiz.server.seats import HeldSeat


@dataclass(slots=True)
class Peer:
    """One connection.

    Attributes:
        sid: Its name in Socket.IO.
        connection: What is below it.
        token: The instructor token that the handshake carried.
        resume_token: The resume token that the handshake carried.
        question_types: What the handshake says that the client can show.
        turn: Held while it is decided who the connection stands for: a client may send a join and
            a leave at once, and drop before either is through.
    """

    sid: str
    connection: Connection
    token: str | None = None
    resume_token: str | None = None
    question_types: list[str] | None = None
    seat: HeldSeat | None = None
    instructor: tuple[str, str] | None = None  # (meeting id, instructor id)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def address(self) -> str:
        """The IP address at its other end."""
        return self.connection.address or ""

    @property
    def student(self) -> SeatKey | None:
        """The seat that it holds, if it does: a newer connection may have taken it."""
        return None if self.seat is None or self.seat.lost else self.seat.key

    @property
    def joined(self) -> bool:
        """Whether it is in a meeting."""
        return self.student is not None or self.instructor is not None

    def as_student(self, student_id: str | None = None) -> tuple[str, str]:
        """Return (meeting id, student id).

        Raises:
            QuizError: `not_joined`; `forbidden` if `student_id` is somebody else.
        """
        if self.student is None:
            raise QuizError(Code.NOT_JOINED, "Join a meeting first.")
        if student_id is not None and student_id != self.student[1]:
            message = "You can only answer for yourself."
            raise QuizError(Code.FORBIDDEN, message, "student_id")
        return self.student

    def as_instructor(self, meeting_id: str) -> str:
        """Return the meeting's id in its one form.

        Raises:
            QuizError: `unauthorized`; `forbidden` if another meeting was joined.
        """
        if self.instructor is None:
            message = "Only an instructor can do that; join as one first."
            raise QuizError(Code.UNAUTHORIZED, message)
        if meeting_id.upper() != self.instructor[0]:
            message = f"You joined {self.instructor[0]}, not this meeting."
            raise QuizError(Code.FORBIDDEN, message, "meeting_id")
        return self.instructor[0]
