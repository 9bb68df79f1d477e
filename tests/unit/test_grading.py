"""Right or wrong, points, and where a shuffled option belongs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.domain.answering import as_shown, as_stored
from livequiz.domain.errors import QuizError
from livequiz.domain.grading import Grade, earned, grade, stored_share
from livequiz.domain.model import (
    Answer,
    Assignment,
    Key,
    Number,
    PointsFor,
    Question,
    QuestionType,
    Response,
    Scoring,
)
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


@pytest.mark.parametrize(
    ("seconds", "points"),
    [
        (0.0, 10),
        (0.49, 10),  # at once: all of the points
        (0.5, 9.88),  # from here on, half of them over the 20 seconds: 10 * (1 - 0.5 / 20 / 2)
        (0.51, 9.87),
        (10.0, 7.5),  # half of the time
        (19.0, 5.25),
        (20.0, 5),  # the whole time
        (20.9, 5),  # within the grace after it
    ],
)
def test_a_right_answer_to_a_question_of_ten_points_and_twenty_seconds_earns(
    seconds: float, points: float
) -> None:
    assert earned(Grade(True, 10), PointsFor.SPEED, seconds, 20) == points
    assert earned(Grade(True, 10), PointsFor.ACCURACY, seconds, 20) == 10
    assert earned(Grade(True, 10), PointsFor.NOTHING, seconds, 20) == 0


def test_points_for_speed_go_by_the_own_time_and_keep_a_share() -> None:
    assert earned(Grade(True, 4), PointsFor.SPEED, 10, 20) == 3
    assert earned(Grade(True, 4), PointsFor.SPEED, 20, 40) == 3  # twice the time, half the hurry
    assert earned(Grade(False, 2), PointsFor.SPEED, 10, 20) == 1.5
    assert earned(Grade(False, 0), PointsFor.SPEED, 0.1, 20) == 0
    assert earned(Grade(True, 0), PointsFor.SPEED, 3, 20) == 0
    assert earned(Grade(True, 4), PointsFor.SPEED, 3, 0) == 2


def response(answer: Answer, points: float, *, correct: bool = False) -> Response:
    return Response("r", "TEST", "S001", "q", answer, correct, points, 5.0, NOW)


def several(points: float = 2) -> Question:
    return replace(
        question(correct=0, points=1),
        type=QuestionType.MULTIPLE,
        correct=(0, 1),
        scoring=Scoring.PARTIAL,
        points=points,
    )


@pytest.mark.parametrize("points", [1.0, 0.5, 0.0])  # for accuracy, speed, nothing
def test_the_share_of_a_stored_answer_does_not_depend_on_how_points_were_counted(
    points: float,
) -> None:
    assert stored_share(several(), response((0,), points)) == 0.5
    assert stored_share(several(points=0), response((0,), 0)) == 0.5  # a question to warm up
    assert stored_share(several(), response((0, 1), points, correct=True)) == 1
    assert stored_share(several(), response((2, 3), 0)) == 0


def test_a_stored_verdict_stands_whatever_the_question_says_today() -> None:
    assert stored_share(question(correct=2), response(1, 1, correct=True)) == 1
    assert stored_share(question(correct=1), response(1, 0)) == 0
    assert stored_share(None, response(1, 1, correct=True)) == 1
    assert stored_share(None, response(1, 0.5)) == 0


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (QuestionType.SINGLE, 9),
        (QuestionType.SINGLE, -1),
        (QuestionType.SINGLE, "text"),
        (QuestionType.MULTIPLE, 0),
        (QuestionType.MULTIPLE, (0, 9)),
        (QuestionType.NUMERIC, "text"),
        (QuestionType.SHORT_TEXT, 3.5),
    ],
)
def test_an_answer_that_does_not_fit_the_question_earns_what_was_stored(
    kind: QuestionType, answer: Answer
) -> None:
    keys: dict[QuestionType, Key] = {
        QuestionType.NUMERIC: (Number(1.0),),
        QuestionType.SHORT_TEXT: ("a",),
    }
    key: Key = keys.get(kind, (0, 1) if kind is QuestionType.MULTIPLE else 0)
    weights = () if kind in keys else (100.0, 50.0, 0.0, 0.0)
    asked = replace(question(), type=kind, correct=key, weights=weights)
    assert stored_share(asked, response(answer, 0)) == 0
    assert stored_share(asked, response(answer, 1, correct=True)) == 1
