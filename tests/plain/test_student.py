"""A student who takes part line by line, through pipes, on a real server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from livequiz.domain.model import NamesAs, Reveal
from tests.conftest import RunningServer
from tests.helpers import bank, documents
from tests.plain.piped import Piped, piped


def joining(server: RunningServer, student_id: str = "S001") -> list[str]:
    return ["student", server.url, "--meeting", "TEST", "--id", student_id, "--name", "Ada"]


async def joined(student: Piped) -> None:
    await student.until("You are in the class TEST as Ada.")
    await student.until("what you can type.")


async def test_a_whole_round_goes_through_a_pipe(server: RunningServer, tmp_path: Path) -> None:
    teacher = await server.instructor()
    await server.import_questions(bank(3))
    async with piped(*joining(server), state=tmp_path) as student:
        await joined(student)
        await teacher.trigger(duration=60)
        asked = await student.until("Type one letter from A to D.")
        assert "Question 1, 1 point, 60 seconds left." in asked
        assert "\nA. " in asked
        await student.type("time?")
        await student.until("seconds left.")
        await student.type("repeat")
        await student.until("Type one letter from A to D.")
        await student.type("z")
        await student.until("“z” is none of the options. Type a letter from A to D.")
        await student.type("b")
        await student.until("Correct. +1 point")
        await student.type("b")
        await student.until("There is no question now.")
        await student.type("score")
        await student.until("Question 1: ")
        assert await student.ended() == 0
        assert "You have left the class." in student.said
        assert "\x1b" not in student.said
    (response,) = await documents(server.store, "responses")
    assert (response["student_id"], response["answer"]) == ("S001", 1)


async def test_what_is_missing_is_asked_for(server: RunningServer, tmp_path: Path) -> None:
    await server.instructor()
    async with piped("student", "--plain", state=tmp_path) as student:
        await student.until("Address that your teacher shows:")
        await student.type(server.url)
        await student.until("Meeting code:")
        await student.type("no code!")
        await student.until("Your student id:")
        await student.type("S001")
        await student.until("Your name:")
        await student.type("Ada")
        await student.until("Only letters, digits, _ and -, at most 32.")
        await student.until("Meeting code:")
        await student.type("test")
        await joined(student)
        await student.type("quit")
        await student.until("You have left the class.")
        assert await student.ended() == 0
    async with piped("student", "--plain", state=tmp_path) as student:
        await student.until(f"Address that your teacher shows [{server.url}]:")
        for _ in range(4):
            await student.type("")
        await joined(student)


async def test_the_address_of_the_page_names_the_meeting(
    server: RunningServer, tmp_path: Path
) -> None:
    await server.instructor()
    async with piped("student", "--plain", state=tmp_path) as student:
        await student.until("Address that your teacher shows:")
        await student.type(f"{server.url}/?m=TEST")
        await student.until("Your student id:")
        await student.type("S001")
        await student.until("Your name:")
        await student.type("Ada")
        await joined(student)
        assert "Meeting code:" not in student.said


async def test_help_and_quit_are_no_ids(server: RunningServer, tmp_path: Path) -> None:
    command = ("student", server.url, "-m", "TEST", "--plain")
    async with piped(*command, state=tmp_path) as student:
        await student.until("Your student id:")
        await student.type("help")
        await student.until("Type quit to stop.")
        await student.until("Your student id:")
        await student.type("quit")
        assert await student.ended() == 1


async def test_a_meeting_that_is_not_open_yet_is_waited_for(
    server: RunningServer, tmp_path: Path
) -> None:
    async with piped(*joining(server), state=tmp_path) as student:
        await student.until("Waiting for it. Type quit to stop.")
        await server.instructor()
        await joined(student)


async def test_every_type_is_answered(server: RunningServer, tmp_path: Path) -> None:
    teacher = await server.instructor()
    several = {"type": "multiple", "options": ["x", "y", "z"], "correct": [0, 2]}
    lines: dict[str, tuple[dict[str, Any], str]] = {
        "Choose.": ({**several}, "a c"),
        "True?": ({"type": "true_false", "correct": True}, "true"),
        "How many?": ({"type": "numeric", "correct": 3.5}, "3,5"),
        "Which word?": ({"type": "short_text", "correct": "help"}, '"help"'),
    }
    await server.import_questions([{"question": q, **rest} for q, (rest, _) in lines.items()])
    async with piped(*joining(server), state=tmp_path) as student:
        await joined(student)
        for _ in lines:
            await teacher.trigger(duration=60)
            said = await student.until("Type ")
            (text,) = (text for text in lines if text in said)
            await student.type(lines[text][1])
            await student.until("Correct.")
        await student.type("score")
        await student.until("4 points; 4 of 4 answers right.")


async def test_an_open_question_is_not_left_by_mistake(
    server: RunningServer, tmp_path: Path
) -> None:
    teacher = await server.instructor()
    await server.import_questions(bank(1))
    async with piped(*joining(server), state=tmp_path) as student:
        await joined(student)
        await teacher.trigger(duration=60)
        await student.until("Type one letter")
        await student.type("quit")
        await student.until("Type quit again to leave it.")
        await student.type("quit")
        await student.until("You have left the class.")
        assert await student.ended() == 0


async def test_an_answer_is_shown_after_the_round_if_the_teacher_wants_that(
    server: RunningServer, tmp_path: Path
) -> None:
    teacher = await server.instructor()
    await server.import_questions(bank(2, explanation="Because."))
    await server.student("S002", "Bob")
    async with piped(*joining(server), state=tmp_path) as student:
        await joined(student)
        await teacher.trigger(duration=60, reveal=Reveal.AFTER_ROUND)
        await student.until("Type one letter")
        await student.type("a")
        await student.until("Stored. Your teacher will show the answer after the round.")
        await teacher.close_round()
        await student.until("Incorrect. The right answer is B: b.")
        await student.until("Because.")


async def test_the_leaderboard_is_said_with_the_own_place_first(
    server: RunningServer, tmp_path: Path
) -> None:
    teacher = await server.instructor()
    await server.import_questions(bank(3))
    await server.student("S002", "Bob")
    async with piped(*joining(server), state=tmp_path) as student:
        await joined(student)
        await teacher.trigger(duration=60)
        await student.until("Type one letter")
        await student.type("b")
        await student.until("Correct.")
        await teacher.close_round()
        await teacher.show_leaderboard()
        said = await student.until("2. Bob, 0 points\n")
        assert "\nYou are 1st of 2.\n1. Ada (you), 1 point\n" in said
        await teacher.show_leaderboard(shown=False)
        await teacher.show_leaderboard(names=NamesAs.NICKNAMES)
        await student.until(", 1st of 2.\n")
        await student.until(" (you), 1 point\n")
        before = len(student.said)
        await student.type("quit")
        await student.until("You have left the class.")
        assert "Bob" not in student.said[before:]


async def test_a_lost_connection_is_said_and_the_answer_kept(
    server: RunningServer, tmp_path: Path
) -> None:
    teacher = await server.instructor()
    await server.import_questions(bank(2))
    async with piped(*joining(server), state=tmp_path) as student:
        await joined(student)
        await teacher.trigger(duration=600)
        await student.until("Type one letter")
        await server.stop()
        await student.until("The connection is lost.")
        await student.type("b")
        await server.start()
        await student.until("Correct.")
    (response,) = await documents(server.store, "responses")
    assert response["answer"] == 1


async def test_whoever_is_removed_is_told_and_the_program_ends(
    server: RunningServer, tmp_path: Path
) -> None:
    teacher = await server.instructor()
    async with piped(*joining(server), state=tmp_path) as student:
        await joined(student)
        await teacher.remove_student("S001")
        await student.until("Your teacher has removed you from this meeting.")
        assert await student.ended() == 1


async def test_input_that_ends_before_the_join_joins_nothing(
    server: RunningServer, tmp_path: Path
) -> None:
    async with piped(*joining(server), state=tmp_path) as student:
        await student.until("Waiting for it.")  # nobody has opened the meeting
        assert await student.ended() == 1
        assert "You have not joined a class." in student.said


async def test_who_leaves_while_the_server_is_away_is_told_that_the_answer_is_lost(
    server: RunningServer, tmp_path: Path
) -> None:
    teacher = await server.instructor()
    await server.import_questions(bank(1))
    async with piped(*joining(server), state=tmp_path) as student:
        await joined(student)
        await teacher.trigger(duration=600)
        await student.until("Type one letter")
        await server.stop()
        await student.until("The connection is lost.")
        await student.type("b")
        await student.type("quit")
        await student.until("Your answer could not be stored.")
        assert await student.ended() == 1
