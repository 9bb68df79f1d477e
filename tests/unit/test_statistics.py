"""Accuracy and what a round's summary says."""

from __future__ import annotations

from datetime import UTC, datetime

from livequiz.domain.model import Question, Response
from livequiz.domain.statistics import (
    Tally,
    hardest,
    slowest,
    tally,
    tally_by_question,
    tally_by_student,
)

NOW = datetime(2026, 1, 15, 10, 5, tzinfo=UTC)


def response(student: str, question: str, correct: bool, seconds: float) -> Response:
    return Response("r", "TEST", student, question, 0, correct, int(correct), seconds, NOW)


RESPONSES = [
    response("S001", "q1", True, 12.3),
    response("S002", "q2", False, 15.8),
    response("S003", "q2", True, 3.0),
]
QUESTIONS = {
    name: Question(id=name, text=name, options=("a", "b"), correct=0, created_at=NOW)
    for name in ("q1", "q2")
}


def test_accuracy_is_a_percentage_of_the_responses() -> None:
    assert tally(RESPONSES).accuracy == 66.7
    assert tally_by_question(RESPONSES)["q2"].accuracy == 50.0


def test_responses_are_counted_by_question_and_by_student() -> None:
    assert tally_by_question(RESPONSES) == {"q1": Tally(1, 1, 12.3), "q2": Tally(2, 1, 18.8)}
    assert tally_by_student([RESPONSES[0], RESPONSES[0], RESPONSES[1]]) == {
        "S001": Tally(2, 2, 24.6),
        "S002": Tally(1, 0, 15.8),
    }


def test_nothing_is_said_of_no_responses() -> None:
    assert Tally().accuracy is None
    assert Tally().mean_response_time is None
    assert hardest({}, QUESTIONS) is None
    assert slowest([]) is None


def test_the_mean_time_is_that_of_all_responses() -> None:
    assert tally(RESPONSES).mean_response_time == 10.367


def test_the_hardest_question_is_the_one_most_often_wrong() -> None:
    found = hardest(tally_by_question(RESPONSES), QUESTIONS)
    assert found is not None
    assert found[0].id == "q2"


def test_of_equally_hard_questions_the_one_most_answered_is_the_hardest() -> None:
    tallies = {"q1": Tally(2, 1), "q2": Tally(4, 2), "q3": Tally(0, 0)}
    assert hardest(tallies, QUESTIONS) == (QUESTIONS["q2"], tallies["q2"])


def test_no_question_is_hard_when_all_answers_are_right() -> None:
    assert hardest(tally_by_question(RESPONSES[:1]), QUESTIONS) is None


def test_the_slowest_response_is_found() -> None:
    found = slowest(RESPONSES)
    assert found is not None
    assert found.student_id == "S002"


def test_tallies_add_up() -> None:
    assert tally(RESPONSES[:1]) + tally(RESPONSES[1:]) == tally(RESPONSES)
