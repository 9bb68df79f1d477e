"""Balanced draws: comparable questions in a round, and the same luck for all over a meeting.

A question's *ease* is the share of students who are expected to solve it. A balanced draw takes
the questions of a round from a stretch of the candidates with about the same ease, so that nobody
is lucky in that round; and gives the easier ones of them to those who had harder ones before.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from statistics import fmean

from livequiz.domain.draw import NOTHING_BARRED, Draw, barred_from_all, draw, without
from livequiz.domain.eligibility import Barred
from livequiz.domain.model import Difficulty, Question
from livequiz.domain.preferences import MOST_RANKS, Preferences
from livequiz.domain.statistics import Tally

ENOUGH = 10  # answers, from which on the measured share counts and not only the author's label
LABEL_COUNTS = 10  # answers that the label is worth then
BY_LABEL = {Difficulty.EASY: 0.8, Difficulty.MEDIUM: 0.6, Difficulty.HARD: 0.4, None: 0.6}
_ROUNDS_OF_EXCHANGES = 20


def ease_of(question: Question, answers: Tally) -> float:
    """Return the share of students who are expected to solve a question, from 0 to 1.

    A share of ten answers has a standard error of 0.15: more than questions under one label differ
    by. So it is shrunk towards what the label says, as by a prior of so many answers.

    Args:
        question: The question.
        answers: All answers to it so far.
    """
    if answers.responses >= ENOUGH:
        prior = LABEL_COUNTS * BY_LABEL[question.difficulty]
        return (answers.correct + prior) / (answers.responses + LABEL_COUNTS)
    return BY_LABEL[question.difficulty]


def balanced_draw(
    students: Sequence[str],
    candidates: Sequence[str],
    seen: Mapping[str, Sequence[str]],
    rng: random.Random,
    *,
    ease: Mapping[str, float],
    barred: Barred = NOTHING_BARRED,
    allow_repeats: bool = False,
    preferences: Preferences | None = None,
) -> Draw:
    """Draw a question for every student, by the rules of `draw`, of comparable difficulty.

    Preferences count more than balance: then questions far from the stretch are only what students
    should get last.

    Args:
        students: Student ids.
        candidates: Ids of all questions that match.
        seen: By student id, the questions that they have seen in this meeting, oldest first.
        rng: The only source of chance: the same state and arguments give the same draw.
        ease: By question id, from 0 to 1: of the candidates, and of what was seen.
        barred: By student id, the candidates that they may not get.
        allow_repeats: Whether students may get a question that they have seen.
        preferences: What they should rather get; None if all is alike.

    Raises:
        QuizError: `no_students` or `no_questions` if there are none.
    """
    # Shuffled first, so that chance decides among questions of the same ease.
    deck = list(dict.fromkeys(candidates))
    rng.shuffle(deck)
    deck.sort(key=lambda question: ease[question])
    start = rng.random()
    size = len(set(students))
    if preferences is not None:
        preferences = replace(preferences, distance=_distances(deck, start, size))
        drawn = draw(
            students,
            deck,
            seen,
            rng,
            barred=barred,
            allow_repeats=allow_repeats,
            preferences=preferences,
        )
        return _evened_out(
            drawn, seen, ease, barred, allow_repeats=allow_repeats, preferences=preferences
        )
    while True:
        stretch = _stretch(deck, start, size)
        whole = len(stretch) == len(deck)
        if whole or not barred_from_all(students, stretch, barred):
            drawn = draw(students, stretch, seen, rng, barred=barred, allow_repeats=allow_repeats)
            if whole or (drawn.distinct and not drawn.repeats):
                return _evened_out(drawn, seen, ease, barred, allow_repeats=allow_repeats)
        size *= 2


def _stretch(deck: Sequence[str], start: float, size: int) -> Sequence[str]:
    """Return so many neighbours of a deck, whose first is at a share of the places possible."""
    if size >= len(deck):
        return deck
    first = int(start * (len(deck) - size + 1))
    return deck[first : first + size]


def _distances(deck: Sequence[str], start: float, size: int) -> dict[str, int]:
    """Return how often a stretch has to be doubled until it holds a question, by question."""
    found: dict[str, int] = {}
    for rank in range(MOST_RANKS):
        for question in _stretch(deck, start, size << rank):
            found.setdefault(question, rank)
    return {question: found.get(question, MOST_RANKS - 1) for question in deck}


def distance_from(asked: Collection[str], ease: Mapping[str, float]) -> Callable[[str], float]:
    """Return a function: how far a question's ease is outside the range of those asked."""
    known = [ease[question] for question in asked if question in ease]
    if not known:
        return lambda _: 0.0
    lowest, highest = min(known), max(known)
    return lambda question: max(0.0, lowest - ease[question], ease[question] - highest)


def _evened_out(
    drawn: Draw,
    seen: Mapping[str, Sequence[str]],
    ease: Mapping[str, float],
    barred: Barred,
    *,
    allow_repeats: bool,
    preferences: Preferences | None = None,
) -> Draw:
    """Exchange questions between students while that evens out their luck.

    That is by how much their questions were easier than the average question, in all: whoever came
    late had no luck yet, neither good nor bad.
    """
    given = dict(drawn.assigned)
    average = fmean(ease.values())
    before = {s: sum(ease.get(q, average) - average for q in seen.get(s, ())) for s in given}
    wishes = preferences or Preferences()
    nothing: frozenset[str] = frozenset()
    known = {
        s: frozenset(() if allow_repeats else without(seen.get(s, ()), wishes.due.get(s, nothing)))
        for s in given
    }

    def suits(student: str, question: str) -> bool:
        return question not in known[student] and question not in barred.get(student, nothing)

    def dearer(poor: str, rich: str) -> bool:
        mine, yours = given[poor], given[rich]
        now = wishes.cost(poor, mine) + wishes.cost(rich, yours)
        return wishes.cost(poor, yours) + wishes.cost(rich, mine) > now

    for _ in range(_ROUNDS_OF_EXCHANGES):
        order = sorted(given, key=lambda student: (before[student] + ease[given[student]], student))
        changed = False
        # Whoever has the least gives a question to whoever has the most, and so on inwards.
        for poor, rich in zip(order, reversed(order[len(order) // 2 :]), strict=False):
            mine, yours = given[poor], given[rich]
            gain = ease[yours] - ease[mine]
            ahead = before[rich] + ease[yours] - before[poor] - ease[mine]
            swappable = 0 < gain < ahead and suits(poor, yours) and suits(rich, mine)
            if swappable and not dearer(poor, rich):
                given[poor], given[rich], changed = yours, mine, True
        if not changed:
            break
    return replace(drawn, assigned=given)
