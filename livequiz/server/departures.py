"""Students who go: kept until MongoDB has it, and stored for many at once."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar

from livequiz.db.participants import Seat, SeatKey
from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.server.batches import Batches
from livequiz.server.seats import HeldSeat, Seats
from livequiz.server.tasks import Tasks

T = TypeVar("T")

AGAIN = 1.0  # seconds between two tries
MOST_AT_ONCE = 500  # departures in one write


@dataclass(slots=True, eq=False)
class Departure:
    """One student who went.

    Attributes:
        seat: Whose seat, and which connection had it.
        left: They said so; else the connection was lost, and they may come back.
        tried: MongoDB was told, or could not be reached; then it will be.
    """

    seat: HeldSeat
    left: bool
    tried: asyncio.Event = field(default_factory=asyncio.Event)


class Departures:
    """Stores who went, tells it, and then lets rounds go on without them.

    While MongoDB is away all of them wait for one write: it must not take the driver's threads
    from everybody else.

    Args:
        store: Where presence is kept.
        seats: Who is here.
        tasks: Where the writes run.
        now: The clock: aware UTC.
        away: Seconds for which a round waits for who only dropped.
        told: Is called with each student who is no longer connected, and why.
        ended: Is called with a meeting, and the ids for whom no round is to wait any more.
    """

    def __init__(
        self,
        store: Store,
        seats: Seats,
        tasks: Tasks,
        *,
        now: Callable[[], datetime],
        away: float,
        told: Callable[[HeldSeat, str], Awaitable[None]],
        ended: Callable[[str, Collection[str]], Awaitable[None]],
    ) -> None:
        self._store = store
        self._seats = seats
        self._tasks = tasks
        self._now = now
        self._away = away
        self._told = told
        self._ended = ended
        self._batches = Batches(self._leave, tasks, "departures", most=MOST_AT_ONCE)

    def add(self, seat: HeldSeat, *, left: bool) -> Departure:
        """Take in that a connection no longer stands for its student."""
        departure = Departure(seat, left)
        self._batches.add([departure])
        return departure

    async def _leave(self, batch: Sequence[Departure]) -> None:
        # Who left twice left the last time.
        newest = {d.seat.key: d for d in sorted(batch, key=lambda d: d.seat.version)}
        versions = {key: departure.seat.version for key, departure in newest.items()}
        try:
            gone = await self._until_stored(versions, batch)
            mine = [departure for key, departure in newest.items() if key in gone]
            left = [departure.seat for departure in mine if departure.left]
            dropped = [departure.seat for departure in mine if not departure.left]
            await self._tell(left, "left")
            await self._tell(dropped, "disconnected")
            self._tasks.spawn(self._stop_waiting(left), "left")
            self._tasks.spawn(self._wait_for_return(dropped), "away")
        finally:
            _tried(batch)

    async def _tell(self, gone: Sequence[HeldSeat], reason: str) -> None:
        for seat in gone:
            if self._seats.get(seat.key) is None:  # else they are back already
                await self._told(seat, reason)

    async def _until_stored(
        self, versions: dict[SeatKey, int], batch: Sequence[Departure]
    ) -> Collection[SeatKey]:
        async def leave() -> Collection[SeatKey]:
            try:
                return await self._store.people.leave_seats(versions, self._now())
            except QuizError:
                _tried(batch)
                raise

        return await _insist(leave)

    async def _wait_for_return(self, dropped: Sequence[HeldSeat]) -> None:
        """Give who only dropped some time to come back: networks do."""
        if not dropped:
            return
        await asyncio.sleep(self._away)
        away = {seat.key: seat for seat in dropped if self._seats.get(seat.key) is None}
        stored = await _insist(lambda: self._store.people.seats(away.keys()))
        await self._stop_waiting([s for s in away.values() if _still(s, stored.get(s.key))])

    async def _stop_waiting(self, gone: Sequence[HeldSeat]) -> None:
        by_meeting: defaultdict[str, set[str]] = defaultdict(set)
        for seat in gone:
            if self._seats.get(seat.key) is None:
                by_meeting[seat.student.meeting_id].add(seat.student.id)
        for meeting_id, student_ids in by_meeting.items():
            await _insist(partial(self._ended, meeting_id, student_ids))


async def _insist(work: Callable[[], Awaitable[T]]) -> T:
    """Return what comes of work that needs MongoDB, as soon as it answers."""
    while True:
        try:
            return await work()
        except QuizError as error:
            if error.code is not Code.UNAVAILABLE:
                raise
        await asyncio.sleep(AGAIN)


def _still(seat: HeldSeat, stored: Seat | None) -> bool:
    return stored is not None and stored.version == seat.version


def _tried(batch: Sequence[Departure]) -> None:
    for departure in batch:
        departure.tried.set()
