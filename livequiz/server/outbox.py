"""What the use cases need of delivery, so that they know neither sockets nor frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from livequiz.protocol.messages import AnswerUpdate, Message, Removed
from livequiz.server.seats import HeldSeat


@dataclass(slots=True)
class Parcel:
    """A message on its way, encoded at most once whoever gets it.

    Attributes:
        event: Its event.
        message: What it says.
        frame: As delivery writes it to a connection; empty until somebody needs it.
    """

    event: str
    message: Message
    frame: bytes = field(default=b"", repr=False)


class Outbox(Protocol):
    """Sends messages to people, wherever they are connected."""

    async def to_student(
        self, meeting_id: str, student_id: str, event: str, message: Message
    ) -> None:
        """Send to one student."""

    async def pack(
        self, event: str, messages: Iterable[tuple[str, Message]]
    ) -> list[tuple[str, Parcel]]:
        """Make ready what students will be sent, by student id; all that can be done before."""

    async def to_each_student(self, meeting_id: str, parcels: Iterable[tuple[str, Parcel]]) -> None:
        """Send each student a message of its own, by student id."""

    async def to_students(self, meeting_id: str, event: str, message: Message) -> None:
        """Send the same to all students of a meeting."""

    async def to_instructors(self, meeting_id: str, event: str, message: Message) -> None:
        """Send to all instructors of a meeting."""

    async def answer_updates(self, meeting_id: str, updates: Sequence[AnswerUpdate]) -> None:
        """Send to all instructors, one by one or coalesced, as each asked for."""

    async def drop_student(self, seat: HeldSeat, message: Removed) -> None:
        """Tell the connection that held a seat why, and close it."""
