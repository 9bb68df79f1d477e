"""Seats: each is held by at most one connection of this process, the latest to take it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from livequiz.domain.model import SeatKey, Student


@dataclass(slots=True, eq=False)
class HeldSeat:
    """A student's seat, as taken by one connection.

    Attributes:
        student: The student.
        socket_id: The connection's id.
        version: Fencing token from MongoDB: it increases whenever the seat changes hands.
        lost: Whether the connection no longer holds the seat.
        seated: Whether the connection has joined the student's rooms.
        asked: The id of the last round whose question was sent to the connection.
    """

    student: Student
    socket_id: str
    version: int
    lost: bool = False
    seated: bool = False
    asked: str | None = None
    key: SeatKey = field(init=False)

    def __post_init__(self) -> None:
        self.key = (self.student.meeting_id, self.student.id)

    def claim_question(self, round_id: str) -> bool:
        """Return whether to send a round's question now: True once for each round."""
        if self.lost or not self.seated or self.asked == round_id:
            return False
        self.asked = round_id
        return True


class Seats:
    """The seats held by connections of this process."""

    def __init__(self) -> None:
        self._held: defaultdict[str, dict[str, HeldSeat]] = defaultdict(dict)  # by meeting
        self._turns: WeakValueDictionary[SeatKey, asyncio.Lock] = WeakValueDictionary()

    def turn(self, key: SeatKey) -> asyncio.Lock:
        """Return the FIFO lock for taking or freeing a seat here."""
        lock = self._turns.get(key)
        if lock is None:
            lock = self._turns[key] = asyncio.Lock()
        return lock

    def changing(self, key: SeatKey) -> bool:
        """Return whether a seat is being taken or freed right now."""
        lock = self._turns.get(key)
        return lock is not None and lock.locked()

    def get(self, key: SeatKey) -> HeldSeat | None:
        """Return a seat, or None if no connection here holds it."""
        return self._held.get(key[0], {}).get(key[1])

    def of_meeting(self, meeting_id: str) -> Mapping[str, HeldSeat]:
        """Return a meeting's seats by student id."""
        return self._held.get(meeting_id, {})

    def meetings(self) -> list[str]:
        """Return the ids of meetings with a seat held here."""
        return list(self._held)

    def sockets(self) -> list[str]:
        """Return the ids of all connections that hold a seat."""
        return [seat.socket_id for held in self._held.values() for seat in held.values()]

    def take(self, seat: HeldSeat) -> HeldSeat | None:
        """Record that a connection took a seat; return the previous holder, now marked lost."""
        before = self.get(seat.key)
        if before is not None:
            before.lost = True
        self._held[seat.key[0]][seat.key[1]] = seat
        return before

    def give_up(self, seat: HeldSeat) -> bool:
        """Record that a connection gave up its seat; return False if it had already lost it."""
        if seat.lost:
            return False
        seat.lost = True
        held = self._held[seat.key[0]]
        del held[seat.key[1]]
        if not held:
            del self._held[seat.key[0]]
        return True

    def claim_question(self, meeting_id: str, student_id: str, round_id: str) -> bool:
        """Return whether to send a student here a round's question now: True once for each."""
        seat = self.get((meeting_id, student_id))
        return seat is not None and seat.claim_question(round_id)
