"""The quiz service: every use case, whoever asks; it knows neither Socket.IO nor HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import random
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from livequiz.db.nodes import LEASE
from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Student
from livequiz.server.answers import Answers
from livequiz.server.audit import Audit, nowhere
from livequiz.server.bank import Bank
from livequiz.server.batches import Inquiry
from livequiz.server.deadlines import Deadlines
from livequiz.server.departures import Departures
from livequiz.server.drawing import Drawing
from livequiz.server.limits import Limits
from livequiz.server.live import LiveRound
from livequiz.server.loading import Meetings
from livequiz.server.neighbours import Neighbours
from livequiz.server.outbox import Outbox
from livequiz.server.people import People
from livequiz.server.presence import ClassSize
from livequiz.server.reconciling import Reconciling
from livequiz.server.recovery import Recovery
from livequiz.server.roster import Roster
from livequiz.server.rounds import Rounds
from livequiz.server.seats import HeldSeat, Seats
from livequiz.server.tasks import Tasks
from livequiz.server.timers import Timers
from livequiz.server.views import Views
from livequiz.server.watch import PATIENCE, Watch

Clock = Callable[[], datetime]

STARTING = 5.0  # seconds in which MongoDB has to answer at the start
LOOK_AROUND = 1.0  # seconds between two looks at what other servers did


def utc_now() -> datetime:
    """Return the time as MongoDB keeps it: UTC, in whole milliseconds."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the person who runs the server decided.

    Attributes:
        instructor_token: What instructors have to show.
        grace: Seconds after the deadline in which an answer still counts.
        away: Seconds after which a dropped student no longer holds a round open.
        open_ids: Anybody may take any student id, for clients that keep no token.
        open_meetings: A student's join opens a meeting.
        roster: Who may join, and under which names; None lets anybody join.
        limits: What one connection and one address may do.
    """

    instructor_token: str
    grace: float = 1.5
    away: float = 20.0
    open_ids: bool = False
    open_meetings: bool = False
    roster: Roster | None = None
    limits: Limits = Limits()


class QuizService:
    """All use cases on one store.

    Args:
        store: Where everything is kept.
        outbox: Reaches people.
        policy: What was decided.
        now: The clock: aware UTC.
        entropy: Where seeds come from.
    """

    def __init__(
        self,
        store: Store,
        outbox: Outbox,
        policy: Policy,
        *,
        now: Clock = utc_now,
        entropy: random.Random | None = None,
    ) -> None:
        self.store = store
        self.policy = policy
        self.now = now
        self.tasks = Tasks()
        self._stopped = False
        self.node_id = secrets.token_hex(8)
        self.connections: Callable[[], Collection[str]] = tuple  # the sockets say which they have
        self.audit: Audit = nowhere  # `serve` keeps a log
        self.bank = Bank(store.questions)
        self.meetings = Meetings(store)
        self.views = Views(store, self.bank, self.meetings, self.tasks, now)
        self.seats = Seats()
        self.people = People(
            store,
            self.meetings,
            self.seats,
            outbox,
            self.tasks,
            now=now,
            node_id=self.node_id,
            open_ids=policy.open_ids,
            open_meetings=policy.open_meetings,
            roster=policy.roster,
        )
        self.class_size = ClassSize(store, outbox, self.tasks)
        self.departures = Departures(
            store,
            self.seats,
            self.tasks,
            now=now,
            away=policy.away,
            told=self._tell_left,
            ended=self._stop_waiting,
        )
        reconciling = Reconciling(
            store, self.seats, self.departures, outbox, node_id=self.node_id, now=now
        )
        entropy = entropy or random.SystemRandom()
        drawing = Drawing(store, self.bank, self.meetings, now, entropy)
        self.timers = Timers(self._due, self.tasks)
        self.deadlines = Deadlines(
            store, self.meetings, outbox, self.timers, grace=policy.grace, now=now
        )
        self.recovery = Recovery(self.meetings, outbox, self.deadlines, store)
        self.watch = Watch(
            now,
            beat=self._beat,
            away=self.recovery.database_away,
            recovered=self.recovery.recovered,
        )
        self.deadlines.stalled = self.watch.stalled
        self.meetings.found = self._found
        self.rounds = Rounds(
            *(store, self.meetings, outbox, drawing, self.deadlines),
            seats=self.seats,
            reconciling=reconciling,
            now=now,
        )
        self.answers = Answers(
            store,
            self.meetings,
            outbox,
            self.tasks,
            grace=policy.grace,
            complete=self.rounds.close_if_complete,
            stalled=self.watch.stalled,
        )
        self.rounds.answers = self.recovery.answers = self.answers
        self.neighbours = Neighbours(
            store,
            self.node_id,
            self.meetings,
            reconciling,
            rounds=self.rounds,
            deadlines=self.deadlines,
            answers=self.answers,
            gone=self._node_gone,
            now=now,
        )
        self.recovery.look = self.neighbours.look
        # However many ask at once, whether MongoDB answers is asked for all of them together.
        self._readiness = Inquiry(self._ping, self.tasks, "readiness")

    def _found(self, live: LiveRound) -> None:
        """See to a round that was read from MongoDB: an earlier server may have left it open."""
        if live.accepting:
            self.deadlines.watch(live)
        self.answers.follow_up(live)

    async def _due(self, meeting_id: str) -> None:
        await self.rounds.close_due(meeting_id)

    async def start(self) -> None:
        """Take up what the last server left: rounds may be open."""
        await self.store.nodes.beat(self.node_id, STARTING)
        if not self.store.transactions:
            await self._require_no_other()
        running = await self.store.nodes.others(self.node_id)
        await self.store.people.leave_all_but(running, self.now())
        self.neighbours.know(set(running))
        await self.rounds.resume(alone=not running)
        for meeting in self.meetings.known():
            self.tasks.spawn(self._wait_for_class(meeting.id), f"away-{meeting.id}")
        self.tasks.spawn(self.watch.run(), "watch")
        self.tasks.spawn(self._look_around(), "neighbours")

    async def _require_no_other(self) -> None:
        """Refuse to be the second server on a MongoDB that has no transactions.

        Nothing would keep it from storing answers in a round that the other one closes.
        """
        nodes = self.store.nodes
        for _ in range(LEASE + 1):  # one that was killed is taken for alive that long
            others = await nodes.others(self.node_id)
            if not set(others) - set(await nodes.ended(self.node_id)):
                return
            await asyncio.sleep(1)
        await nodes.forget(self.node_id)
        message = (
            "Another LiveQuiz server works on this MongoDB, which takes one only, because it is "
            "no replica set. Stop the other server, or make it a replica set (one node is enough)."
        )
        raise QuizError(Code.CONFLICT, message)

    async def stop(self) -> None:
        """Store what was accepted, then end all background work."""
        self._stopped = True
        self.timers.stop()
        await self.answers.drain()
        await self.tasks.cancel()
        with contextlib.suppress(QuizError):  # else the lease will tell
            await self.store.people.leave_node(self.node_id, self.now())
            await self.store.nodes.forget(self.node_id)

    def quiet(self) -> bool:
        """Return whether no round is open."""
        return not any(meeting.open for meeting in self.meetings.known())

    async def _beat(self, patience: float) -> None:
        if await self.store.nodes.beat(self.node_id, patience):
            self.meetings.doubt()  # it was taken for ended, and everybody here for gone

    async def _look_around(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AROUND):
                    await self.meetings.doubted.wait()
            self.meetings.doubted.clear()
            with contextlib.suppress(QuizError):  # the watch tells of a database that is away
                await self.neighbours.look()

    async def _node_gone(self, student: Student) -> None:
        """Note that a student's connection ended with the server that had it."""
        if self.seats.get((student.meeting_id, student.id)) is not None:
            return  # they are here by now
        await self.people.tell_left(student, "disconnected")
        self.class_size.changed(student.meeting_id)
        await self._stop_waiting(student.meeting_id, [student.id])

    async def ready(self) -> None:
        """Return once MongoDB answered.

        Raises:
            QuizError: `unavailable` if it does not.
        """
        await self._readiness.about(self.node_id)

    async def _ping(self, _: Collection[str]) -> dict[str, None]:
        await self.store.nodes.ping(PATIENCE)
        return {}

    def is_instructor(self, token: str | None) -> bool:
        """Whether a token is the instructor's, compared in constant time."""
        expected = self.policy.instructor_token.encode()
        return token is not None and hmac.compare_digest(token.encode("utf-8", "replace"), expected)

    def require_instructor(self, token: str | None) -> None:
        """Check an instructor's token.

        Raises:
            QuizError: `unauthorized`.
        """
        if not self.is_instructor(token):
            message = "The instructor token is missing or wrong; `livequiz serve` shows it."
            raise QuizError(Code.UNAUTHORIZED, message, "token")

    async def remove_student(self, meeting_id: str, student_id: str, *, ban: bool) -> None:
        """Send a student out; a round no longer waits for it."""
        await self.people.remove(meeting_id, student_id, ban=ban)
        self.class_size.changed(meeting_id)
        await self._stop_waiting(meeting_id, [student_id])

    async def student_gone(self, seat: HeldSeat, *, left: bool) -> None:
        """Note that a student left, or that its connection dropped.

        A round does not wait for who left; for who only dropped it waits a while, because
        networks drop and come back.
        """
        if not self.seats.give_up(seat) or self._stopped:
            return  # if it is the server that goes, the next one starts with nobody connected
        departure = self.departures.add(seat, left=left)
        if left:
            await departure.tried.wait()

    async def _tell_left(self, seat: HeldSeat, reason: str) -> None:
        await self.people.tell_left(seat.student, reason)
        self.class_size.changed(seat.student.meeting_id)

    async def _wait_for_class(self, meeting_id: str) -> None:
        """Wait a while for everybody to come back after a restart."""
        await asyncio.sleep(self.policy.away)
        here = {student.id for student in await self.store.people.active_students(meeting_id)}
        live = (await self.meetings.get(meeting_id)).open
        if live is not None:
            live.left(live.assignments.keys() - here)
            await self.rounds.close_if_complete(meeting_id)

    async def _stop_waiting(self, meeting_id: str, student_ids: Collection[str]) -> None:
        live = (await self.meetings.get(meeting_id)).open
        if live is not None and not live.assignments.keys().isdisjoint(student_ids):
            live.left(student_ids)
            await self.rounds.close_if_complete(meeting_id)
