"""Which connection of this process holds which seat: at most one, the one that took it last."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from livequiz.db.participants import SeatKey
from livequiz.domain.model import Student


@dataclass(slots=True, eq=False)
class HeldSeat:
    """A student's seat as one connection took it.

    Attributes:
        student: Who sits there.
        socket_id: The connection.
        version: What MongoDB counts: whoever takes the seat later has a higher one.
        lost: The connection holds it no more.
        seated: The connection hears what its student is told.
        asked: The id of the round whose question it was sent last.
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

    def asks(self, round_id: str) -> bool:
        """Whether to send the question of a round now; true once for each round."""
        if self.lost or not self.seated or self.asked == round_id:
            return False
        self.asked = round_id
        return True


class Seats:
    """The seats that connections of this process hold."""

    def __init__(self) -> None:
        self._held: defaultdict[str, dict[str, HeldSeat]] = defaultdict(dict)  # by meeting
        self._turns: WeakValueDictionary[SeatKey, asyncio.Lock] = WeakValueDictionary()

    def turn(self, key: SeatKey) -> asyncio.Lock:
        """Return the lock under which a seat is taken or freed here: in order of arrival."""
        lock = self._turns.get(key)
        if lock is None:
            lock = self._turns[key] = asyncio.Lock()
        return lock

    def changing(self, key: SeatKey) -> bool:
        """Whether a seat is being taken or freed right now."""
        lock = self._turns.get(key)
        return lock is not None and lock.locked()

    def get(self, key: SeatKey) -> HeldSeat | None:
        """Return a seat if a connection holds it."""
        return self._held.get(key[0], {}).get(key[1])

    def of_meeting(self, meeting_id: str) -> Mapping[str, HeldSeat]:
        """Return the seats of a meeting, by student id."""
        return self._held.get(meeting_id, {})

    def meetings(self) -> list[str]:
        """Return the meetings in which somebody has a seat."""
        return list(self._held)

    def sockets(self) -> list[str]:
        """Return all connections that hold a seat."""
        return [seat.socket_id for held in self._held.values() for seat in held.values()]

    def take(self, seat: HeldSeat) -> HeldSeat | None:
        """Note that a connection took a seat; return who held it before, and lost it."""
        before = self.get(seat.key)
        if before is not None:
            before.lost = True
        self._held[seat.key[0]][seat.key[1]] = seat
        return before

    def give_up(self, seat: HeldSeat) -> bool:
        """Note that a connection holds a seat no more; return whether it did."""
        if seat.lost:
            return False
        seat.lost = True
        held = self._held[seat.key[0]]
        del held[seat.key[1]]
        if not held:
            del self._held[seat.key[0]]
        return True

    def asks(self, meeting_id: str, student_id: str, round_id: str) -> bool:
        """Whether to send somebody here the question of a round now; true once for each."""
        seat = self.get((meeting_id, student_id))
        return seat is not None and seat.asks(round_id)
