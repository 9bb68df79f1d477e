"""Departing students: stored in batches, and retried until MongoDB has them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar

from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import SeatKey
from livequiz.server.background import Tasks
from livequiz.server.cache.batching import BatchQueue
from livequiz.server.quiz.event_bus import AnswersNotExpected, EventBus, StudentGone
from livequiz.server.quiz.seats import HeldSeat, Seats

T = TypeVar("T")

AGAIN = 1.0  # seconds between retries
MOST_AT_ONCE = 500  # departures in one write


@dataclass(slots=True, eq=False)
class Departure:
    """One student's departure.

    Attributes:
        seat: The seat, with its student and connection.
        left: The student left on purpose; otherwise the connection dropped and they may return.
        tried: Set once the first write has succeeded or failed; a failed one is retried.
    """

    seat: HeldSeat
    left: bool
    tried: asyncio.Event = field(default_factory=asyncio.Event)


class Departures:
    """Stores departures, announces them, then stops rounds from waiting for the students.

    Batching: while MongoDB is away, all departures wait for one write, so that they don't use up
    the driver's threads.

    Args:
        store: Stores presence.
        seats: The students connected here.
        bus: Receives `StudentGone` and `AnswersNotExpected`.
        tasks: Runs the writes.
        now: The clock: aware UTC.
        away: Seconds for which a round waits for a student whose connection dropped.
    """

    def __init__(
        self,
        store: Store,
        seats: Seats,
        bus: EventBus,
        tasks: Tasks,
        *,
        now: Callable[[], datetime],
        away: float,
    ) -> None:
        self._store = store
        self._seats = seats
        self._tasks = tasks
        self._now = now
        self._away = away
        self._bus = bus
        self._batches = BatchQueue(self._leave, tasks, "departures", most=MOST_AT_ONCE)

    def add(self, seat: HeldSeat, *, left: bool) -> Departure:
        """Queue the departure of a student whose connection no longer holds their seat."""
        departure = Departure(seat, left)
        self._batches.add([departure])
        return departure

    async def _leave(self, batch: Sequence[Departure]) -> None:
        # Of several departures from one seat, only the newest counts.
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
            if self._seats.get(seat.key) is None:  # else they have reconnected
                await self._bus.publish(StudentGone(seat.student, reason))

    async def _until_stored(
        self, versions: dict[SeatKey, int], batch: Sequence[Departure]
    ) -> Collection[SeatKey]:
        async def leave() -> Collection[SeatKey]:
            try:
                return await self._store.participants.leave_seats(versions, self._now())
            except QuizError:
                _tried(batch)
                raise

        return await _insist(leave)

    async def _wait_for_return(self, dropped: Sequence[HeldSeat]) -> None:
        """Give students whose connection dropped some time to reconnect."""
        if not dropped:
            return
        await asyncio.sleep(self._away)
        away = {seat.key: seat for seat in dropped if self._seats.get(seat.key) is None}
        stored = await _insist(lambda: self._store.participants.seats(away.keys()))
        # Whoever joined elsewhere meanwhile has a newer version of the seat.
        versions = {key: seat.version for key, seat in stored.items()}
        await self._stop_waiting([s for s in away.values() if versions.get(s.key) == s.version])

    async def _stop_waiting(self, gone: Sequence[HeldSeat]) -> None:
        by_meeting: defaultdict[str, set[str]] = defaultdict(set)
        for seat in gone:
            if self._seats.get(seat.key) is None:
                by_meeting[seat.student.meeting_id].add(seat.student.id)
        for meeting_id, student_ids in by_meeting.items():
            event = AnswersNotExpected(meeting_id, student_ids)
            await _insist(partial(self._bus.publish, event))


async def _insist(work: Callable[[], Awaitable[T]]) -> T:
    """Return the result of work that needs MongoDB, retrying while it is unavailable."""
    while True:
        try:
            return await work()
        except QuizError as error:
            if error.code is not Code.UNAVAILABLE:
                raise
        await asyncio.sleep(AGAIN)


def _tried(batch: Sequence[Departure]) -> None:
    for departure in batch:
        departure.tried.set()
