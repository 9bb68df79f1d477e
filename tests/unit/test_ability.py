"""Scores that allow for the difficulty of the questions."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from scipy import optimize

from livequiz.domain.ability import ABILITY_SPREAD, DIFFICULTY_SPREAD, ENOUGH, fit
from tests.results.rasch_class import RaschClass

Answers = list[tuple[str, str, float]]


def answers_of(school: RaschClass, rounds: int) -> Answers:
    return [
        (r.student_id, r.question_id, float(r.points))
        for played in school.lesson(rounds).rounds
        for r in played.responses
    ]


def test_the_estimates_are_the_most_probable_values() -> None:
    """SciPy's minimiser finds the same maximum of the posterior density."""
    answers = answers_of(RaschClass(12, 9, seed=4), 6)
    model = fit(answers)
    students, questions = list(model.students), list(model.questions)
    s = np.array([students.index(student) for student, _, _ in answers])
    q = np.array([questions.index(question) for _, question, _ in answers])
    x = np.array([share for _, _, share in answers])

    def cost(values: np.ndarray) -> float:
        ability, difficulty = values[: len(students)], values[len(students) :]
        surplus = ability[s] - difficulty[q]
        prior = (ability**2).sum() / ABILITY_SPREAD**2 + (
            difficulty**2
        ).sum() / DIFFICULTY_SPREAD**2
        return float((np.logaddexp(0, surplus) - x * surplus).sum() + prior / 2)

    best = optimize.minimize(
        cost, np.zeros(len(students) + len(questions)), method="BFGS", options={"gtol": 1e-8}
    ).x
    found = [
        *(e.value for e in model.students.values()),
        *(e.value for e in model.questions.values()),
    ]
    assert found == pytest.approx(list(best), abs=2e-3)


def test_scores_and_standard_errors_follow_from_the_estimates() -> None:
    model = fit(answers_of(RaschClass(12, 9, seed=4), 6))
    ability = np.array([e.value for e in model.students.values()])
    difficulty = np.array([e.value for e in model.questions.values()])
    chance = 1 / (1 + np.exp(difficulty[None, :] - ability[:, None]))
    assert [model.adjusted_score(s) for s in model.students] == pytest.approx(
        list(100 * chance.mean(axis=1))
    )
    everything = fit([(s, q, 0.5) for s in ("a", "b", "c") for q in ("q", "r")])  # all are average
    assert {e.error for e in everything.students.values()} == {1 / math.sqrt(1 + 2 / 4)}
    one = fit([("a", "q", 1.0), ("a", "r", 1.0), ("b", "q", 0.0)])
    for estimates, others, spread in (
        (one.students, one.questions, ABILITY_SPREAD),
        (one.questions, one.students, DIFFICULTY_SPREAD),
    ):
        met = {"a": ("q", "r"), "b": ("q",), "q": ("a", "b"), "r": ("a",)}
        for key, found in estimates.items():
            chances = [1 / (1 + math.exp(others[o].value - found.value)) for o in met[str(key)]]
            information = 1 / spread**2 + sum(p * (1 - p) for p in chances)
            assert found.error == pytest.approx(1 / math.sqrt(information))


@pytest.mark.parametrize("seed", range(3))
def test_abilities_and_difficulties_are_recovered(seed: int) -> None:
    school = RaschClass(200, 80, seed=seed)
    model = fit(answers_of(school, 30))
    ability = [(model.students[s].value, true) for s, true in school.abilities.items()]
    difficulty = [(model.questions[q].value, true) for q, true in school.difficulties.items()]
    assert np.corrcoef(np.array(ability).T)[0, 1] > 0.88
    assert np.corrcoef(np.array(difficulty).T)[0, 1] > 0.97
    # Only differences mean something: the scale's zero is the average of this class.
    shift = np.mean([value - true for value, true in ability])
    errors = [
        abs(e.value - school.abilities[str(s)] - shift) / e.error for s, e in model.students.items()
    ]
    assert np.mean(np.array(errors) < 2) > 0.9  # standard errors say what they claim


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("answers", "bound"), [(10, 12), (30, 8)])
def test_the_adjusted_score_is_near_what_a_student_would_solve_of_all_questions(
    seed: int, answers: int, bound: float
) -> None:
    """Root mean square error in percentage points, and no bias; nearer than the plain share."""
    school = RaschClass(200, 60, seed=seed)
    given = answers_of(school, answers)
    model = fit(given)
    difficulty = np.array([school.difficulties[str(q)] for q in model.questions])
    adjusted, plain = [], []
    for student, ability in school.abilities.items():
        true = 100 * np.mean(1 / (1 + np.exp(difficulty - ability)))
        score = model.adjusted_score(student)
        assert score is not None
        adjusted.append(score - true)
        plain.append(100 * np.mean([x for s, _, x in given if s == student]) - true)
    error = math.sqrt(np.mean(np.square(adjusted)))
    assert error < bound
    assert error < math.sqrt(np.mean(np.square(plain)))
    assert abs(np.mean(adjusted)) < 2
    if answers == 10:
        assert error == pytest.approx(10, abs=1.5)  # "about 10" in docs/statistics.md


def test_a_student_with_hard_questions_is_not_taken_for_a_weak_one() -> None:
    """Two with the same ability: one had the ten easiest questions, the other the ten hardest."""
    chance = random.Random(5)
    difficulty = {f"q{n}": -2 + n / 5 for n in range(21)}
    answers = [
        (f"s{n}", q, float(chance.random() < 1 / (1 + math.exp(b))))
        for n in range(100)
        for q, b in difficulty.items()
    ]
    easy, hard = list(difficulty)[:10], list(difficulty)[-10:]
    answers += [("lucky", q, 1 / (1 + math.exp(difficulty[q]))) for q in easy]
    answers += [("unlucky", q, 1 / (1 + math.exp(difficulty[q]))) for q in hard]
    model = fit(answers)
    lucky, unlucky = model.adjusted_score("lucky"), model.adjusted_score("unlucky")
    assert lucky is not None
    assert unlucky is not None
    raw = {s: np.mean([x for who, _, x in answers if who == s]) for s in ("lucky", "unlucky")}
    assert raw["lucky"] - raw["unlucky"] > 0.4
    assert abs(lucky - unlucky) < 6


def test_with_too_few_answers_there_is_no_score() -> None:
    answers = [(f"s{n}", f"q{q}", float((n + q) % 2)) for n in range(8) for q in range(ENOUGH)]
    model = fit([*answers, *(("new", f"q{q}", 1.0) for q in range(ENOUGH - 1))])
    assert model.adjusted_score("new") is None
    assert model.adjusted_score("nobody") is None
    assert model.adjusted_score("s1") is not None
    assert fit([]).adjusted_score("s1") is None


def test_few_answers_are_shrunk_towards_the_average() -> None:
    """Five of five does not mean that a student can do everything."""
    answers = [
        (f"s{n}", f"q{q}", float((n * 7 + q * 3) % 5 < 3)) for n in range(20) for q in range(30)
    ]
    few = fit([*answers, *(("five", f"q{q}", 1.0) for q in range(5))])
    many = fit([*answers, *(("thirty", f"q{q}", 1.0) for q in range(30))])
    assert few.students["five"].value < many.students["thirty"].value - 0.5
    assert few.students["five"].error > many.students["thirty"].error
