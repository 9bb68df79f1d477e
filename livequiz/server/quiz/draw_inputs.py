"""What a round's questions are drawn from: gathered for a new round, and again for its replay."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from itertools import chain
from typing import Protocol

from livequiz.domain.balance import balanced_draw
from livequiz.domain.draw import Draw, barred_from_all, candidates_needed, draw, without
from livequiz.domain.eligibility import Barred
from livequiz.domain.model import (
    ALL_TYPES,
    DrawRecord,
    DrawRule,
    Filters,
    NeverTwice,
    Question,
    QuestionType,
    Sampling,
    Student,
)
from livequiz.domain.preferences import (
    NO_TOPIC,
    Attempt,
    Preferences,
    available_topics,
    due_again,
    topic_of,
    topics_had,
    view_ranks,
)
from livequiz.server.quiz.ease import sample_for
from livequiz.server.quiz.seen_before import SeenByStudent

MOST_PREFERRED = 10_000  # candidates that a draw with rules looks at


class Bank(Protocol):
    """The question bank as it is, or was."""

    async def count(self, filters: Filters | None = None) -> int:
        """Return the number of matching questions."""
        ...

    async def matching(
        self, filters: Filters, types: frozenset[QuestionType] = ALL_TYPES
    ) -> list[str]:
        """Return the sorted ids of all matching questions of the given types."""
        ...

    async def sample(self, filters: Filters, size: int, rng: random.Random) -> list[str]:
        """Return the ids of up to `size` random matching questions."""
        ...

    async def listed(self) -> bool:
        """Return whether samples are drawn here, and not by MongoDB."""
        ...

    async def get_many(self, ids: Collection[str]) -> dict[str, Question]:
        """Return questions by id, also those that are not in the bank any more."""
        ...


class Before(Protocol):
    """What happened before a round in a meeting."""

    async def seen(self, student_ids: Collection[str]) -> SeenByStudent:
        """Return what students have seen, as far back as the operator wants."""
        ...

    async def attempts(self, student_ids: Collection[str]) -> Mapping[str, Sequence[Attempt]]:
        """Return what students got in the meeting, and how they answered."""
        ...

    async def ease(
        self, question_ids: Collection[str], questions: Mapping[str, Question]
    ) -> Mapping[str, float]:
        """Return how easy questions are, from 0 to 1."""
        ...


@dataclass(frozen=True, slots=True)
class DrawInputs:
    """Everything but the seed that decides a draw.

    Attributes:
        students: The ids of the students who can be shown a question, sorted.
        candidates: The ids of the questions.
        seen: What students have seen, oldest first.
        barred: The candidates that a student can't be shown.
        left_out: The students who can be shown none of the questions.
        sampling: How the candidates were chosen.
        preferences: What the round's rules say.
        ease: Of the candidates and of what was seen; None unless the draw is to be balanced.
    """

    filters: Filters
    students: Sequence[str]
    candidates: Sequence[str]
    seen: SeenByStudent
    barred: Barred
    left_out: frozenset[str]
    sampling: Sampling
    preferences: Preferences | None = None
    ease: Mapping[str, float] | None = None

    def draw(self, rng: random.Random, unreadable: Collection[str] = ()) -> Draw:
        """Draw a question for each student, but none of those that can't be read."""
        candidates = [one for one in self.candidates if one not in unreadable]
        if self.ease is not None and candidates:
            return balanced_draw(
                self.students,
                candidates,
                self.seen,
                rng,
                ease=self.ease,
                barred=self.barred,
                allow_repeats=self.filters.allow_repeats,
                preferences=self.preferences,
            )
        return draw(
            self.students,
            candidates,
            self.seen,
            rng,
            barred=self.barred,
            allow_repeats=self.filters.allow_repeats,
            preferences=self.preferences,
        )

    def record(self, never_twice: NeverTwice, ease_until: datetime | None) -> DrawRecord:
        """Return what to store, so that a replay can tell whether the inputs are the same."""
        preferences = self.preferences or Preferences()
        return DrawRecord(
            students=len(self.students),
            candidates=len(self.candidates),
            questions=_digest(
                *(self.candidates, preferences.topics.values()),
                *sorted(map(sorted, set(self.barred.values()))),
            ),
            history=_digest(*map(self._history, self.students), _counts(preferences.views)),
            sampling=self.sampling,
            never_twice=never_twice,
            ease=None if self.ease is None else _digest(_counts(self.ease)),
            ease_until=None if self.ease is None else ease_until,
        )

    def _history(self, student: str) -> Iterable[str]:
        """Describe what a student had before, without their id; shortly, as there may be much."""
        seen = self.seen.get(student, ())
        brief = (str(len(seen)), *seen[-1:])
        if self.preferences is None:
            return brief
        due, had = self.preferences.due.get(student, ()), self.preferences.had.get(student, ())
        return *brief, *sorted(due), *sorted(had)


@dataclass(frozen=True, slots=True)
class DrawContext:
    """What a round's draw depends on, apart from who takes part.

    Attributes:
        bank: The question bank.
        before: What happened before the round.
        filters: The round's settings.
        rng: The draw's generator; if the candidates are sampled, that is the first it decides.
        number: The round's number.
    """

    bank: Bank
    before: Before
    filters: Filters
    rng: random.Random
    number: int

    async def inputs(
        self, students: Sequence[Student], *, sampling: bool, balance: bool
    ) -> DrawInputs:
        """Gather what the questions of these students are drawn from.

        Args:
            students: Those who take part.
            sampling: Whether a sample of a large bank will do, as nobody gave a seed.
            balance: Whether the questions are to be about equally hard.
        """
        filters, ids = self.filters, sorted(student.id for student in students)
        seen = await self.before.seen(ids)
        barred = await barred_for(self.bank, students, filters)
        exact = not sampling or barred or balance or filters.draw_rules
        candidates, sampled = await candidates_for(
            self.bank, ids, seen, filters, None if exact else self.rng
        )
        left_out = frozenset(barred_from_all(ids, candidates, barred) if candidates else ())
        ids = [student for student in ids if student not in left_out]
        preferences, ease = None, None
        if filters.draw_rules:
            candidates, preferences = await self.preferred(ids, candidates, seen, barred)
        if balance and candidates:
            mine = {student: seen.get(student, ()) for student in ids}
            if preferences is None and not barred:
                candidates = sample_for(mine, candidates, self.rng)
            ease = await self.ease({*candidates, *chain.from_iterable(mine.values())})
        return DrawInputs(
            filters=filters,
            students=ids,
            candidates=candidates,
            seen=seen,
            barred=barred,
            left_out=left_out,
            sampling=sampled,
            preferences=preferences,
            ease=ease,
        )

    async def ease(self, question_ids: Collection[str]) -> Mapping[str, float]:
        """Return how easy questions are, from 0 to 1."""
        return await self.before.ease(question_ids, await self.bank.get_many(question_ids))

    async def preferred(
        self, ids: Sequence[str], candidates: list[str], seen: SeenByStudent, barred: Barred
    ) -> tuple[list[str], Preferences]:
        """Return the candidates, or a sample of very many, and what the round's rules prefer.

        Args:
            ids: The students who get a question.
            candidates: The ids of the questions that match, sorted.
            seen: What everybody in the meeting has seen, oldest first.
            barred: The candidates that a student can't be shown.
        """
        rules = self.filters.draw_rules
        due: dict[str, frozenset[str]] = {}
        views: Counter[str] = Counter()
        if DrawRule.CARRY_OVER in rules:
            attempts, there = await self.before.attempts(ids), frozenset(candidates)
            missed = {one: due_again(attempts.get(one, ()), self.number) & there for one in ids}
            due = {student: some for student, some in missed.items() if some}
        if DrawRule.COVER in rules:
            views.update(chain.from_iterable(seen.values()))
        if len(candidates) > MOST_PREFERRED and not barred:
            shuffled = self.rng.sample(candidates, len(candidates))
            shuffled.sort(key=views.__getitem__)
            candidates = sorted({*shuffled[:MOST_PREFERRED], *chain.from_iterable(due.values())})
        topics: dict[str, str] = {}
        had: dict[str, frozenset[str]] = {}
        if DrawRule.PER_TOPIC in rules:
            mine = {student: seen.get(student, ()) for student in ids}
            topic = await self._topics({*candidates, *chain.from_iterable(mine.values())})
            topics = {one: topic[one] for one in candidates}
            repeatable = {} if self.filters.allow_repeats else mine
            kept = {one: without(repeatable.get(one, ()), due.get(one, ())) for one in ids}
            had = {
                one: topics_had((topic[each] for each in mine[one]), left)
                for one, left in available_topics(topics, kept, barred).items()
            }
        ranks = view_ranks(candidates, views) if views else {}
        return candidates, Preferences(due=due, topics=topics, had=had, views=ranks)

    async def _topics(self, question_ids: Collection[str]) -> dict[str, str]:
        questions = await self.bank.get_many(question_ids)
        return {
            one: topic_of(questions[one], self.filters.topics) if one in questions else NO_TOPIC
            for one in question_ids
        }


async def candidates_for(
    bank: Bank,
    ids: Sequence[str],
    seen: SeenByStudent,
    filters: Filters,
    rng: random.Random | None,
) -> tuple[list[str], Sampling]:
    """Return enough candidate question ids for a draw, and how they were chosen.

    A large bank is sampled. A small one is returned whole, because the draw then needs an
    exact matching. So is any bank if `rng` is None: when the seed is given, because the draw
    has to be repeatable, and when some students can't be shown every question.
    """
    most = max((len(seen.get(student, ())) for student in ids), default=0)
    needed = candidates_needed(len(ids), most)
    # Oversample, because a sample may contain duplicates.
    size = needed + needed // 4 + 10
    if rng is not None and await bank.count(filters) > 2 * size:
        sample = await bank.sample(filters, size, rng)
        if len(sample) >= needed:
            return sample, Sampling.BY_SEED if await bank.listed() else Sampling.BY_DATABASE
    return await bank.matching(filters), Sampling.NONE


async def barred_for(bank: Bank, students: Sequence[Student], filters: Filters) -> Barred:
    """Return the matching questions that a student's client can't show, by student id."""
    limited = [student for student in students if student.question_types != ALL_TYPES]
    if not limited:
        return {}
    matching = await bank.matching(filters)
    barred = {
        types: frozenset(matching).difference(await bank.matching(filters, types))
        for types in {student.question_types for student in limited}
    }
    return {s.id: barred[s.question_types] for s in limited if barred[s.question_types]}


def _digest(*parts: Iterable[str]) -> str:
    """Return a short digest of lists of texts."""
    return blake2b("\n".join(map(" ".join, parts)).encode(), digest_size=8).hexdigest()


def _counts(numbers: Mapping[str, float]) -> list[str]:
    return [f"{one}={number:.6g}" for one, number in sorted(numbers.items())]
