"""Item analysis, compared with NumPy, SciPy and Moodle, and recovered from a known class."""

from __future__ import annotations

import json
import math
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from livequiz.domain.item_analysis import (
    ENOUGH_FOR_GROUPS,
    ENOUGH_TO_DISCRIMINATE,
    Attempt,
    analyse,
    correlation,
    discriminative_efficiency,
    first_attempts,
    rest_scores,
    wilson,
)
from livequiz.domain.model import QuestionType
from tests.results.rasch_class import RaschClass, question

EXACT = 1e-9
marks = st.lists(
    st.tuples(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.floats(0, 100, width=32)),
    min_size=3,
    max_size=60,
)


@given(marks)
@settings(max_examples=200)
def test_correlation_and_efficiency_are_those_of_numpy(pairs: list[tuple[float, float]]) -> None:
    x, y = (np.array(column) for column in zip(*pairs, strict=True))
    found, efficiency = correlation(list(x), list(y)), discriminative_efficiency(list(x), list(y))
    if np.var(x) == 0 or np.var(y) == 0:
        assert (found, efficiency) == (None, None)
        return
    if found is None:
        assert np.var(x) * np.var(y) < 1e-10
        return
    # Where hardly anything varies, NumPy's means are rounded too coarsely for more.
    precise = EXACT if min(np.std(x), np.std(y)) > 1e-3 else 1e-6
    assert found == pytest.approx(100 * np.corrcoef(x, y)[0, 1], abs=precise)
    most = np.cov(np.sort(x), np.sort(y))[0, 1]
    if efficiency is not None:
        assert efficiency == pytest.approx(100 * np.cov(x, y)[0, 1] / most, rel=EXACT, abs=EXACT)


@given(st.integers(1, 3_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_is_that_of_scipy(trial: tuple[int, int]) -> None:
    right, n = trial
    low, high = wilson(right, n)
    expected = stats.binomtest(right, n).proportion_ci(0.95, method="wilson")
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=EXACT)


def test_a_question_that_everybody_had_has_the_figures_of_a_test() -> None:
    """With the same questions for all: the formulas of a test, by NumPy, on the totals."""
    lesson = RaschClass(40, 8).lesson(8, same_questions=True)
    score = np.zeros((40, 8))
    attempts = []
    for number, played in enumerate(lesson.rounds):
        for row, response in enumerate(played.responses):
            score[row, number] = response.points
            attempts.append(
                Attempt(
                    response.student_id,
                    response.question_id,
                    response.points,
                    response.response_time,
                    response.answer,
                )
            )
    found = analyse(attempts, lesson.questions)
    for number, question_id in enumerate(lesson.questions):
        x = score[:, number]
        rest = score.sum(axis=1) - x
        item = found[question_id]
        assert item.facility == pytest.approx(x.mean(), abs=EXACT)
        assert item.discrimination == pytest.approx(100 * np.corrcoef(x, rest)[0, 1], abs=EXACT)
        assert item.discrimination == pytest.approx(
            100 * stats.pointbiserialr(x, rest).statistic, abs=EXACT
        )
        most = np.cov(np.sort(x), np.sort(rest))[0, 1]
        assert item.efficiency == pytest.approx(100 * np.cov(x, rest)[0, 1] / most, abs=EXACT)
        times = [a.time or 0.0 for a in attempts if a.question_id == question_id]
        assert item.mean_time == pytest.approx(np.mean(times), abs=EXACT)
        assert item.median_time == pytest.approx(np.median(times), abs=EXACT)
        chosen = np.array([a.answer for a in attempts if a.question_id == question_id])
        ranks = np.round(rest_of(attempts, question_id), 6)
        for index, option in enumerate(item.options):
            assert option.chosen == (chosen == index).sum()
            assert option.share == pytest.approx((chosen == index).mean(), abs=EXACT)
            assert option.lower == pytest.approx(of_lowest(11, ranks, chosen == index), abs=EXACT)
            assert option.upper == pytest.approx(of_lowest(11, -ranks, chosen == index), abs=EXACT)


def of_lowest(size: int, ranks: np.ndarray, chose: np.ndarray) -> float:
    """Return the mean over the lowest ranks, over all orders of those that are tied.

    Each tied student has the same chance of each of the places that their tie takes up.
    """
    places, start = 0.0, 0
    for rank in np.unique(ranks):
        tied = chose[ranks == rank]
        inside = max(0, min(size - start, len(tied)))  # the places that are in the group
        places += inside * tied.mean()
        start += len(tied)
    return float(places / size)


MOODLE = json.loads((Path(__file__).parent / "moodle_statistics.json").read_text())


@pytest.mark.parametrize("worth", ["worth_one", "worth_more"])
def test_the_figures_are_those_that_moodle_computes(worth: str) -> None:
    """On the same data, where everybody answered the same questions; see `about` in the file.

    The definitions are the same but for these differences, which `docs/statistics.md` explains:

    - Here each question counts alike in the rest score. In Moodle it counts by its points, so that
      discrimination and efficiency are the same only where all questions are worth the same.
    - An unanswered question earns 0 in Moodle, and is left out here. So everybody answered here.
    - Moodle's `sd` and `effective_weight`, about marks and totals, have no counterpart here.
    """
    attempts = [
        Attempt(student, f"{number}", share, 1.0, 0)
        for student, shares in enumerate(MOODLE["shares"])
        for number, share in enumerate(shares)
    ]
    found = analyse(attempts, {})
    shares = np.array(MOODLE["shares"])
    points = np.array(MOODLE["points"]) if worth == "worth_more" else np.ones(shares.shape[1])
    for number, expected in enumerate(MOODLE[worth]):
        item = found[f"{number}"]
        assert item.n == expected["s"]
        assert item.facility == pytest.approx(expected["facility"], rel=EXACT)
        discrimination, efficiency = (
            expected[name] for name in ("discrimination_index", "discriminative_efficiency")
        )
        x = shares[:, number]
        theirs = figures(x * points[number], shares @ points - x * points[number])
        assert theirs == pytest.approx((discrimination, efficiency), rel=EXACT)
        # Here each question counts alike in the rest, whatever it is worth.
        ours = figures(x, shares.sum(axis=1) - x)
        assert (item.discrimination, item.efficiency) == pytest.approx(ours, rel=EXACT)
        assert (item.discrimination is None) == (number == 9 - 1)
        if worth == "worth_one":
            assert (item.discrimination, item.efficiency) == pytest.approx(theirs, rel=EXACT)


def figures(x: np.ndarray, rest: np.ndarray) -> tuple[float | None, float | None]:
    """Return discrimination and efficiency by their formulas; None where nothing varies."""
    if np.std(x) == 0:
        return None, None
    most = np.cov(np.sort(x), np.sort(rest))[0, 1]
    return 100 * np.corrcoef(x, rest)[0, 1], 100 * np.cov(x, rest)[0, 1] / most


def rest_of(attempts: list[Attempt], question_id: str) -> list[float]:
    rests = rest_scores(attempts)
    return [rests[a.student, a.question_id] for a in attempts if a.question_id == question_id]


def test_a_rest_score_is_the_mean_of_the_others_plus_how_much_harder_they_were() -> None:
    shares = {"a": {"q": 1.0, "r": 0.0, "t": 0.5}, "b": {"q": 0.0, "r": 1.0}, "c": {"t": 0.0}}
    facility = {"q": 0.5, "r": 0.5, "t": 0.25}
    average = np.mean(list(facility.values()))
    rests = rest_scores([Attempt(s, q, x) for s, had in shares.items() for q, x in had.items()])
    expected = {}
    for student, question_id in (("a", "q"), ("a", "r"), ("a", "t"), ("b", "q"), ("b", "r")):
        others = [q for q in shares[student] if q != question_id]
        earned = np.mean([shares[student][q] for q in others])
        harder = average - np.mean([facility[q] for q in others])
        expected[student, question_id] = 100 * (earned + harder)
    assert rests == pytest.approx(expected)  # without another answer, c has none


def test_hard_questions_do_not_make_a_weak_student() -> None:
    """Two students know the same; one of them had only questions that few solved."""
    easy, hard = (f"{n:024x}" for n in (1, 2)), (f"{n:024x}" for n in (3, 4))
    attempts = [Attempt("lucky", q, 1.0) for q in easy] + [
        Attempt("unlucky", q, 0.25) for q in hard
    ]
    for n in range(20):
        attempts += [Attempt(f"easy {n}", f"{q:024x}", 1.0) for q in (1, 2)]
        attempts += [Attempt(f"hard {n}", f"{q:024x}", 0.25) for q in (3, 4)]
    rests = rest_scores(attempts)
    assert rests["lucky", f"{1:024x}"] == pytest.approx(rests["unlucky", f"{3:024x}"])


FEW = "Too few answers of students who answered other questions too"
OPTION_FEW = (
    "An option's rest score needs 5 students who chose it and answered other questions too."
)


@pytest.mark.parametrize("n", range(1, 15))
def test_a_figure_is_missing_below_its_minimum_and_only_then_and_the_reason_is_said(n: int) -> None:
    """Half of the class chose A, half B; as many as there are answered another question."""
    had = [Attempt(s, "q", float(s % 2), 5.0, s % 2) for s in range(n + 3)]
    others = [Attempt(s, "r", float(s % 3 == 0), 5.0, 0) for s in range(n)]
    two = question(1, options=("a", "b"))
    item = analyse([*had, *others], {"q": two})["q"]
    assert (item.n, item.rated) == (n + 3, n)
    assert (item.discrimination is None) == (n < 10) == ("discrimination needs 10" in item.missing)
    assert (item.efficiency is None) == (item.rest_spread is None) == (n < 10)
    for option in item.options:
        assert (option.upper is None) == (option.lower is None) == (n < 12)
        assert (option.rest_score is None) == (option.rated < 5)
    assert [option.rated for option in item.options] == [(n + 1) // 2, n // 2]
    assert ("27 % need 12" in item.missing) == (n < 12)
    assert (OPTION_FEW in item.missing) == (n < 10)
    assert item.missing.startswith(f"{FEW} ({n}): ") == (n < 12)
    assert (item.missing == "") == (n >= 12)


@given(st.integers(12, 40).flatmap(lambda n: st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=n, max_size=n
)), st.randoms())  # fmt: skip
@settings(max_examples=50)
def test_the_order_of_answers_makes_no_difference_to_any_figure(
    answers: list[tuple[int, int]], chance: random.Random
) -> None:
    """Rest scores are tied, at the borders of the top and the bottom 27 % as well."""
    attempts = [Attempt(n, "q", float(a == 0), 5.0, a) for n, (a, _) in enumerate(answers)]
    attempts += [Attempt(n, "r", rest / 2, 5.0, 0) for n, (_, rest) in enumerate(answers)]
    usual = analyse(attempts, {"q": question(1)})["q"]
    chance.shuffle(attempts)
    mixed = analyse(attempts, {"q": question(1)})["q"]
    assert usual.missing == mixed.missing
    for ours, theirs in zip(usual.options, mixed.options, strict=True):
        assert astuple(ours) == pytest.approx(astuple(theirs), abs=EXACT)
    chosen = np.array([a for a, _ in answers])
    ranks = np.array([rest for _, rest in answers])
    size = round(0.27 * len(answers))
    for index, option in enumerate(usual.options):
        assert option.lower == pytest.approx(of_lowest(size, ranks, chosen == index), abs=EXACT)
        assert option.upper == pytest.approx(of_lowest(size, -ranks, chosen == index), abs=EXACT)
    assert sum(option.upper or 0 for option in usual.options) == pytest.approx(1, abs=EXACT)


def test_what_needs_more_answers_is_left_out_with_the_reason() -> None:
    few = [Attempt(n, "q", float(n % 2), 5.0, n % 2) for n in range(ENOUGH_TO_DISCRIMINATE - 1)]
    others = [Attempt(n, "r", float(n % 3 == 0), 5.0, 0) for n in range(30)]
    item = analyse([*few, *others], {"q": question(1)})["q"]
    assert item.n == 9
    assert item.discrimination is None
    assert item.efficiency is None
    assert item.missing == (
        f"{FEW} (9): discrimination needs 10, the top and bottom 27 % need 12. {OPTION_FEW}"
    )
    assert {option.upper for option in item.options} == {None}
    more = [Attempt(n, "q", float(n % 2), 5.0, n % 2) for n in range(ENOUGH_FOR_GROUPS)]
    item = analyse([*more, *others], {"q": question(1)})["q"]
    assert item.missing == OPTION_FEW
    assert item.discrimination is not None
    assert None not in {option.upper for option in item.options}
    alike = [Attempt(n, "q", 1.0, 5.0, 0) for n in range(20)]
    item = analyse([*alike, *others], {})["q"]
    assert item.missing.startswith("Discrimination is undefined")
    assert item.options == ()


def test_without_an_answer_there_are_no_figures() -> None:
    item = analyse([Attempt("a", "q"), Attempt("b", "q")], {"q": question(1)})["q"]
    assert (item.n, item.no_answer, item.facility, item.interval) == (0, 2, None, None)
    assert item.missing == "Nobody answered it."


def test_a_question_has_all_its_figures_from_enough_answers_on() -> None:
    marks = [0.0, 1.0, 1.0, 0.5, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0] * 2
    attempts = [Attempt(n, "q", mark, None, n % 4) for n, mark in enumerate(marks)]
    attempts += [Attempt(n, "r", (n % 5) / 4, 5.0, 0) for n in range(20)]
    attempts += [Attempt("away", "q"), Attempt("gone", "q")]
    item = analyse(attempts, {"q": question(1)})["q"]
    rests = rest_of([a for a in attempts if a.share is not None], "q")
    assert (item.n, item.no_answer, item.missing) == (20, 2, "")
    assert item.interval == wilson(sum(marks), 20)
    assert item.discrimination == pytest.approx(100 * np.corrcoef(marks, rests)[0, 1], abs=EXACT)
    assert item.rest_spread == pytest.approx(np.std(rests, ddof=1), abs=EXACT)
    assert (item.mean_time, item.median_time) == (None, None)
    for index, option in enumerate(item.options):
        assert option.rest_score == pytest.approx(np.mean(rests[index::4]), abs=EXACT)
    unchosen = analyse([replace(a, answer=0) for a in attempts], {"q": question(1)})["q"]
    assert [option.rest_score for option in unchosen.options[1:]] == [None] * 3


def test_only_the_first_answer_counts() -> None:
    kept = first_attempts(
        [Attempt("a", "q"), Attempt("a", "q", 1.0), Attempt("a", "q", 0.0), Attempt("b", "q")]
    )
    assert kept == [Attempt("a", "q", 1.0), Attempt("b", "q")]


def test_each_choice_of_several_is_counted() -> None:
    several = question(1, type=QuestionType.MULTIPLE, correct=(0, 1))
    attempts = [
        Attempt("a", several.id, 1.0, 3.0, (0, 1)),
        Attempt("b", several.id, 0.0, 3.0, (2,)),
    ]
    item = analyse(attempts, {several.id: several})[several.id]
    assert [option.chosen for option in item.options] == [1, 1, 1, 0]


@pytest.mark.parametrize("seed", range(3))
def test_a_class_with_known_abilities_is_recovered(seed: int) -> None:
    """Facility and discrimination within 4 standard errors of what the model says."""
    school = RaschClass(400, 60, seed=seed)
    lesson = school.lesson(15)
    attempts = [
        Attempt(r.student_id, r.question_id, r.points, r.response_time, r.answer)
        for played in lesson.rounds
        for r in played.responses
    ]
    found = analyse(attempts, lesson.questions)
    had = {q: [a.student for a in attempts if a.question_id == q] for q in found}
    for question_id, item in found.items():
        chances = [
            1 / (1 + math.exp(school.difficulties[question_id] - school.abilities[str(s)]))
            for s in had[question_id]
        ]
        expected, n = np.mean(chances), len(chances)
        error = math.sqrt(sum(p * (1 - p) for p in chances)) / n
        assert item.facility is not None
        assert abs(item.facility - expected) < 4 * error
        assert item.discrimination is not None
        rho = expected_correlation(school, question_id, attempts)
        assert abs(item.discrimination / 100 - rho) < 4 * (1 - rho**2) / math.sqrt(n - 1)


def expected_correlation(
    school: RaschClass, question_id: str, attempts: Sequence[Attempt]
) -> float:
    """Return the correlation of a question's marks with rest scores that the model leads to.

    Marks vary by chance, with p (1 - p), and with ability; so do the means of the others.
    """

    def solves(student: object, asked: str) -> float:
        return 1 / (1 + math.exp(school.difficulties[asked] - school.abilities[str(student)]))

    had = defaultdict(list)
    chances = defaultdict(list)
    for attempt in attempts:
        had[attempt.student].append(attempt.question_id)
        chances[attempt.question_id].append(solves(attempt.student, attempt.question_id))
    facility = {asked: np.mean(found) for asked, found in chances.items()}
    marks, rests, noise = [], [], []
    for student, asked in had.items():
        if question_id in asked:
            others = [(solves(student, q), facility[q]) for q in asked if q != question_id]
            marks.append(solves(student, question_id))
            rests.append(np.mean([p - mean for p, mean in others]))
            noise.append(sum(p * (1 - p) for p, _ in others) / len(others) ** 2)
    by_chance = np.mean([p * (1 - p) for p in marks])
    variances = (np.var(marks) + by_chance) * (np.var(rests) + np.mean(noise))
    return float(np.cov(marks, rests, ddof=0)[0, 1] / math.sqrt(variances))
