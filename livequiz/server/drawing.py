"""Draws a round: which questions may be used, who has seen what, who gets which."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from livequiz.db.documents import new_id
from livequiz.db.store import Store
from livequiz.domain.draw import Draw, candidates_needed, draw, draw_one, warnings
from livequiz.domain.model import (
    Assignment,
    Counts,
    Filters,
    Question,
    Reveal,
    Round,
    RoundState,
    Student,
)
from livequiz.domain.timing import own_deadline
from livequiz.protocol.requests import PreviewRound, TriggerQuestions
from livequiz.server.live import LiveMeeting, LiveRound, Score, factors

DEFAULT_DURATION = 60.0  # seconds
LATE_JOIN_LEFT = 5.0  # seconds that a late joiner needs at least
LARGEST_SEED = 2**53 - 1


class Drawing:
    """Makes rounds and late assignments, and stores only the latter.

    Args:
        store: The bank, and what was assigned before.
        now: The clock: aware UTC.
        entropy: Where seeds of draws come from.
    """

    def __init__(self, store: Store, now: Callable[[], datetime], entropy: random.Random) -> None:
        self._store = store
        self._now = now
        self._entropy = entropy

    async def new_round(self, meeting: LiveMeeting, request: TriggerQuestions) -> LiveRound:
        filters = filters_of(request)
        students = await self._store.people.active_students(meeting.id)
        seeded = request.draw_seed is not None
        candidates, seen = await self.candidates(meeting.id, students, filters, all_of_them=seeded)
        seed = request.draw_seed if seeded else self._entropy.randint(0, LARGEST_SEED)
        assert seed is not None  # noqa: S101
        rng = random.Random(seed)
        # Sorted, so that the same seed gives the same draw whoever joined first.
        ids = sorted(student.id for student in students)
        drawn = draw(ids, candidates, seen, rng, allow_repeats=filters.allow_repeats)
        questions = await self._store.questions.get_many(set(drawn.assigned.values()))
        quiz_round = self._describe(meeting, request, filters, seed, drawn)
        return LiveRound(
            round=quiz_round,
            assignments=_assignments(quiz_round, students, drawn, questions, rng),
            questions=questions,
            names={student.id: student.name for student in students},
            by_question=dict(meeting.latest.by_question) if meeting.latest else {},
            scores={s.id: Score(s.total_points, s.streak) for s in students},
            factors=factors(students),
        )

    async def candidates(
        self, meeting_id: str, students: Sequence[Student], filters: Filters, *, all_of_them: bool
    ) -> tuple[list[str], dict[str, list[str]]]:
        """Return enough question ids for a draw, and what the students have seen.

        A large bank is sampled; a small one is read whole, as then the draw has to match
        exactly. So is any bank for a draw with a given seed, which has to be repeatable.
        """
        seen = await self._store.rounds.seen(meeting_id)
        most = max((len(seen.get(student.id, ())) for student in students), default=0)
        needed = candidates_needed(len(students), most)
        # A sample may hold doubles, so it is taken with room to spare.
        size = needed + needed // 4 + 10
        if not all_of_them and await self._store.questions.count(filters) > 2 * size:
            sample = await self._store.questions.sample_ids(filters, size)
            if len(sample) >= needed:
                return sample, seen
        return await self._store.questions.matching_ids(filters), seen

    def _describe(
        self,
        meeting: LiveMeeting,
        request: TriggerQuestions,
        filters: Filters,
        seed: int,
        drawn: Draw,
    ) -> Round:
        opened = self._now()
        by_default = Reveal.AT_ONCE if drawn.distinct else Reveal.AFTER_ROUND
        return Round(
            id=new_id(),
            meeting_id=meeting.id,
            number=meeting.latest.round.number + 1 if meeting.latest else 1,
            state=RoundState.OPEN,
            opened_at=opened,
            deadline=opened + timedelta(seconds=request.duration or DEFAULT_DURATION),
            draw_seed=seed,
            filters=filters,
            reveal=request.reveal or by_default,
            distinct=drawn.distinct,
            warnings=warnings(drawn),
            counts=Counts(assigned=len(drawn.assigned)),
        )

    async def assign_late(self, live: LiveRound, student: Student) -> Assignment | None:
        """Draw for a late joiner, if enough time is left."""
        now = self._now()
        if live.remaining(now) < LATE_JOIN_LEFT:
            return None
        filters = live.round.filters
        candidates, seen = await self.candidates(
            live.round.meeting_id, [student], filters, all_of_them=True
        )
        rng = random.Random(self._entropy.randint(0, LARGEST_SEED))
        in_use = _in_use(live)
        question_id = draw_one(
            candidates,
            seen.get(student.id, []),
            in_use,
            rng,
            allow_repeats=filters.allow_repeats,
        )
        live.questions.update(await self._store.questions.get_many({question_id}))
        assignment = _assign(live.round, student, live.questions[question_id], now, rng)
        if not await self._store.rounds.add_assignment(assignment):
            return None
        live.assign(assignment, student)
        return assignment


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
    )


def _assignments(
    quiz_round: Round,
    students: Sequence[Student],
    drawn: Draw,
    questions: dict[str, Question],
    rng: random.Random,
) -> dict[str, Assignment]:
    """Return the assignments in the order of joining, which is that of the dashboards."""
    return {
        student.id: _assign(
            quiz_round,
            student,
            questions[drawn.assigned[student.id]],
            quiz_round.opened_at,
            # A seed of its own for each student: who joined first must not matter.
            random.Random(f"{quiz_round.draw_seed}/{student.id}"),
        )
        for student in students
    }


def _assign(
    quiz_round: Round, student: Student, question: Question, sent: datetime, rng: random.Random
) -> Assignment:
    order = list(range(len(question.options)))
    if quiz_round.filters.shuffle_options:
        rng.shuffle(order)
    return Assignment(
        round_id=quiz_round.id,
        meeting_id=quiz_round.meeting_id,
        student_id=student.id,
        question_id=question.id,
        sent_time=sent,
        deadline=own_deadline(sent, quiz_round.deadline, student.time_factor),
        option_order=tuple(order) if quiz_round.filters.shuffle_options else (),
    )
