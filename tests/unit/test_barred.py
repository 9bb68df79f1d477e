"""Draws for students who may not get every question, against every draw there is."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from livequiz.domain.draw import Draw, draw, sharing, warnings
from livequiz.domain.eligibility import Barred
from livequiz.domain.errors import Code, QuizError
from tests.unit.test_draw import SEEDS, UNTIMED, Case, cases, crowd, recency_rank, unevenness

BarredCase = tuple[Case, Barred]


@st.composite
def barred_cases(make: st.DrawFn) -> BarredCase:
    case = make(cases())
    students, questions, _ = case
    closed = st.frozensets(st.sampled_from([*questions, "no candidate"]))
    return case, make(st.dictionaries(st.sampled_from(students), closed))


def drawn(case: BarredCase, seed: int = 1) -> Draw:
    (students, questions, seen), barred = case
    return draw(students, questions, seen, random.Random(seed), barred=barred)


def allowed(case: BarredCase, student: str) -> list[str]:
    (_, questions, _), barred = case
    return [question for question in questions if question not in barred.get(student, ())]


def fresh(case: BarredCase, student: str) -> list[str]:
    return [question for question in allowed(case, student) if question not in case[0][2][student]]


def served(case: BarredCase) -> list[str]:
    return [student for student in case[0][0] if allowed(case, student)]


def every_draw(case: BarredCase) -> list[Sequence[str]]:
    """Return all draws in which nobody sees a question twice without need."""
    return list(product(*(fresh(case, s) or allowed(case, s) for s in served(case))))


@UNTIMED
@given(barred_cases(), SEEDS)
def test_nobody_gets_what_is_barred_and_only_the_hopeless_get_nothing(
    case: BarredCase, seed: int
) -> None:
    assume(served(case))
    result = drawn(case, seed)
    assert list(result.assigned) == served(case)
    assert [s for s in case[0][0] if s in result.left_out] == list(result.left_out)
    assert {*result.left_out, *result.assigned} == set(case[0][0])
    for student, question in result.assigned.items():
        assert question in (fresh(case, student) or allowed(case, student))


@UNTIMED
@given(barred_cases(), SEEDS)
def test_no_allowed_draw_is_spread_more_evenly(case: BarredCase, seed: int) -> None:
    assume(served(case))
    result = drawn(case, seed)
    best = min(map(unevenness, every_draw(case)))
    assert unevenness(list(result.assigned.values())) == best
    assert result.distinct == (best[0] == 1)
    assert result.repeats == sum(not fresh(case, student) for student in served(case))


@UNTIMED
@given(barred_cases())
def test_the_preview_counts_who_shares_among_the_served(case: BarredCase) -> None:
    (students, questions, seen), barred = case
    most = max((len(set(chosen)) for chosen in every_draw(case)), default=0)
    assert sharing(students, questions, seen, barred=barred) == len(served(case)) - most


def test_a_preview_without_questions_counts_students_whose_clients_show_few_types() -> None:
    assert sharing(["ada", "bo"], [], {}, barred={"bo": frozenset({"q1"})}) == 2


@UNTIMED
@given(barred_cases(), SEEDS)
def test_the_exhausted_get_what_they_saw_longest_ago_of_what_is_allowed(
    case: BarredCase, seed: int
) -> None:
    assume(served(case))
    seen = case[0][2]

    def deepest(chosen: Sequence[str]) -> int:
        pairs = zip(served(case), chosen, strict=True)
        tired = [(s, q) for s, q in pairs if not fresh(case, s)]
        return max((recency_rank(q, allowed(case, s), seen[s]) for s, q in tired), default=-1)

    options = every_draw(case)
    best = min(map(unevenness, options))
    least = min(deepest(chosen) for chosen in options if unevenness(chosen) == best)
    assert deepest(list(drawn(case, seed).assigned.values())) == least


@UNTIMED
@given(cases(), SEEDS)
def test_a_draw_with_nothing_barred_is_the_same_draw(case: Case, seed: int) -> None:
    nothing = dict.fromkeys(case[0], frozenset[str]())
    assert drawn((case, nothing), seed) == draw(*case, random.Random(seed))


@pytest.mark.heavy
@pytest.mark.parametrize("questions", [2_000, 8_000])
def test_the_memory_used_does_not_grow_like_students_times_what_they_may_not_get(
    questions: int,
) -> None:
    case = crowd(2_000, questions, seen_by_each=1)
    barred = dict.fromkeys(case[0], frozenset(case[1][: questions // 4]))
    tracemalloc.start()
    try:
        result = drawn((case, barred))
        sharing(*case, barred=barred)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < len(case[0]) * questions
    assert not barred[case[0][0]].intersection(result.assigned.values())


def test_students_who_can_be_shown_nothing_are_told_of() -> None:
    case: Case = (["ada", "bo"], ["q1", "q2"], {})
    result = drawn((case, {"bo": frozenset({"q1", "q2"})}))
    assert result.left_out == ("bo",)
    assert not result.limited
    everybody = dict.fromkeys(case[0], frozenset({"q1", "q2"}))
    with pytest.raises(QuizError, match="No matching question can be shown") as refused:
        drawn((case, everybody))
    assert refused.value.code is Code.NO_QUESTIONS


def test_warnings_ask_for_questions_that_every_client_can_show() -> None:
    case: Case = (["ada", "bo", "cy"], ["q1", "q2"], {"ada": ["q1"]})
    result = drawn((case, dict.fromkeys(case[0], frozenset({"q2"}))))
    assert warnings(result) == (
        "Too few questions match: 2 more single-choice questions that nobody has seen would give "
        "each student a different one. For now, up to 3 students share a question.",
        "1 student has already seen every matching question that their program can show and "
        "gets one of them again.",
    )
