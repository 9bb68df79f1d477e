"""Right or wrong, points, and where a shuffled option belongs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.domain.answering import as_shown, as_stored
from livequiz.domain.errors import QuizError
from livequiz.domain.grading import Grade, earned, grade
from livequiz.domain.model import Assignment, PointsFor, Question
from livequiz.domain.option_order import shown_options

NOW = datetime(2026, 1, 15, 10, 5, tzinfo=UTC)


def question(options: int = 4, correct: int = 1, points: int = 1) -> Question:
    texts = tuple(f"option {number}" for number in range(options))
    return Question(id="q", text="?", options=texts, correct=correct, created_at=NOW, points=points)


def assignment(order: tuple[int, ...] = ()) -> Assignment:
    return Assignment("r", "TEST", "S001", "q", NOW, NOW, option_order=order)


def test_the_key_is_right_and_gives_its_points() -> None:
    assert grade(question(correct=2, points=5), 2).correct
    assert grade(question(correct=2, points=5), 2).points == 5


def test_a_distractor_is_wrong_and_gives_nothing() -> None:
    verdict = grade(question(correct=2, points=5), 1)
    assert not verdict.correct
    assert verdict.points == 0


@given(st.permutations(range(5)), st.integers(0, 4))
def test_a_shuffled_place_leads_to_the_option_that_was_shown_there(
    order: list[int], place: int
) -> None:
    given_order = assignment(tuple(order))
    asked = question(options=5)
    stored = as_stored(given_order, place, asked)
    assert isinstance(stored, int)
    assert shown_options(given_order, asked)[place] == asked.options[stored]
    assert as_shown(given_order, stored) == place


@pytest.mark.parametrize("place", [-1, 4, 63])
def test_an_option_that_does_not_exist_is_refused(place: int) -> None:
    for order in ((), (3, 2, 1, 0)):
        with pytest.raises(QuizError) as refusal:
            as_stored(assignment(order), place, question())
        assert refusal.value.field == "answer"


@given(st.floats(0, 200), st.floats(1, 120), st.sampled_from([1, 2, 2.5, 10]))
def test_speed_takes_up_to_half_of_the_points(spent: float, limit: float, points: float) -> None:
    right = Grade(True, points)
    found = earned(right, PointsFor.SPEED, spent, limit)
    if spent < 0.5:
        assert found == points
    else:
        assert found == pytest.approx(points * (1 - min(spent / limit, 1) / 2), abs=0.0051)
    assert points / 2 - 0.0051 <= found <= points
    assert earned(right, PointsFor.ACCURACY, spent, limit) == points
    assert earned(right, PointsFor.NOTHING, spent, limit) == 0


def test_points_for_speed_go_by_the_own_time_and_keep_a_share() -> None:
    assert earned(Grade(True, 4), PointsFor.SPEED, 10, 20) == 3
    assert earned(Grade(True, 4), PointsFor.SPEED, 20, 40) == 3  # twice the time, half the hurry
    assert earned(Grade(False, 2), PointsFor.SPEED, 10, 20) == 1.5
    assert earned(Grade(False, 0), PointsFor.SPEED, 0.1, 20) == 0
    assert earned(Grade(True, 0), PointsFor.SPEED, 3, 20) == 0
    assert earned(Grade(True, 4), PointsFor.SPEED, 3, 0) == 2
