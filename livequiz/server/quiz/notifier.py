"""The interface through which use cases send messages, independent of the transport."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from livequiz.protocol.message import Message
from livequiz.protocol.messages import AnswerUpdate, Removed
from livequiz.server.quiz.seats import HeldSeat


@dataclass(slots=True)
class EncodedMessage:
    """An outgoing message that is encoded at most once for all its recipients.

    Attributes:
        event: The event's name.
        message: The payload.
        frame: The encoded frame; empty until it is first needed.
    """

    event: str
    message: Message
    frame: bytes = field(default=b"", repr=False)


class Notifier(Protocol):
    """Sends messages to students and instructors."""

    async def to_student(
        self, meeting_id: str, student_id: str, event: str, message: Message
    ) -> None:
        """Send to one student."""

    async def pack(
        self, event: str, messages: Iterable[tuple[str, Message]]
    ) -> list[tuple[str, EncodedMessage]]:
        """Encode messages to students in advance, by student id."""

    async def to_each_student(
        self, meeting_id: str, encoded: Iterable[tuple[str, EncodedMessage]]
    ) -> None:
        """Send each student their own message, by student id."""

    async def to_students(self, meeting_id: str, event: str, message: Message) -> None:
        """Broadcast a message to all students of a meeting."""

    async def to_instructors(self, meeting_id: str, event: str, message: Message) -> None:
        """Broadcast a message to all instructors of a meeting."""

    async def answer_updates(self, meeting_id: str, updates: Sequence[AnswerUpdate]) -> None:
        """Send answers to all instructors, singly or coalesced as each has asked."""

    async def drop_student(self, seat: HeldSeat, message: Removed) -> None:
        """Send the connection that held a seat the reason, then close it."""
