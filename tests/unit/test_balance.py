"""Balanced draws: the rules of all draws hold, and luck evens out."""

from __future__ import annotations

import math
import random
from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.domain.balance import balanced_draw, ease_of
from livequiz.domain.draw import Draw, draw
from livequiz.domain.model import Difficulty
from livequiz.domain.statistics import Tally
from tests.results.rasch_class import question

STUDENTS = [f"s{n}" for n in range(30)]


def lesson(seed: int, *, balanced: bool, rounds: int = 10) -> tuple[float, float]:
    """Return the spread of expected scores: of the whole lesson, and of a round on average."""
    chance = random.Random(seed)
    ease = {f"q{n}": 1 / (1 + math.exp(chance.gauss(0, 1.2))) for n in range(300)}
    seen: dict[str, list[str]] = {student: [] for student in STUDENTS}
    of_rounds = []
    for _ in range(rounds):
        if balanced:
            drawn = balanced_draw(STUDENTS, list(ease), seen, chance, ease=ease)
        else:
            drawn = draw(STUDENTS, list(ease), seen, chance)
        assert drawn.distinct
        assert len(set(drawn.assigned.values())) == len(STUDENTS)
        for student, asked in drawn.assigned.items():
            assert asked not in seen[student]
            seen[student].append(asked)
        of_rounds.append(pstdev(ease[asked] for asked in drawn.assigned.values()))
    return pstdev(sum(ease[asked] for asked in seen[s]) for s in STUDENTS), fmean(of_rounds)


@pytest.mark.parametrize("seed", range(5))
def test_where_the_ease_is_known_little_luck_is_left(seed: int) -> None:
    (whole, of_round), (evened, of_balanced) = (
        lesson(seed, balanced=False),
        lesson(seed, balanced=True),
    )
    assert evened < whole / 2
    assert of_balanced < of_round / 2


@given(st.integers(1, 8), st.integers(1, 14), st.integers(0, 2**32), st.booleans())
def test_it_draws_by_the_rules_of_every_draw(
    students: int, questions: int, seed: int, repeats: bool
) -> None:
    chance = random.Random(seed)
    people, bank = STUDENTS[:students], [f"q{n}" for n in range(questions)]
    ease = {one: chance.random() for one in bank}
    seen = {s: chance.sample(bank, chance.randint(0, questions)) for s in people}
    barred = {s: frozenset(chance.sample(bank, chance.randint(0, questions // 3))) for s in people}

    def drawn(balanced: bool) -> Draw:
        more = {"barred": barred, "allow_repeats": repeats}
        if balanced:
            return balanced_draw(people, bank, seen, random.Random(seed), ease=ease, **more)  # type: ignore[arg-type]
        return draw(people, bank, seen, random.Random(seed), **more)  # type: ignore[arg-type]

    found, usual = drawn(True), drawn(True)
    assert found == usual  # replayable
    usual = drawn(False)
    assert (found.distinct, found.repeats, found.left_out) == (
        usual.distinct,
        usual.repeats,
        usual.left_out,
    )
    assert found.largest_share == usual.largest_share
    for student, asked in found.assigned.items():
        assert asked not in barred[student]
        fresh = set(bank) - barred[student] - set(seen[student])
        assert repeats or not fresh or asked in fresh


def test_ease_is_measured_from_ten_answers_on() -> None:
    hard = question(1, difficulty=Difficulty.HARD)
    assert ease_of(hard, Tally(9, 9, 1.0)) == 0.4
    assert ease_of(hard, Tally(10, 9, 1.0)) == (9 + 4) / 20  # the label counts like 10 answers
    assert ease_of(hard, Tally(990, 891, 1.0)) == (891 + 4) / 1_000
    assert ease_of(question(2), Tally()) == 0.6


def test_whoever_had_harder_questions_gets_the_easier_one() -> None:
    ease = {"hard": 0.2, "easy": 0.9, "harder": 0.4, "easier": 0.5}
    seen = {"unlucky": ["hard"], "lucky": ["easy"]}
    for seed in range(20):
        drawn = balanced_draw(
            list(seen), ["harder", "easier"], seen, random.Random(seed), ease=ease
        )
        assert drawn.assigned == {"unlucky": "easier", "lucky": "harder"}


def test_whoever_came_late_is_neither_lucky_nor_unlucky() -> None:
    ease = {**{f"e{n}": 0.9 for n in range(5)}, "harder": 0.4, "easier": 0.5}
    seen = {"lucky": [f"e{n}" for n in range(5)], "late": []}
    hard = {**ease, **{f"e{n}": 0.1 for n in range(5)}}
    for seed in range(20):
        for easy, gets_easier in ((ease, "late"), (hard, "lucky")):
            drawn = balanced_draw(
                list(seen), ["harder", "easier"], seen, random.Random(seed), ease=easy
            )
            assert drawn.assigned[gets_easier] == "easier"


def test_every_question_can_be_drawn() -> None:
    ease = {"easy": 0.9, "medium": 0.6, "hard": 0.3}
    found = {
        balanced_draw(["s"], list(ease), {}, random.Random(seed), ease=ease).assigned["s"]
        for seed in range(40)
    }
    assert found == ease.keys()


def test_a_question_that_is_no_longer_there_was_neither_easy_nor_hard() -> None:
    ease = {"hard": 0.2, "harder": 0.4, "easier": 0.5}
    seen = {"unlucky": ["hard"], "lucky": ["deleted"]}
    for seed in range(20):
        drawn = balanced_draw(
            list(seen), ["harder", "easier"], seen, random.Random(seed), ease=ease
        )
        assert drawn.assigned == {"unlucky": "easier", "lucky": "harder"}


def test_where_questions_may_come_again_they_even_out_luck_too() -> None:
    ease = {"hard": 0.2, "easy": 0.9, "harder": 0.4, "easier": 0.5}
    seen = {"unlucky": ["hard", "easier", "harder"], "lucky": ["easy"]}
    for seed in range(20):
        drawn = balanced_draw(
            list(seen),
            ["harder", "easier"],
            seen,
            random.Random(seed),
            ease=ease,
            allow_repeats=True,
        )
        assert drawn.assigned == {"unlucky": "easier", "lucky": "harder"}
