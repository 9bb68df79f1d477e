"""What a draw prefers, once its hard rules are kept: see `DrawRule`, and `draw` for those rules.

The rules, in the order in which they count:

1. *Carry over*: a student gets back a question that they missed, if it is due.
2. *Per topic*: a student gets none of the topics that they have had since their topics began anew,
   as long as they can get another one. They begin anew when the student has had all of them.
3. *Cover*: the class gets the questions that it has seen least.

A draw has the least total cost, where one student's breach of a rule costs more than all students'
breaches of the later ones. So a rule gives way to an earlier one, and to the hard rules, for as few
students as possible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from livequiz.domain.eligibility import Barred, mask_of
from livequiz.domain.model import Question

FIRST_GAP = 2  # rounds between a question that was missed and its return; twice as many each time
MOST_RANKS = 8  # of how often the class has seen questions: beyond that, all count the same

# Each is above what 20,000 students can cost by all the later rules.
_PER_RANK_OF_VIEWS = MOST_RANKS
_PER_TOPIC = 1 << 22
_PER_MISSED = 1 << 38
DEAREST = 1 << 54  # above the total cost of any draw

NO_TOPIC = ""
_NOTHING: frozenset[str] = frozenset()


class Attempt(NamedTuple):
    """A question that a student got in a round; `correct` is False also without an answer."""

    round_number: int
    question_id: str
    correct: bool


@dataclass(frozen=True, slots=True)
class Preferences:
    """Which questions students should rather get; without any field, all are alike.

    Attributes:
        due: By student id, the questions that they missed and that are due again. A draw counts
            them as not seen.
        topics: By question id, its topic, where topics count.
        had: By student id, the topics that they should not get yet.
        views: By question id, a rank from 0 for what the class has seen least, below MOST_RANKS.
        distance: By question id, a rank from 0 for the questions of a balanced draw's choice, below
            MOST_RANKS; it counts least.
    """

    due: Mapping[str, frozenset[str]] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)
    had: Mapping[str, frozenset[str]] = field(default_factory=dict)
    views: Mapping[str, int] = field(default_factory=dict)
    distance: Mapping[str, int] = field(default_factory=dict)

    def cost(self, student: str, question: str) -> int:
        """Return what it costs to give a student a question; only differences mean anything."""
        due = self.due.get(student, _NOTHING)
        if question in due:
            return 0
        had = self.topics.get(question, NO_TOPIC) in self.had.get(student, _NOTHING)
        return _PER_MISSED * bool(due) + _PER_TOPIC * had + self._rank(question)

    def levels(
        self, people: Sequence[str], deck: Sequence[str], masks: Sequence[int]
    ) -> list[list[tuple[int, int]]]:
        """Return the same costs as bit sets: for each student, pairs of a cost and its questions.

        Args:
            people: The students.
            deck: The questions.
            masks: For each student, a bit set of the questions that they may get.
        """
        numbers = {question: number for number, question in enumerate(deck)}
        kinds: dict[tuple[str, int], int] = {}
        for question, number in numbers.items():
            kind = self.topics.get(question, NO_TOPIC), self._rank(question)
            kinds[kind] = kinds.get(kind, 0) | 1 << number
        result = []
        for student, mask in zip(people, masks, strict=True):
            missed, had = self.due.get(student, _NOTHING), self.had.get(student, _NOTHING)
            due = mask & mask_of(numbers[one] for one in missed if one in numbers)
            by_cost = {0: due} if due else {}
            for (topic, rank), members in kinds.items():
                if part := members & mask & ~due:
                    cost = _PER_MISSED * bool(missed) + _PER_TOPIC * (topic in had) + rank
                    by_cost[cost] = by_cost.get(cost, 0) | part
            result.append(sorted(by_cost.items()))
        return result

    def _rank(self, question: str) -> int:
        return _PER_RANK_OF_VIEWS * self.views.get(question, 0) + self.distance.get(question, 0)


def due_again(attempts: Iterable[Attempt], next_round: int) -> frozenset[str]:
    """Return the questions that a student missed and that are due again.

    A question is due when two other rounds of the meeting have passed since it was missed. Missed
    again, it is due after four more, then eight. Answered right, it is done.

    Expanding gaps make what is learned last longer than the same number of repetitions in a row:
    Landauer & Bjork, "Optimum rehearsal patterns and name learning", in Practical Aspects of Memory
    (1978) 625-632; Cepeda et al., "Distributed practice in verbal recall tasks", Psychological
    Bulletin 132 (2006) 354-380.

    Args:
        attempts: What the student got in the meeting, in any order.
        next_round: The number of the round to draw for.
    """
    missed: dict[str, tuple[int, int]] = {}  # how often, and in which round the last time
    for attempt in sorted(attempts):
        if attempt.correct:
            missed.pop(attempt.question_id, None)
        else:
            times, _ = missed.get(attempt.question_id, (0, 0))
            missed[attempt.question_id] = times + 1, attempt.round_number
    return frozenset(
        question
        for question, (times, last) in missed.items()
        if next_round - last > FIRST_GAP * 2 ** (times - 1)
    )


def topic_of(question: Question, chosen: Collection[str] = ()) -> str:
    """Return the topic that a question counts for: its first, or its first of those chosen."""
    return next((topic for topic in question.topics if not chosen or topic in chosen), NO_TOPIC)


def topics_had(history: Iterable[str], available: Collection[str]) -> frozenset[str]:
    """Return the topics that a student has had since their topics last began anew.

    Args:
        history: The topics of their earlier questions, oldest first.
        available: The topics that they can still get; no others count.
    """
    had: set[str] = set()
    for topic in history:
        if topic in available:
            had.add(topic)
        if len(had) == len(set(available)):
            had.clear()
    return frozenset(had)


def view_ranks(candidates: Collection[str], views: Mapping[str, int]) -> dict[str, int]:
    """Return ranks for `Preferences.views`, by how often the class has seen each candidate."""
    counts = sorted({views.get(question, 0) for question in candidates})
    ranks = {count: min(rank, MOST_RANKS - 1) for rank, count in enumerate(counts)}
    return {question: ranks[views.get(question, 0)] for question in candidates}


def available_topics(
    topics: Mapping[str, str],
    seen: Mapping[str, Sequence[str]],
    barred: Barred,
) -> dict[str, frozenset[str]]:
    """Return, by student id, the topics of the candidates that they may get and have not seen.

    Args:
        topics: By candidate, its topic.
        seen: By student id, what they have seen.
        barred: By student id, the candidates that they may not get.
    """
    open_to: dict[frozenset[str], Counter[str]] = {}
    result = {}
    for student, questions in seen.items():
        closed = barred.get(student, _NOTHING)
        if closed not in open_to:
            open_to[closed] = Counter(topic for one, topic in topics.items() if one not in closed)
        left = open_to[closed].copy()
        left.subtract(topics[one] for one in {*questions} - closed if one in topics)
        result[student] = frozenset(topic for topic, count in left.items() if count > 0)
    return result
