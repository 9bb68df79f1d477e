"""Question assignment: draws a question for each student in a round."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from livequiz.db.documents import new_id
from livequiz.db.store import Store
from livequiz.domain import client_types
from livequiz.domain.balance import distance_from
from livequiz.domain.draw import Draw, barred_from_all, draw_one, sharing, warnings, without
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import (
    Assignment,
    Counts,
    DrawRecord,
    DrawRule,
    Filters,
    PointsFor,
    Question,
    Reveal,
    Round,
    RoundState,
    Student,
)
from livequiz.domain.option_order import shuffled
from livequiz.domain.preferences import Attempt, Preferences
from livequiz.domain.timing import own_deadline
from livequiz.protocol import messages
from livequiz.protocol.fields import LARGEST_SEED
from livequiz.protocol.requests import RoundFilters, RoundRequest
from livequiz.server.cache.live_round import LiveMeeting, LiveRound, Score, factors
from livequiz.server.cache.meetings import MeetingCache
from livequiz.server.cache.questions import BankCache
from livequiz.server.quiz.draw_inputs import (
    Bank,
    DrawContext,
    DrawInputs,
    barred_for,
    candidates_for,
)
from livequiz.server.quiz.ease import EaseEstimates, sample_for
from livequiz.server.quiz.seen_before import SeenBefore, SeenByStudent

T = TypeVar("T")

DEFAULT_DURATION = 60.0  # seconds, for a question without a time limit
LATE_JOIN_LEFT = 5.0  # seconds that must be left for a late joiner to get a question
LATE_LOOK = 1.0  # late joins reuse a check of the bank up to this many seconds old
LARGE_CLASS = 200  # students; with more, a draw may block the event loop noticeably


class RoundAssigner:
    """Draws new rounds and late assignments. Only late assignments are stored here.

    Args:
        store: Knows who is connected, and stores late assignments.
        bank: Caches the question bank.
        meetings: Caches the meetings.
        now: The clock: aware UTC.
        entropy: Generates the seeds of draws.
        points_for: What points depend on where a request does not say it.
        ease: Estimates how easy questions are, if draws are to be balanced.
        seen: Knows which questions were assigned before.
        draw_rules: What draws prefer where a request does not say it.
    """

    def __init__(
        self,
        store: Store,
        bank: BankCache,
        meetings: MeetingCache,
        now: Callable[[], datetime],
        entropy: random.Random,
        *,
        points_for: PointsFor,
        ease: EaseEstimates | None,
        seen: SeenBefore,
        draw_rules: Collection[DrawRule],
    ) -> None:
        self._store = store
        self._bank = bank
        self._meetings = meetings
        self._now = now
        self._entropy = entropy
        self._points_for = points_for
        self._ease = ease
        self._seen = seen
        self._draw_rules = draw_rules

    async def new_round(self, meeting: LiveMeeting, request: RoundRequest) -> LiveRound:
        """Return a new round for every connected student. The caller holds the meeting's lock.

        Raises:
            QuizError: `conflict` if another server has one open, `no_students`, `no_questions`.
        """
        filters = filters_of(request, self._draw_rules)
        students, newest, snapshot = await asyncio.gather(
            self._store.participants.active_students(meeting.id),
            self._store.rounds.newest(meeting.id),
            self._bank.snapshot(),
        )
        if newest is not None:
            if newest.state is RoundState.OPEN:
                raise already_open()
            await self._meetings.catch_up(meeting, newest)
        seeded = request.draw_seed is not None
        seed = request.draw_seed if seeded else self._entropy.randint(0, LARGEST_SEED)
        assert seed is not None  # noqa: S101
        rng = random.Random(seed)
        number = meeting.latest.round.number + 1 if meeting.latest else 1
        before = Before(meeting, self._seen, self._ease)
        context = DrawContext(snapshot, before, filters, rng, number)
        inputs = await context.inputs(students, sampling=not seeded, balance=self._ease is not None)
        if inputs.left_out and not inputs.students:
            raise QuizError(Code.NO_QUESTIONS, " ".join(client_types.left_out(students)))
        drawn, questions = await _drawn(inputs, snapshot, rng)
        quiz_round = self._describe(
            meeting.id,
            request,
            questions.values(),
            number=number,
            seed=seed,
            filters=filters,
            drawn=drawn,
            record=inputs.record(self._seen.scope, before.ease_until),
        )
        if inputs.left_out:
            told = client_types.left_out([s for s in students if s.id not in drawn.assigned])
            quiz_round = replace(quiz_round, warnings=(*told, *quiz_round.warnings))
        return LiveRound(
            round=quiz_round,
            assignments=_assignments(
                quiz_round, [s for s in students if s.id in drawn.assigned], drawn, questions
            ),
            questions=questions,
            names={student.id: student.name for student in students},
            by_question=dict(meeting.latest.by_question) if meeting.latest else {},
            scores={s.id: Score(s.total_points, s.streak) for s in students},
            factors=factors(students),
        )

    async def preview(self, meeting_id: str, request: RoundFilters) -> messages.Preview:
        """Return a preview of a round with these filters."""
        filters = filters_of(request)
        students = await self._store.participants.active_students(meeting_id)
        snapshot = await self._bank.snapshot()
        meeting = await self._meetings.get(meeting_id)
        ids = [student.id for student in students]
        seen = await self._seen.of(meeting, ids)
        barred = await barred_for(snapshot, students, filters)
        candidates, _ = await candidates_for(
            snapshot, ids, seen, filters, None if barred else self._entropy
        )
        hopeless = set(barred_from_all(ids, candidates, barred)) if candidates else ()
        left_out = [student for student in students if student.id in hopeless]
        shared = await _off_the_loop(
            len(ids),
            partial(
                sharing,
                ids,
                candidates,
                seen,
                barred=barred,
                allow_repeats=filters.allow_repeats,
            ),
        )
        return messages.Preview(
            students=len(students),
            matching=await snapshot.count(filters),
            sharing=shared,
            bank=await snapshot.count(),
            topics=await snapshot.topics(),
            warnings=[*client_types.left_out(left_out), *_preview_warnings(shared)],
            left_out=len(left_out),
        )

    def _describe(
        self,
        meeting_id: str,
        request: RoundRequest,
        questions: Iterable[Question],
        *,
        number: int,
        seed: int,
        filters: Filters,
        drawn: Draw,
        record: DrawRecord,
    ) -> Round:
        opened = self._now()
        duration = request.duration or max(map(_limit, questions))
        by_default = Reveal.AT_ONCE if drawn.distinct else Reveal.AFTER_ROUND
        return Round(
            id=new_id(),
            meeting_id=meeting_id,
            number=number,
            state=RoundState.OPEN,
            opened_at=opened,
            deadline=opened + timedelta(seconds=duration),
            draw_seed=seed,
            filters=filters,
            reveal=request.reveal or by_default,
            distinct=drawn.distinct,
            warnings=warnings(drawn),
            counts=Counts(assigned=len(drawn.assigned)),
            own_limits=request.duration is None,
            points_for=request.points_for or self._points_for,
            draw=record,
        )

    async def assign_late(
        self, meeting: LiveMeeting, live: LiveRound, student: Student
    ) -> Assignment | None:
        """Draw for a late joiner if enough time is left. The caller holds the meeting's lock.

        Raises:
            QuizError: `no_questions` if their program can show none of those that match.
        """
        now = self._now()
        if live.remaining(now) < LATE_JOIN_LEFT:
            return None
        filters = live.round.filters
        snapshot = await self._bank.snapshot(looked_within=LATE_LOOK)
        candidates = await snapshot.matching(filters, student.question_types)
        if not candidates and await snapshot.count(filters):
            raise QuizError(Code.NO_QUESTIONS, " ".join(client_types.left_out([student])))
        seen = await self._seen.of(meeting, [student.id])
        rng = random.Random(self._entropy.randint(0, LARGEST_SEED))
        had, preferences, ease = seen.get(student.id, ()), None, None
        before = Before(meeting, self._seen, self._ease)
        context = DrawContext(snapshot, before, filters, rng, live.round.number)
        if filters.draw_rules:
            candidates, preferences = await context.preferred([student.id], candidates, seen, {})
            had = without(had, preferences.due.get(student.id, ()))
        if self._ease is not None:
            if preferences is None:
                candidates = sample_for({student.id: had}, candidates, rng)
            ease = await context.ease({*candidates, *live.holders})
        question_id = draw_one(
            candidates,
            had,
            _in_use(live),
            rng,
            allow_repeats=filters.allow_repeats,
            cost=_late_cost(live, student.id, preferences, ease),
        )
        live.questions |= await snapshot.get_many({question_id})
        if question_id not in live.questions:
            return None  # the question can't be read
        assignment = _assign(live.round, student, live.questions[question_id], now, rng)
        if not await self._store.rounds.add_assignment(assignment):
            # They already have an assignment that this server doesn't know of.
            await self._meetings.take_in_late(live)
            return live.assignments.get(student.id)
        live.assign(assignment, student)
        return assignment


class Before:
    """What happened before the next round of a meeting, as this server knows it."""

    def __init__(self, meeting: LiveMeeting, seen: SeenBefore, ease: EaseEstimates | None) -> None:
        self._meeting = meeting
        self._seen = seen
        self._ease = ease
        self.ease_until: datetime | None = None  # when the answers end that ease was estimated from

    async def seen(self, student_ids: Collection[str]) -> SeenByStudent:
        """Return what students have seen, as far back as the operator wants."""
        return await self._seen.of(self._meeting, student_ids)

    async def attempts(self, student_ids: Collection[str]) -> Mapping[str, Sequence[Attempt]]:
        """Return what students got in the meeting, and how they answered."""
        return await self._seen.attempts(self._meeting, student_ids)

    async def ease(
        self, question_ids: Collection[str], questions: Mapping[str, Question]
    ) -> Mapping[str, float]:
        """Return how easy questions are, from 0 to 1."""
        assert self._ease is not None  # noqa: S101
        found = await self._ease.of(question_ids, questions)
        self.ease_until = self._ease.until
        return found


async def _drawn(
    inputs: DrawInputs, bank: Bank, rng: random.Random
) -> tuple[Draw, dict[str, Question]]:
    """Draw, without questions that can't be read, and return the questions too."""
    gone: set[str] = set()
    while True:
        several = inputs.ease is not None or inputs.preferences is not None  # takes longer
        drawn = await _off_the_loop(
            LARGE_CLASS + 1 if several else len(inputs.students),
            partial(inputs.draw, rng, frozenset(gone)),
        )
        questions = await bank.get_many(set(drawn.assigned.values()))
        # Only ids are listed for a large bank, so an unreadable question shows up here.
        unusable = set(drawn.assigned.values()) - questions.keys()
        if not unusable:
            return drawn, questions
        gone |= unusable


def _late_cost(
    live: LiveRound,
    student_id: str,
    preferences: Preferences | None,
    ease: Mapping[str, float] | None,
) -> Callable[[str], tuple[float, ...]] | None:
    """Return what it costs to give a late joiner a question; None if all are alike."""
    if preferences is None and ease is None:
        return None
    wishes = preferences or Preferences()
    distance = distance_from(live.holders, ease or {})
    return lambda question: (wishes.cost(student_id, question), distance(question))


def _in_use(live: LiveRound) -> Counter[str]:
    """Return a usage score for each question: its number of holders, then of answers.

    Answers break ties because a student who has answered may pass on the key.
    """
    answered = Counter(response.question_id for response in live.responses.values())
    above = len(live.responses) + 1
    return Counter({q: holders * above + answered[q] for q, holders in live.holders.items()})


def filters_of(request: RoundFilters, draw_rules: Collection[DrawRule] = ()) -> Filters:
    """Return the filters of a request, with these rules unless it says which."""
    wanted = request.draw_rules if isinstance(request, RoundRequest) else None
    return Filters(
        topics=tuple(request.topics or ()),
        difficulty=request.difficulty,
        shuffle_options=isinstance(request, RoundRequest) and request.shuffle_options,
        allow_repeats=request.allow_repeats,
        question_ids=frozenset(request.question_ids or ()),
        draw_rules=tuple(r for r in DrawRule if r in (draw_rules if wanted is None else wanted)),
    )


def _assignments(
    quiz_round: Round,
    students: Sequence[Student],
    drawn: Draw,
    questions: Mapping[str, Question],
) -> dict[str, Assignment]:
    """Return the assignments by student id, in join order, as dashboards list them."""
    return {
        student.id: _assign(
            quiz_round, student, questions[drawn.assigned[student.id]], quiz_round.opened_at
        )
        for student in students
    }


def _assign(
    quiz_round: Round,
    student: Student,
    question: Question,
    sent: datetime,
    rng: random.Random | None = None,
) -> Assignment:
    """Return an assignment, with the student's own option order if options are shuffled.

    Args:
        quiz_round: The round.
        student: The student who gets the question.
        question: The question.
        sent: When the student's time starts.
        rng: Shuffles the options; None for a generator derived from the round's seed.
    """
    order: tuple[int, ...] = ()
    if quiz_round.filters.shuffle_options:
        # Seeded for each student, so that join order doesn't matter.
        order = shuffled(question, rng or random.Random(f"{quiz_round.draw_seed}/{student.id}"))
    early = 0.0
    if quiz_round.own_limits:
        early = max(0.0, (quiz_round.deadline - sent).total_seconds() - _limit(question))
    return Assignment(
        round_id=quiz_round.id,
        meeting_id=quiz_round.meeting_id,
        student_id=student.id,
        question_id=question.id,
        sent_time=sent,
        deadline=(
            quiz_round.deadline
            if student.time_factor == 1 and not early
            else own_deadline(sent, quiz_round.deadline, student.time_factor, early)
        ),
        option_order=order,
        early=early,
        question_types=student.question_types,
    )


def _limit(question: Question) -> float:
    """Return a question's time limit in seconds, used if the instructor set no duration."""
    return question.time_limit or DEFAULT_DURATION


async def _off_the_loop(students: int, work: Callable[[], T]) -> T:
    """Return the result of CPU-bound work; for a large class, run it in a thread."""
    return await asyncio.to_thread(work) if students > LARGE_CLASS else work()


def already_open() -> QuizError:
    """Return the error for triggering a round while one is open."""
    return QuizError(
        Code.CONFLICT, "A round is already open; close it first, or wait until it ends."
    )


def _preview_warnings(shared: int) -> list[str]:
    if not shared:
        return []
    who = "1 student" if shared == 1 else f"{shared} students"
    return [f"{who} will share a question with someone; widen the filters or add questions."]
