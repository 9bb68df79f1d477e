"""Replays the draw of a round from what is stored, and finds out what has changed since."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from livequiz.db.erasure import FORGOTTEN
from livequiz.db.store import Store
from livequiz.domain.errors import QuizError
from livequiz.domain.model import (
    ALL_TYPES,
    Assignment,
    DrawRecord,
    Filters,
    NeverTwice,
    Presence,
    Question,
    QuestionType,
    Round,
    Sampling,
    Student,
)
from livequiz.domain.preferences import Attempt
from livequiz.domain.statistics import Tally
from livequiz.server.cache.history import ClosedRounds
from livequiz.server.cache.questions import matches
from livequiz.server.quiz.draw_inputs import DrawContext, DrawInputs
from livequiz.server.quiz.ease import eases
from livequiz.server.quiz.seen_before import SeenByStudent, class_looked_at

TOO_OLD = "The version of LiveQuiz that played it did not store what its questions were drawn from."
SAMPLED = (
    "The bank was so large that MongoDB chose at random what to draw from, and that can't be done "
    "again. With a seed of your own (`draw_seed`), a round is drawn from the whole bank."
)
NOBODY = "None of the questions that its students got at the start are stored any more."


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of drawing a round again.

    Attributes:
        round: The round.
        students: How many students got a question when it was opened.
        others: How many of them would get another question, or none.
        late: The students who joined later, whose questions depended on when they came.
        impossible: Why the round can't be drawn again; None if it was.
        changed: The inputs that are not what they were, a sentence each.
        undone: What has changed since, but not for the replay, a sentence each.
    """

    round: Round
    students: int = 0
    others: int = 0
    late: Sequence[str] = ()
    impossible: str | None = None
    changed: Sequence[str] = ()
    undone: Sequence[str] = ()


async def replay(store: Store, quiz_round: Round) -> Replay:
    """Draw a round again and compare."""
    record = quiz_round.draw
    if record is None:
        return Replay(quiz_round, impossible=TOO_OLD)
    if record.sampling is Sampling.BY_DATABASE:
        return Replay(quiz_round, impossible=SAMPLED)
    assignments = await store.rounds.assignments(quiz_round.id)
    first = [one for one in assignments if one.sent_time <= quiz_round.opened_at]
    late = [one.student_id for one in assignments if one.sent_time > quiz_round.opened_at]
    if not first:
        return Replay(quiz_round, late=late, impossible=NOBODY)
    bank, inputs, rng = await _gather_again(store, quiz_round, record, first)
    try:
        assigned = inputs.draw(rng).assigned
    except QuizError:  # no question is left
        assigned = {}
    again = inputs.record(record.never_twice, record.ease_until)
    return Replay(
        quiz_round,
        students=len(first),
        others=sum(assigned.get(one.student_id) != one.question_id for one in first),
        late=late,
        changed=[
            *_changed_students(record, inputs.students),
            *(await _changed_questions(store, bank, quiz_round, again)),
            *_changed_history(record, again),
        ],
        undone=_undone(bank, inputs.candidates),
    )


async def _gather_again(
    store: Store, quiz_round: Round, record: DrawRecord, first: Sequence[Assignment]
) -> tuple[PastBank, DrawInputs, random.Random]:
    """Return the bank and the draw's inputs as they were, as far as that can be known."""
    students = [
        Student(
            id=one.student_id,
            meeting_id=one.meeting_id,
            name="",
            presence=Presence.ACTIVE,
            joined_at=one.sent_time,
            question_types=one.question_types,
        )
        for one in first
    ]
    before = PastBefore(store, quiz_round, record)
    current = [question async for question in store.questions.everything()]
    retired = await store.questions.retired()
    # Of questions that an older version took out of the bank, nobody knows when that was.
    for undated in (True, False):
        bank = PastBank(current, retired, quiz_round, undated=undated)
        rng = random.Random(quiz_round.draw_seed)
        context = DrawContext(bank, before, quiz_round.filters, rng, quiz_round.number)
        inputs = await context.inputs(
            students,
            sampling=record.sampling is Sampling.BY_SEED,
            balance=record.ease is not None,
        )
        again = inputs.record(record.never_twice, record.ease_until)
        if again.questions == record.questions:
            break
    return bank, inputs, rng


class PastBank:
    """The question bank when a round was opened, but with the questions' content of today.

    Args:
        current: The bank of today.
        retired: What was taken out of it, and when; None if that was not stored.
        quiz_round: The round.
        undated: Whether to count what was taken out at an unknown time.
    """

    def __init__(
        self,
        current: Sequence[Question],
        retired: Sequence[tuple[Question, datetime | None]],
        quiz_round: Round,
        *,
        undated: bool,
    ) -> None:
        opened = quiz_round.opened_at
        self.added = {
            question.id
            for question in current
            if question.created_at > opened and matches(question, quiz_round.filters)
        }
        self.retired = {
            question.id
            for question, when in retired
            if question.created_at <= opened and (undated if when is None else when > opened)
        }
        self._known = {question.id: question for question, _ in retired}
        self._known |= {question.id: question for question in current}
        there = {question.id for question in current if question.created_at <= opened}
        self._questions = [self._known[one] for one in sorted(there | self.retired)]

    async def count(self, filters: Filters | None = None) -> int:
        """Return the number of questions that matched."""
        return len(await self.matching(filters or Filters()))

    async def matching(
        self, filters: Filters, types: frozenset[QuestionType] = ALL_TYPES
    ) -> list[str]:
        """Return the sorted ids of all questions of the given types that matched."""
        return [one.id for one in self._questions if one.type in types and matches(one, filters)]

    async def sample(self, filters: Filters, size: int, rng: random.Random) -> list[str]:
        """Return the ids of up to `size` random questions that matched."""
        ids = await self.matching(filters)
        return rng.sample(ids, min(size, len(ids)))

    async def listed(self) -> bool:
        """Return that samples are drawn here."""
        return True

    async def get_many(self, ids: Collection[str]) -> dict[str, Question]:
        """Return questions by id, wherever they are now."""
        return {one: self._known[one] for one in ids if one in self._known}


class PastBefore:
    """What happened before a round, from the database."""

    def __init__(self, store: Store, quiz_round: Round, record: DrawRecord) -> None:
        self._store = store
        self._round = quiz_round
        self._record = record

    async def seen(self, student_ids: Collection[str]) -> SeenByStudent:
        """Return what students had seen, as far back as the operator wanted."""
        meeting_id, history = self._round.meeting_id, self._store.history
        assigned = await history.assigned(meeting_id)
        here = ClosedRounds.of(await self._numbers(), assigned, {}).seen
        if self._record.never_twice is NeverTwice.MEETING:
            return here
        class_name = await class_looked_at(self._store, meeting_id, self._record.never_twice)
        if class_name == "":
            return here
        elsewhere = await history.seen_elsewhere(
            meeting_id, class_name, student_ids, self._round.opened_at
        )
        both = {s: [*elsewhere.get(s, ()), *here.get(s, ())] for s in student_ids}
        return {**here, **both}

    async def attempts(self, student_ids: Collection[str]) -> Mapping[str, Sequence[Attempt]]:
        """Return what students got in the earlier rounds, and how they answered."""
        return await self._store.history.attempts(student_ids, await self._numbers())

    async def ease(
        self, question_ids: Collection[str], questions: Mapping[str, Question]
    ) -> Mapping[str, float]:
        """Return how easy questions were, from 0 to 1."""
        until = self._record.ease_until
        tallies: Mapping[str, Tally] = {}
        if until is not None:
            tallies = await self._store.history.tallies(before=until)
        return eases(question_ids, questions, tallies)

    async def _numbers(self) -> dict[str, int]:
        numbers = await self._store.history.round_numbers(self._round.meeting_id)
        return {one: number for one, number in numbers.items() if number < self._round.number}


def _changed_students(record: DrawRecord, students: Sequence[str]) -> list[str]:
    found = []
    if gone := record.students - len(students):
        have = "has" if gone == 1 else "have"
        found.append(f"{gone} of its {record.students} students {have} been forgotten since.")
    if any(student.startswith(FORGOTTEN) for student in students):
        found.append("A student was forgotten, and their answers kept under another id.")
    return found


async def _changed_questions(
    store: Store, bank: PastBank, quiz_round: Round, again: DrawRecord
) -> list[str]:
    record = quiz_round.draw
    assert record is not None  # noqa: S101
    if again.questions == record.questions:
        return []
    found = []
    if (gone := record.candidates - again.candidates) > 0:
        are = "is" if gone == 1 else "are"
        found.append(
            f"{gone} of the {record.candidates} questions that it was drawn from {are} not in the "
            f"database any more, or {'does' if gone == 1 else 'do'} not match any more."
        )
    elif gone < 0:
        found.append(f"{-gone} questions match that did not match then.")
    revised = await store.questions.revised_after(quiz_round.opened_at)
    edited = [question.text for question in (await bank.get_many(revised)).values()]
    found += [f"A question was edited since: {text}" for text in sorted(edited)]
    return found or ["The questions that match, or their topics, are not the same any more."]


def _changed_history(record: DrawRecord, again: DrawRecord) -> list[str]:
    found = []
    if again.history != record.history:
        found.append(
            "What the students had before is not the same any more: a student was forgotten, an "
            "earlier meeting was deleted or given another class, or another one was under way."
        )
    if again.ease != record.ease:
        found.append(
            "How easy the questions are is estimated otherwise now: answers were deleted, or a "
            "question's difficulty was edited."
        )
    return found


def _undone(bank: PastBank, candidates: Sequence[str]) -> list[str]:
    found = []
    if retired := len(bank.retired.intersection(candidates)):
        were = "question has" if retired == 1 else "questions have"
        still = "it still counts" if retired == 1 else "they still count"
        found.append(f"{retired} {were} been taken out of the bank since then; {still} here.")
    if added := len(bank.added):
        were = "question has" if added == 1 else "questions have"
        not_ = "it doesn't count" if added == 1 else "they don't count"
        found.append(f"{added} {were} been added to the bank since then; {not_} here.")
    return found
