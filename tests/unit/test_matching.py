"""Assignments by number are checked against all assignments that there are."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from livequiz.domain.matching import FORBIDDEN, NO_QUESTION, Mixer, bits, loads, spread

MASKS = st.integers(1, 5).flatmap(
    lambda questions: st.tuples(
        st.lists(st.integers(1, (1 << questions) - 1), min_size=1, max_size=5),
        st.just(questions),
    )
)

UNTIMED = settings(deadline=None)


def numbers(mask: int) -> list[int]:
    """Read a set bit by bit, in another way than the code under test does."""
    return [place for place, digit in enumerate(reversed(f"{mask:b}")) if digit == "1"]


def every_assignment(allowed: list[int]) -> Iterator[tuple[int, ...]]:
    return product(*map(numbers, allowed))


def descending(assignment: tuple[int, ...] | list[int]) -> list[int]:
    return sorted(Counter(assignment).values(), reverse=True)


@UNTIMED
@given(MASKS)
def test_everyone_gets_an_allowed_question(case: tuple[list[int], int]) -> None:
    allowed, _ = case
    assert all(q in numbers(mask) for q, mask in zip(spread(*case), allowed, strict=True))


@UNTIMED
@given(MASKS)
def test_the_largest_share_is_the_least_possible(case: tuple[list[int], int]) -> None:
    least = min(descending(a)[0] for a in every_assignment(case[0]))
    assert loads(spread(*case))[-1] == least


@UNTIMED
@given(MASKS)
def test_as_many_questions_as_possible_are_in_use(case: tuple[list[int], int]) -> None:
    most = max(len(set(a)) for a in every_assignment(case[0]))
    assert len(set(spread(*case))) == most


@UNTIMED
@given(MASKS)
def test_no_assignment_is_spread_more_evenly(case: tuple[list[int], int]) -> None:
    evenest = min(descending(a) for a in every_assignment(case[0]))
    assert loads(spread(*case)) == evenest[::-1]


def most_served(allowed: list[int], questions: int, places: int) -> int:
    """Return how many students can be served (Kuhn's method, on one column for each place)."""
    holder: dict[tuple[int, int], int] = {}

    def serve(student: int, tried: set[tuple[int, int]]) -> bool:
        for column in product(numbers(allowed[student]), range(places)):
            if column not in tried:
                tried.add(column)
                if column not in holder or serve(holder[column], tried):
                    holder[column] = student
                    return True
        return False

    return sum(serve(student, set()) for student in range(len(allowed)))


@UNTIMED
@given(st.lists(st.integers(0, 2**12).map(lambda n: 1 << n % 12 | 1 << n // 12 % 12), max_size=24))
def test_at_every_number_of_places_as_many_students_as_possible_are_served(
    allowed: list[int],
) -> None:
    found = loads(spread(allowed, 12))
    for places in range(1, len(allowed) + 1):
        served = sum(min(load, places) for load in found)
        assert served == most_served(allowed, 12, places)


@UNTIMED
@given(MASKS)
def test_a_limit_leaves_as_few_students_as_possible_without_a_question(
    case: tuple[list[int], int],
) -> None:
    most = max(len(set(a)) for a in every_assignment(case[0]))
    limited = spread(*case, most=1)
    assert len(limited) - limited.count(NO_QUESTION) == most
    assert loads(limited) == [1] * most


def test_a_student_with_no_allowed_question_gets_none() -> None:
    assert spread([0b1, 0b0], 1) == [0, NO_QUESTION]


def test_a_path_through_thousands_of_students_needs_no_recursion() -> None:
    length = 3_000
    chain = [0b11 << number for number in range(length)]
    given_out = spread([*chain, 0b1], length + 1)
    assert given_out == [*range(1, length + 1), 0]


def test_bits_are_the_numbers_in_a_set() -> None:
    assert list(bits(0b1010_0001)) == [0, 5, 7]


def allowed_only(allowed: list[int]) -> Mixer:
    return Mixer(
        spread(allowed, 5), 5, lambda student, q: 0 if q in numbers(allowed[student]) else FORBIDDEN
    )


@UNTIMED
@given(st.lists(st.integers(1, 31), min_size=1, max_size=8), st.integers(0, 99))
def test_mixing_keeps_the_spread_and_gives_only_what_is_allowed(
    allowed: list[int], seed: int
) -> None:
    mixer = allowed_only(allowed)
    before = loads(mixer.given)
    mixer.mix(random.Random(seed))
    assert loads(mixer.given) == before
    assert all(q in numbers(mask) for q, mask in zip(mixer.given, allowed, strict=True))


def test_mixing_reaches_unused_questions_and_exchanges_used_ones() -> None:
    reached = set()
    for seed in range(60):
        mixer = Mixer([0, 1], 3, lambda student, question: 0)
        mixer.mix(random.Random(seed))
        reached.add(tuple(mixer.given))
    assert reached == {(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)}


def test_mixing_exchanges_questions_where_none_is_unused() -> None:
    reached = set()
    for seed in range(20):
        mixer = Mixer([0, 1], 2, lambda student, question: 0)
        mixer.mix(random.Random(seed))
        reached.add(tuple(mixer.given))
    assert reached == {(0, 1), (1, 0)}


def test_a_move_keeps_the_spread_and_costs_no_more() -> None:
    mixer = Mixer([1, 1, 1, 2], 4, lambda student, question: question)
    assert not mixer.move(0, 0)  # would spread 3-1 to 2-1-1
    assert not mixer.move(3, 3)  # would cost 3 instead of 2
    assert mixer.move(3, 0)
    assert mixer.given == [1, 1, 1, 0]


def test_no_exchange_raises_what_the_two_students_pay_together() -> None:
    mixer = Mixer([0, 1], 2, lambda student, question: 5 if student == question else 0)
    assert mixer.swap(0, 1)
    assert not mixer.swap(0, 1)
    assert mixer.given == [1, 0]


def test_settling_takes_the_best_question_that_is_free() -> None:
    mixer = Mixer([3, 1], 4, lambda student, question: question)
    mixer.settle({0: [0, 1, 2, 3]})
    assert mixer.given == [0, 1]


def test_settling_goes_on_while_one_move_frees_the_place_for_another() -> None:
    mixer = Mixer([2, 1], 3, lambda student, question: question)
    mixer.settle({0: [1, 2], 1: [0, 1]})
    assert mixer.given == [1, 0]
