"""The words of practice and of a look back, where no server is needed."""

from __future__ import annotations

import pytest

from livequiz.client.practice import PracticeRun, as_new
from livequiz.client.verdict_wording import Tone, of_practice
from livequiz.domain.model import QuestionType
from livequiz.plain.wording import past_lines, practice_lines
from livequiz.protocol.codec import decode, encode
from livequiz.protocol.messages import MeetingUpdated
from livequiz.protocol.practice import AskedQuestion, PastAnswer, PracticeResult
from livequiz.protocol.snapshot import Snapshot
from livequiz.tui.instructor.board import Board
from tests.helpers import Json

ASKED = AskedQuestion("1" * 24, "Even?", ["1", "2", "3", "4"], QuestionType.MULTIPLE, 3, 4, "maths")
TYPED = AskedQuestion("1" * 24, "g?", [], QuestionType.NUMERIC, 3, 1)


def result(**more: object) -> PracticeResult:
    fields = {"question_id": "1" * 24, "your_answer": [1], "correct": False, "earned": 0}
    return decode({**fields, "correct_answer": [1, 3], **more}, PracticeResult)


@pytest.mark.parametrize(
    ("question", "given", "title", "detail"),
    [
        (ASKED, result(correct=True, earned=4), "✓ Correct", ""),
        (ASKED, result(), "✗ Incorrect", "The right answers are B, D"),
        (ASKED, result(earned=2), "◐ Partly right: 2 of 4", "The right answers are B, D"),
        (
            TYPED,
            result(your_answer=9.0, correct_answer=9.81, correct_text="9.81 ± 0.01"),
            "✗ Incorrect",
            "The right answer is 9.81 ± 0.01",
        ),
    ],
)
def test_a_verdict_says_what_is_right_and_gives_no_points(
    question: AskedQuestion, given: PracticeResult, title: str, detail: str
) -> None:
    verdict = of_practice(question, given)
    assert (verdict.title, verdict.detail) == (title, detail)
    assert verdict.tone is (Tone.RIGHT if given.correct else Tone.WRONG)
    assert (verdict.right, verdict.chosen) == (given.correct_answer, given.your_answer)


def test_a_run_counts_answers_and_says_what_came_of_them() -> None:
    run = PracticeRun([ASKED, TYPED])
    assert (run.title, run.last, run.summary) == ("Practice 1 of 2   maths", False, "")
    run.count(result(correct=True))
    assert run.summary == "You practised 1 question and got 1 right."
    run.index = 1
    run.count(result())
    assert (run.title, run.last) == ("Practice 2 of 2", True)
    assert run.summary == "You practised 2 questions and got 1 right."


def test_lines_have_no_time_no_points_and_no_gaps() -> None:
    lines = list(practice_lines(PracticeRun([ASKED])))
    assert lines[:2] == ["Practice 1 of 1, maths.", "Even?"]
    assert lines[-1] == "Several can be right. Type all letters that apply, such as: a c"
    assert as_new(ASKED).remaining == 0


@pytest.mark.parametrize(
    ("answer", "right", "said"),
    [
        ([1, 3], True, ["Your answer: B, 2; D, 4.", "Correct."]),
        ([0], False, ["Your answer: A, 1.", "Incorrect. The right answers are B, D."]),
        (None, False, ["You gave no answer. The right answers are B, D."]),
    ],
)
def test_a_past_answer_is_told_in_words(
    answer: list[int] | None, right: bool, said: list[str]
) -> None:
    fields = {**encode(ASKED), "your_answer": answer, "correct": right, "earned": 0}
    item = decode({**fields, "correct_answer": [1, 3], "explanation": "Halves."}, PastAnswer)
    assert list(past_lines(item)) == ["Question 3: Even?", *said, "Halves."]


def test_a_dashboard_keeps_how_much_each_student_has_practised() -> None:
    row: Json = {"student_id": "S001", "name": "Ada", "status": "active", "joined_at": ""}
    row |= {"total_points": 0, "streak": 0, "time_factor": 1.0}
    rest = {"bank": 0, "topics": [], "round": None, "assignments": [], "questions": []}
    snapshot = {"meeting_id": "TEST", "locked": False, "server_time": "", **rest}
    students = [{**row, "practised": 2}, {**row, "student_id": "S002"}]
    board = Board()
    board.load(decode({**snapshot, "students": students}, Snapshot))
    assert [person.practised for person in board.people.values()] == [2, 0]
    board.apply(MeetingUpdated("TEST", False, practised={"S002": 5, "S009": 1}))
    assert [person.practised for person in board.people.values()] == [2, 5]
    board.apply(MeetingUpdated("TEST", True))
    assert board.people["S002"].practised == 5
