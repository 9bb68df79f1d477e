"""`livequiz rounds replay` on a data folder, while its server runs and after."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest
from bson import ObjectId

from livequiz.client.instructor import InstructorSession
from livequiz.client.student import StudentSession
from livequiz.db.opening import open_store
from livequiz.domain.balance import ENOUGH
from livequiz.protocol.messages import NewQuestion
from tests.e2e.test_command_line import Server
from tests.helpers import bank as questions
from tests.helpers import next_of
from tests.patience import patient
from tests.results.at_shell import livequiz

STUDENTS = [f"S{n:03}" for n in range(1, 13)]
RULES = ("--per-topic", "--cover", "--carry-over", "--balance")
SERVE = ("--port", "0", "--never-twice", "class", *RULES)
SAME = "It gives the same draw: 12 students would get the question that they got."


async def play(
    server: Server, meeting: str, rounds: int, question_ids: list[str] | None = None
) -> list[NewQuestion]:
    """Play rounds in which some answers are missing; return the first student's questions.

    With question ids, each round is about one of them, and everybody answers.
    """
    teacher = InstructorSession(server.url)
    students = [StudentSession(server.url) for _ in STUDENTS]
    asked = []
    try:
        await teacher.open()
        token = (server.folder / "instructor-token").read_text().strip()
        await teacher.join("teacher", meeting, token)
        for student_id, student in zip(STUDENTS, students, strict=True):
            await student.open()
            await student.join(student_id, meeting, f"Student {student_id}")
        for number in range(rounds):
            chosen = [question_ids[number]] if question_ids else None
            await teacher.trigger(duration=60, question_ids=chosen)
            for n, student in enumerate(students):
                question = await next_of(student, NewQuestion)
                asked += [question] if n == 0 else []
                if (n + number) % 3 or chosen:
                    answer = (n + number) % 2
                    await student.answer(question.question_id, question.round_id, answer, spent=1)
            if not chosen:  # else it ended when everybody had answered
                await teacher.close_round()
    finally:
        await asyncio.gather(*(session.close() for session in (teacher, *students)))
    return asked


async def measure(folder: Path) -> None:
    """Fill a bank, and let another class answer three of its questions an hour ago."""
    bank = folder.parent / "bank.json"
    levels, topics = ("easy", "medium", "hard"), ("algebra", "geometry", "chance", "logic")
    bank.write_text(
        json.dumps(
            [
                {**q, "topics": [topics[n % 4]], "difficulty": levels[n % 3]}
                for n, q in enumerate(questions(90))
            ]
        )
    )
    server = Server(folder, *SERVE, "--meeting", "OTHER", "--class", "8A", "--bank", str(bank))
    try:
        first = await play(server, "OTHER", 3)
        ids = [one.question_id for one in first]
        await play(server, "AGAIN", 3, ids)
    finally:
        server.stop()
    async with open_store(folder, None) as (store, _):
        an_hour = {"$dateSubtract": {"startDate": "$timestamp", "unit": "hour", "amount": 1}}
        responses = store._database["responses"]
        await responses.update_many({}, [{"$set": {"timestamp": an_hour}}])
        answers = {one: tally.responses for one, tally in (await store.history.tallies()).items()}
    assert [answers[one] >= ENOUGH for one in ids] == [True] * 3


@pytest.mark.timeout(patient(240))
async def test_rounds_are_drawn_again_until_a_question_is_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    here = ("--data-dir", folder)
    await measure(folder)
    lesson = ("--class", "7B")
    server = Server(folder, *SERVE, "--meeting", "MONDAY", *lesson)
    try:
        monday = await play(server, "MONDAY", 3)
    finally:
        server.stop()
    server = Server(folder, *SERVE, "--meeting", "TEST", *lesson)
    try:
        asked = await play(server, "TEST", 5)
        out, _ = await livequiz("rounds", "replay", "test", 5, *here)
    finally:
        server.stop()
    # What was missed comes again in the same meeting, and nothing in the next one of the class.
    assert not {one.question_id for one in monday} & {one.question_id for one in asked}
    assert "Round 5 of TEST" in out
    assert "preferring per topic, cover, carry over" in out
    assert SAME in out
    question = asked[-1]
    assert (await livequiz("rounds", "replay", question.round_id, *here))[0] == out
    assert (await livequiz("rounds", "replay", "TEST", question.round_id, *here))[0] == out
    for meeting, number in (("MONDAY", 1), ("MONDAY", 3), ("TEST", 1), ("TEST", 2)):
        out, _ = await livequiz("rounds", "replay", meeting, number, *here)
        assert SAME in out
        assert "changed" not in out

    async with open_store(folder, None) as (store, _):
        theirs = {"_id": ObjectId(question.question_id)}
        await store._database["questions"].delete_one(theirs)
        await store._database["rounds"].update_one(
            {"meeting_id": "TEST", "number": 1}, {"$unset": {"draw": ""}}
        )
    out, _ = await livequiz("rounds", "replay", "TEST", 5, *here, code=1)
    assert re.search(r"another draw: [1-9]\d* of 12 students would get another question", out)
    assert "1 of the 90 questions that it was drawn from is not in the database any more" in out

    out, _ = await livequiz("rounds", "replay", "TEST", 1, *here, code=2)
    assert "This round can't be drawn again. The version of LiveQuiz that played it" in out

    for words, sentence in (
        (("TEST", 6), "There is no round 6 in meeting TEST."),
        (("NONE", 1), "There is no round 1 in meeting NONE."),
        (("TEST",), "Name a round too"),
        (("TEST", "last"), "Name a round too"),
        (("a" * 24,), f"There is no round {'a' * 24}."),
    ):
        _, said = await livequiz("rounds", "replay", *words, *here, code=2)
        assert sentence in said
    _, said = await livequiz("rounds", "replay", "TEST", 1, "--data-dir", tmp_path / "no", code=2)
    assert "There is no database in" in said
