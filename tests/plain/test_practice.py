"""Looking back and practising line by line, through pipes, on a real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from livequiz.client.instructor import InstructorSession
from livequiz.server.quiz.service import Policy
from tests.conftest import PROJECTOR, TOKEN, RunningServer
from tests.helpers import bank, stored
from tests.plain.piped import Piped, piped
from tests.plain.test_student import joined, joining

EXPLAINED = bank(3, explanation="It is the second.", topics=["maths"])


@pytest.fixture
def policy() -> Policy:
    return Policy(TOKEN, PROJECTOR, practice=True)


async def answered(teacher: InstructorSession, student: Piped, answer: str) -> None:
    await teacher.trigger(duration=60)
    await student.until("Type one letter from A to D.")
    await student.type(answer)
    await student.until("It is the second.")


async def test_the_history_says_what_was_asked_answered_and_right_and_why(
    server: RunningServer, tmp_path: Path
) -> None:
    teacher = await server.instructor()
    await server.import_questions(EXPLAINED)
    async with piped(*joining(server), state=tmp_path) as student:
        await joined(student)
        await student.type("history")
        await student.until("No question of yours is over yet.")
        await answered(teacher, student, "b")
        await answered(teacher, student, "c")
        await teacher.trigger(duration=60)
        await student.until("Type one letter from A to D.")
        await student.type("history")
        await student.until('put it in quotation marks: "history".')
        await teacher.close_round()
        await student.until("It is the second.")
        await student.type("history")
        right = await student.until("Question 2: ")
        assert "Your answer: B, b.\nCorrect.\nIt is the second.\n" in right
        wrong = await student.until("Question 3: ")
        assert "Your answer: C, c.\nIncorrect. The right answer is B: b.\n" in wrong
        await student.until("You gave no answer. The right answer is B: b.")
        assert "\x1b" not in student.said


async def test_what_was_missed_is_practised_and_a_round_comes_first(
    server: RunningServer, tmp_path: Path
) -> None:
    teacher = await server.instructor()
    await server.import_questions(EXPLAINED)
    async with piped(*joining(server), state=tmp_path) as student:
        await joined(student)
        await student.type("practise")
        await student.until("There is nothing to practise right now.")
        await answered(teacher, student, "a")
        await answered(teacher, student, "c")
        await student.type("practise")
        said = await student.until("Type one letter from A to D.")
        assert "your teacher sees only how many you practise" in said
        assert "Practice 1 of 2, maths." in said
        await student.type("z")
        await student.until("“z” is none of the options.")
        await teacher.trigger(duration=60)
        await student.until("Question 3, maths, 1 point, 60 seconds left.")
        await student.type("c")  # for what was asked before
        await student.until("A question came while you practised. Type your answer to it again.")
        await student.type("b")
        await student.until("Correct. +1 point")
        await student.until("Practice 1 of 2, maths.")
        await student.type("b")
        await student.until("Correct.\nIt is the second.")
        await student.until("Practice 2 of 2, maths.")
        await student.type("repeat")
        await student.until("Practice 2 of 2, maths.")
        await student.type("d")
        await student.until("Incorrect. The right answer is B: b.")
        await student.until("You practised 2 questions and got 1 right.")
        await student.type("b")
        await student.until("There is no question now.")
    await stored(server.store, "participants", {"student_id": "S001", "practised": 2})


async def test_stop_ends_practice(server: RunningServer, tmp_path: Path) -> None:
    teacher = await server.instructor()
    await server.import_questions(EXPLAINED)
    async with piped(*joining(server), state=tmp_path) as student:
        await joined(student)
        await student.type("stop")
        await student.until("You are not practising.")
        await answered(teacher, student, "a")
        await student.type("practice")
        await student.until("Practice 1 of 1")
        await student.type("stop")
        await student.until("You have practised no question.")


async def test_a_class_without_practice_says_so(server: RunningServer, tmp_path: Path) -> None:
    await server.stop()
    server.policy = Policy(TOKEN)
    await server.start()
    await server.instructor()
    async with piped(*joining(server), state=tmp_path) as student:
        await joined(student)
        await student.type("practise")
        await student.until("Practice is off in this class; your teacher can allow it.")


async def test_an_option_that_is_a_command_is_chosen_in_quotation_marks(
    server: RunningServer, tmp_path: Path
) -> None:
    teacher = await server.instructor()
    await server.import_questions(
        [{**EXPLAINED[0], "options": ["go", "Stop", "wait", "Incorrect"]}]
    )
    async with piped(*joining(server), state=tmp_path) as student:
        await joined(student)
        await answered(teacher, student, '"stop"')
        assert "Correct. +1 point" in student.said


async def test_a_key_with_the_word_incorrect_is_said_as_it_is(
    server: RunningServer, tmp_path: Path
) -> None:
    teacher = await server.instructor()
    await server.import_questions([{**EXPLAINED[0], "options": ["go", "Incorrect", "c", "d"]}])
    async with piped(*joining(server), state=tmp_path) as student:
        await joined(student)
        await teacher.trigger(duration=60)
        await student.until("Type one letter from A to D.")
        await teacher.close_round()
        await student.until("It is the second.")
        await student.type("history")
        await student.until("You gave no answer. The right answer is B: Incorrect.")
