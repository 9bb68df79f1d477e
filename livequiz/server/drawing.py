"""Draws a round: which questions may be used, who has seen what, who gets which."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from livequiz.db.documents import new_id
from livequiz.db.store import Store
from livequiz.domain import showing
from livequiz.domain.draw import (
    Draw,
    barred_from_all,
    candidates_needed,
    draw,
    draw_one,
    sharing,
    warnings,
)
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import (
    ALL_TYPES,
    Assignment,
    Counts,
    Filters,
    Question,
    QuestionType,
    Reveal,
    Round,
    RoundState,
    Student,
)
from livequiz.domain.timing import own_deadline
from livequiz.protocol import messages
from livequiz.protocol.requests import PreviewRound, TriggerQuestions
from livequiz.server.bank import Bank, Edition
from livequiz.server.live import LiveMeeting, LiveRound, Score, factors
from livequiz.server.loading import Meetings

T = TypeVar("T")

DEFAULT_DURATION = 60.0  # seconds, for a question without a time limit
LATE_JOIN_LEFT = 5.0  # seconds that a late joiner needs at least
LATE_LOOK = 1.0  # seconds for which the bank counts as unchanged when many join late
LARGEST_SEED = 2**53 - 1
LARGE_CLASS = 200  # students for whom a draw may take longer than a frame of a screen


class Drawing:
    """Makes rounds and late assignments, and stores only the latter.

    Args:
        store: Who is here, and where late assignments go.
        bank: The questions.
        meetings: What was assigned before.
        now: The clock: aware UTC.
        entropy: Where seeds of draws come from.
    """

    def __init__(
        self,
        store: Store,
        bank: Bank,
        meetings: Meetings,
        now: Callable[[], datetime],
        entropy: random.Random,
    ) -> None:
        self._store = store
        self._bank = bank
        self._meetings = meetings
        self._now = now
        self._entropy = entropy

    async def new_round(self, meeting: LiveMeeting, request: TriggerQuestions) -> LiveRound:
        """Return a round for everybody who is connected; hold the meeting's lock.

        Raises:
            QuizError: `conflict` if another server has one open, `no_students`, `no_questions`.
        """
        filters = filters_of(request)
        students, newest, edition = await asyncio.gather(
            self._store.people.active_students(meeting.id),
            self._store.rounds.newest(meeting.id),
            self._bank.edition(),
        )
        if newest is not None:
            if newest.state is RoundState.OPEN:
                raise already_open()
            await self._meetings.catch_up(meeting, newest)
        seen = (await self._meetings.past(meeting)).seen
        seeded = request.draw_seed is not None
        seed = request.draw_seed if seeded else self._entropy.randint(0, LARGEST_SEED)
        assert seed is not None  # noqa: S101
        rng = random.Random(seed)
        barred = await _barred(edition, students, filters)
        candidates = await self._candidates(
            edition, students, seen, filters, None if seeded or barred else rng
        )
        nobody = barred_from_all([s.id for s in students], candidates, barred) if candidates else ()
        if nobody and len(nobody) == len(students):
            raise QuizError(Code.NO_QUESTIONS, " ".join(showing.left_out(students)))
        # Sorted, so that the same seed gives the same draw whoever joined first.
        ids = sorted(student.id for student in students)
        gone: set[str] = set()
        while True:
            usable = [candidate for candidate in candidates if candidate not in gone]
            drawn = await _off_the_loop(
                len(ids),
                partial(
                    draw, ids, usable, seen, rng, barred=barred, allow_repeats=filters.allow_repeats
                ),
            )
            questions = await edition.get_many(set(drawn.assigned.values()))
            # Of a large bank only ids are known before, and a question may not be readable.
            unusable = set(drawn.assigned.values()) - questions.keys()
            if not unusable:
                break
            gone |= unusable
        quiz_round = self._describe(meeting, request, seed, drawn, questions.values())
        if drawn.left_out:
            told = showing.left_out([s for s in students if s.id not in drawn.assigned])
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

    async def preview(self, meeting_id: str, request: PreviewRound) -> messages.Preview:
        """Return what a round with these filters would be."""
        filters = filters_of(request)
        students = await self._store.people.active_students(meeting_id)
        edition = await self._bank.edition()
        seen = (await self._meetings.past(await self._meetings.get(meeting_id))).seen
        barred = await _barred(edition, students, filters)
        candidates = await self._candidates(
            edition, students, seen, filters, None if barred else self._entropy
        )
        ids = [student.id for student in students]
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
            matching=await edition.count(filters),
            sharing=shared,
            bank=await edition.count(),
            topics=await edition.topics(),
            warnings=[*showing.left_out(left_out), *_preview_warnings(shared)],
            left_out=len(left_out),
        )

    async def _candidates(
        self,
        edition: Edition,
        students: Sequence[Student],
        seen: Mapping[str, Sequence[str]],
        filters: Filters,
        rng: random.Random | None,
    ) -> list[str]:
        """Return enough question ids for a draw.

        A large bank is sampled; a small one is taken whole, as then the draw has to match
        exactly. So is any bank for a draw with a given seed, which has to be repeatable, and
        for students who may not get every question; there is no `rng` here then.
        """
        most = max((len(seen.get(student.id, ())) for student in students), default=0)
        needed = candidates_needed(len(students), most)
        # A sample may hold doubles, so it is taken with room to spare.
        size = needed + needed // 4 + 10
        if rng is not None and await edition.count(filters) > 2 * size:
            sample = await edition.sample(filters, size, rng)
            if len(sample) >= needed:
                return sample
        return await edition.matching(filters)

    def _describe(
        self,
        meeting: LiveMeeting,
        request: TriggerQuestions,
        seed: int,
        drawn: Draw,
        questions: Iterable[Question],
    ) -> Round:
        opened = self._now()
        duration = request.duration or max(map(_limit, questions))
        by_default = Reveal.AT_ONCE if drawn.distinct else Reveal.AFTER_ROUND
        return Round(
            id=new_id(),
            meeting_id=meeting.id,
            number=meeting.latest.round.number + 1 if meeting.latest else 1,
            state=RoundState.OPEN,
            opened_at=opened,
            deadline=opened + timedelta(seconds=duration),
            draw_seed=seed,
            filters=filters_of(request),
            reveal=request.reveal or by_default,
            distinct=drawn.distinct,
            warnings=warnings(drawn),
            counts=Counts(assigned=len(drawn.assigned)),
            own_limits=request.duration is None,
        )

    async def assign_late(
        self, meeting: LiveMeeting, live: LiveRound, student: Student
    ) -> Assignment | None:
        """Draw for a late joiner, if enough time is left; hold the meeting's lock."""
        now = self._now()
        if live.remaining(now) < LATE_JOIN_LEFT:
            return None
        filters = live.round.filters
        edition = await self._bank.edition(looked_within=LATE_LOOK)
        candidates = await edition.matching(filters, student.question_types)
        if not candidates and await edition.count(filters):
            return None  # their program can show none of them
        seen = (await self._meetings.past(meeting)).seen
        rng = random.Random(self._entropy.randint(0, LARGEST_SEED))
        in_use = _in_use(live)
        question_id = draw_one(
            candidates,
            seen.get(student.id, []),
            in_use,
            rng,
            allow_repeats=filters.allow_repeats,
        )
        live.questions |= await edition.get_many({question_id})
        if question_id not in live.questions:
            return None  # it can't be read
        assignment = _assign(live.round, student, live.questions[question_id], now, rng)
        if not await self._store.rounds.add_assignment(assignment):
            # It has one that nobody here has heard of.
            await self._meetings.take_in_late(live)
            return live.assignments.get(student.id)
        live.assign(assignment, student)
        return assignment


async def _barred(
    edition: Edition, students: Sequence[Student], filters: Filters
) -> dict[str, frozenset[str]]:
    """Return what of the questions that match students can't be shown, by student id."""
    limited = [student for student in students if student.question_types != ALL_TYPES]
    if not limited:
        return {}
    matching = await edition.matching(filters)
    barred = {
        types: frozenset(matching).difference(await edition.matching(filters, types))
        for types in {student.question_types for student in limited}
    }
    return {s.id: barred[s.question_types] for s in limited if barred[s.question_types]}


def _in_use(live: LiveRound) -> Counter[str]:
    """Return how much each question is in use: of equals, one that was answered counts more.

    Who answered it may know its key.
    """
    answered = Counter(response.question_id for response in live.responses.values())
    above = len(live.responses) + 1
    return Counter({q: holders * above + answered[q] for q, holders in live.holders.items()})


def filters_of(request: PreviewRound | TriggerQuestions) -> Filters:
    """Return the filters of a request."""
    return Filters(
        topics=tuple(request.topics or ()),
        difficulty=request.difficulty,
        shuffle_options=isinstance(request, TriggerQuestions) and request.shuffle_options,
        allow_repeats=request.allow_repeats,
        question_ids=frozenset(request.question_ids or ()),
    )


def _assignments(
    quiz_round: Round,
    students: Sequence[Student],
    drawn: Draw,
    questions: Mapping[str, Question],
) -> dict[str, Assignment]:
    """Return the assignments in the order of joining, which is that of the dashboards."""
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
    """Return an assignment, its options in an order of the student's own if they are shuffled.

    Args:
        quiz_round: In which round.
        student: To whom.
        question: Which.
        sent: When.
        rng: What shuffles the options; None for what follows from the round's seed.
    """
    order: tuple[int, ...] = ()
    # "True" comes before "False", as everybody expects.
    if quiz_round.filters.shuffle_options and question.type is not QuestionType.TRUE_FALSE:
        # A seed of its own for each student: who joined first must not matter.
        rng = rng or random.Random(f"{quiz_round.draw_seed}/{student.id}")
        shuffled = list(range(len(question.options)))
        rng.shuffle(shuffled)
        order = tuple(shuffled)
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
    )


def _limit(question: Question) -> float:
    """Return the seconds for a question where the instructor has not said how many."""
    return question.time_limit or DEFAULT_DURATION


async def _off_the_loop(students: int, work: Callable[[], T]) -> T:
    """Do work that takes long for a large class where it holds nobody up."""
    return await asyncio.to_thread(work) if students > LARGE_CLASS else work()


def already_open() -> QuizError:
    """Return the error for a trigger while a round is open."""
    return QuizError(Code.CONFLICT, "A round is open already; close it first, or wait for its end.")


def _preview_warnings(shared: int) -> list[str]:
    if not shared:
        return []
    who = "1 student" if shared == 1 else f"{shared} students"
    return [f"{who} will share a question with somebody; widen the filters or add questions."]
