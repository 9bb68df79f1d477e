"""The quiz service: every use case, independent of Socket.IO and HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import random
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from livequiz.db.server_nodes import LEASE
from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import DrawRule, NeverTwice, PointsFor
from livequiz.domain.timing import GRACE
from livequiz.server.background import Tasks
from livequiz.server.cache.batching import BatchLoader
from livequiz.server.cache.meetings import MeetingCache
from livequiz.server.cache.questions import BankCache
from livequiz.server.limits import Limits
from livequiz.server.quiz.answers import Answers
from livequiz.server.quiz.assignment import RoundAssigner
from livequiz.server.quiz.audit_log import Audit, no_audit
from livequiz.server.quiz.cluster import ClusterSync
from livequiz.server.quiz.deadlines import Deadlines
from livequiz.server.quiz.departures import Departures
from livequiz.server.quiz.ease import EaseEstimates
from livequiz.server.quiz.event_bus import (
    AnswersNotExpected,
    DatabaseAway,
    EventBus,
    RoundComplete,
    RoundDue,
    RoundLoaded,
    StallEnded,
    StudentGone,
)
from livequiz.server.quiz.figures import FiguresView
from livequiz.server.quiz.health import PATIENCE, HealthMonitor
from livequiz.server.quiz.leaderboards import Leaderboards
from livequiz.server.quiz.notifier import Notifier
from livequiz.server.quiz.participants import Participants
from livequiz.server.quiz.practice import Practice
from livequiz.server.quiz.presence_broadcast import PresenceBroadcast
from livequiz.server.quiz.projection import ProjectionView
from livequiz.server.quiz.queries import Queries
from livequiz.server.quiz.question_records import QuestionRecords
from livequiz.server.quiz.reconciliation import SeatReconciler
from livequiz.server.quiz.roster import Roster
from livequiz.server.quiz.round_timers import RoundTimers
from livequiz.server.quiz.rounds import Rounds
from livequiz.server.quiz.seats import HeldSeat, Seats
from livequiz.server.quiz.seen_before import SeenBefore
from livequiz.server.quiz.stall_recovery import StallRecovery

Clock = Callable[[], datetime]

STARTING = 5.0  # timeout of the first heartbeat, in seconds
LOOK_AROUND = 1.0  # seconds between cluster syncs


def utc_now() -> datetime:
    """Return the current time in UTC, in whole milliseconds as MongoDB stores it."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's settings.

    Attributes:
        instructor_token: The token that instructors authenticate with.
        projector_token: The token that only lets see what the class may see; None: there is none.
        grace: Seconds after the deadline in which an answer still counts.
        away: Seconds after which a dropped student no longer holds a round open.
        open_ids: Anyone may take any student id, for clients that keep no token.
        open_meetings: A student's join opens the meeting if it is new.
        roster: The students who may join, with their names; None lets anyone join.
        limits: Rate limits for each connection and each address.
        points_for: What the points of answers depend on, unless a round says otherwise.
        balance: Whether a round's questions are about equally hard.
        never_twice: Within what no student gets a question twice.
        practice: Whether students may practise what they missed.
        draw_rules: What draws prefer, unless a round says otherwise.
    """

    instructor_token: str
    projector_token: str | None = None
    grace: float = GRACE
    away: float = 20.0
    open_ids: bool = False
    open_meetings: bool = False
    roster: Roster | None = None
    limits: Limits = Limits()
    points_for: PointsFor = PointsFor.ACCURACY
    balance: bool = False
    never_twice: NeverTwice = NeverTwice.MEETING
    practice: bool = False
    draw_rules: tuple[DrawRule, ...] = ()


class QuizService:
    """All use cases of one server, on one store.

    Args:
        store: Stores everything.
        notifier: Sends messages to students and instructors.
        policy: The operator's settings.
        now: The clock: aware UTC.
        entropy: Generates the seeds of draws.
        audit: Logs instructors' actions and refusals.
    """

    def __init__(
        self,
        store: Store,
        notifier: Notifier,
        policy: Policy,
        *,
        now: Clock = utc_now,
        entropy: random.Random | None = None,
        audit: Audit = no_audit,
    ) -> None:
        self.store = store
        self.policy = policy
        self.now = now
        self.tasks = Tasks()
        self._stopped = False
        self.node_id = secrets.token_hex(8)
        self.audit = audit
        self._bus = bus = EventBus()
        self.bank = BankCache(store.questions)
        self.meetings = MeetingCache(store, loaded=lambda live: bus.publish(RoundLoaded(live)))
        entropy = entropy or random.SystemRandom()
        self.leaderboards = Leaderboards(store, self.meetings, notifier, entropy)
        self.figures = FiguresView(store, self.bank, self.meetings)
        self.question_records = QuestionRecords(store, now)
        self.queries = Queries(
            *(store, self.bank, self.meetings, self.tasks), leaderboards=self.leaderboards, now=now
        )
        self.projection = ProjectionView(
            *(store, self.queries, self.meetings, notifier, self.leaderboards), now=now
        )
        self.practice = Practice(
            *(store, self.meetings, notifier, self.tasks), allowed=policy.practice
        )
        self.seats = Seats()
        self.participants = Participants(
            store,
            self.meetings,
            self.seats,
            notifier,
            self.tasks,
            now=now,
            node_id=self.node_id,
            open_ids=policy.open_ids,
            open_meetings=policy.open_meetings,
            roster=policy.roster,
        )
        self.presence = PresenceBroadcast(store, notifier, self.tasks)
        self.departures = Departures(store, self.seats, bus, self.tasks, now=now, away=policy.away)
        reconciler = SeatReconciler(
            store, self.seats, self.departures, notifier, node_id=self.node_id, now=now
        )
        assigner = RoundAssigner(
            *(store, self.bank, self.meetings, now, entropy),
            points_for=policy.points_for,
            ease=EaseEstimates(store, now) if policy.balance else None,
            seen=SeenBefore(store, self.meetings, policy.never_twice),
            draw_rules=policy.draw_rules,
        )
        self.timers = RoundTimers(lambda meeting: bus.publish(RoundDue(meeting)), self.tasks)
        self.health = HealthMonitor(now, bus, beat=self._beat)
        self.deadlines = Deadlines(
            *(store, self.meetings, notifier, self.timers),
            grace=policy.grace,
            stalled=self.health.stalled,
            now=now,
        )
        self.answers = Answers(
            *(store, self.meetings, notifier, bus, self.tasks),
            grace=policy.grace,
            stalled=self.health.stalled,
        )
        self.rounds = Rounds(
            *(store, self.meetings, notifier),
            assigner=assigner,
            deadlines=self.deadlines,
            answers=self.answers,
            seats=self.seats,
            reconciler=reconciler,
            now=now,
        )
        self.cluster = ClusterSync(
            *(store, self.meetings, bus),
            node_id=self.node_id,
            seats=self.seats,
            reconciler=reconciler,
            rounds=self.rounds,
            deadlines=self.deadlines,
            leaderboards=self.leaderboards,
            notifier=notifier,
            answers=self.answers,
            now=now,
        )
        self._stall_recovery = StallRecovery(
            *(store, self.meetings, notifier),
            deadlines=self.deadlines,
            answers=self.answers,
            cluster=self.cluster,
        )
        self._subscribe()
        # Concurrent readiness probes share one ping.
        self._readiness = BatchLoader(self._ping, self.tasks, "readiness")

    def _subscribe(self) -> None:
        bus = self._bus
        bus.subscribe(RoundLoaded, self._take_up)
        bus.subscribe(RoundDue, lambda event: self.rounds.close_due(event.meeting_id))
        bus.subscribe(RoundComplete, lambda event: self.rounds.close_if_complete(event.meeting_id))
        bus.subscribe(StudentGone, self._tell_gone)
        bus.subscribe(AnswersNotExpected, self._stop_waiting)
        bus.subscribe(DatabaseAway, self._stall_recovery.database_away)
        bus.subscribe(StallEnded, self._stall_recovery.recovered)

    async def _take_up(self, event: RoundLoaded) -> None:
        """Resume a round that an earlier server may have left open or without its scores."""
        if event.live.accepting:
            self.deadlines.watch(event.live)
        self.answers.follow_up(event.live)

    async def start(self) -> None:
        """Resume where the last server stopped, and start the background work."""
        await self.store.nodes.beat(self.node_id, STARTING)
        if not self.store.transactions:
            await self._require_no_other()
        running = await self.store.nodes.others(self.node_id)
        await self.store.participants.leave_all_but(running, self.now())
        self.cluster.know(set(running))
        await self.rounds.resume(alone=not running)
        for meeting in self.meetings.known():
            self.tasks.spawn(self._wait_for_class(meeting.id), f"away-{meeting.id}")
        self.tasks.spawn(self.health.run(), "health")
        self.tasks.spawn(self._look_around(), "cluster")

    async def _require_no_other(self) -> None:
        """Refuse to be the second server on a MongoDB without transactions.

        Without them, one server could store answers in a round that the other has closed.
        """
        nodes = self.store.nodes
        for _ in range(LEASE + 1):  # a killed server's lease lasts that long
            others = await nodes.others(self.node_id)
            if not set(others) - set(await nodes.ended(self.node_id)):
                return
            await asyncio.sleep(1)
        await nodes.forget(self.node_id)
        message = (
            "Another LiveQuiz server uses this MongoDB, and without a replica set only one can. "
            "Stop the other server, or turn MongoDB into a replica set (one node is enough)."
        )
        raise QuizError(Code.CONFLICT, message)

    async def stop(self) -> None:
        """Store accepted answers, then stop all background work."""
        self._stopped = True
        self.timers.stop()
        await self.answers.drain()
        await self.practice.drain()
        await self.tasks.cancel()
        with contextlib.suppress(QuizError):  # otherwise the lease expires
            await self.store.participants.leave_node(self.node_id, self.now())
            await self.store.nodes.forget(self.node_id)

    def quiet(self) -> bool:
        """Return whether no round is open."""
        return not any(meeting.open for meeting in self.meetings.known())

    async def _beat(self, patience: float) -> None:
        if await self.store.nodes.beat(self.node_id, patience):
            self.meetings.distrust()  # the lease had expired: students here may be stored as gone

    async def _look_around(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AROUND):
                    await self.meetings.distrust_began.wait()
            self.meetings.distrust_began.clear()
            with contextlib.suppress(QuizError):  # the health monitor reports it
                await self.cluster.look()

    async def ready(self) -> None:
        """Return once MongoDB has answered a ping.

        Raises:
            QuizError: `unavailable` if it does not.
        """
        await self._readiness.load(self.node_id)

    async def _ping(self, _: Collection[str]) -> dict[str, None]:
        await self.store.nodes.ping(PATIENCE)
        return {}

    def is_instructor(self, token: str | None) -> bool:
        """Return whether a token is the instructor's, in constant time."""
        return _is(token, self.policy.instructor_token)

    def require_instructor(self, token: str | None) -> None:
        """Require the instructor's token.

        Raises:
            QuizError: `unauthorized` if the token is missing or wrong.
        """
        if not self.is_instructor(token):
            message = "The instructor token is missing or wrong; `livequiz serve` shows it."
            raise QuizError(Code.UNAUTHORIZED, message, "token")

    def require_projector(self, token: str | None) -> None:
        """Require the projector's token, or the instructor's.

        Raises:
            QuizError: `unauthorized` if the token is missing or wrong.
        """
        if not (_is(token, self.policy.projector_token) or self.is_instructor(token)):
            message = "The projector token is missing or wrong; `livequiz serve` shows it."
            raise QuizError(Code.UNAUTHORIZED, message, "token")

    async def remove_student(self, meeting_id: str, student_id: str, *, ban: bool) -> None:
        """Remove or ban a student, and stop waiting for their answer."""
        await self.participants.remove(meeting_id, student_id, ban=ban)
        self.presence.changed(meeting_id)
        await self._bus.publish(AnswersNotExpected(meeting_id, [student_id]))

    async def student_gone(self, seat: HeldSeat, *, left: bool) -> None:
        """Handle a student who left or whose connection dropped.

        A round doesn't wait for a student who left. It waits a while for one whose connection
        dropped, because they may reconnect.
        """
        if not self.seats.give_up(seat) or self._stopped:
            return  # on shutdown, `stop` stores the departures
        departure = self.departures.add(seat, left=left)
        if left:
            await departure.tried.wait()

    async def _tell_gone(self, event: StudentGone) -> None:
        await self.participants.tell_left(event.student, event.reason)
        self.presence.changed(event.student.meeting_id)

    async def _wait_for_class(self, meeting_id: str) -> None:
        """After a restart, give students time to reconnect, then stop waiting for the rest.

        As long as nobody has come, the round goes on: the server may have another address now.
        """
        while True:
            await asyncio.sleep(self.policy.away)
            live = (await self.meetings.get(meeting_id)).open
            if live is None:
                return
            if active := await self.store.participants.active_students(meeting_id):
                live.left(live.assignments.keys() - {student.id for student in active})
                await self.rounds.close_if_complete(meeting_id)
                return

    async def _stop_waiting(self, event: AnswersNotExpected) -> None:
        live = (await self.meetings.get(event.meeting_id)).open
        if live is not None and not live.assignments.keys().isdisjoint(event.student_ids):
            live.left(event.student_ids)
            await self.rounds.close_if_complete(event.meeting_id)


def _is(token: str | None, expected: str | None) -> bool:
    """Whether a token is the expected one; takes as long for each that isn't."""
    if token is None or expected is None:
        return False
    return hmac.compare_digest(token.encode("utf-8", "replace"), expected.encode())
