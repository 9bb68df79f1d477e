"""`livequiz rounds replay` on a data folder, while its server runs and after."""

from __future__ import annotations

from pathlib import Path

from bson import ObjectId

from livequiz.client.instructor import InstructorSession
from livequiz.client.student import StudentSession
from livequiz.db.opening import open_store
from livequiz.protocol.messages import NewQuestion
from tests.e2e.test_command_line import Server
from tests.helpers import next_of
from tests.results.at_shell import livequiz

RULES = ("--per-topic", "--cover", "--carry-over")


async def test_rounds_are_drawn_again_until_a_question_is_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    here = ("--data-dir", folder)
    server = Server(folder, "--port", "0", "--meeting", "TEST", *RULES)
    token = (folder / "instructor-token").read_text().strip()
    teacher, student = InstructorSession(server.url), StudentSession(server.url)
    try:
        await teacher.open()
        await teacher.join("teacher", "TEST", token)
        await student.open()
        await student.join("S001", "TEST", "Alice")
        for _ in range(5):
            await teacher.trigger(duration=60)
            question = await next_of(student, NewQuestion)
            await teacher.close_round()
        out, _ = await livequiz("rounds", "replay", "test", 5, *here)
    finally:
        await student.close()
        await teacher.close()
        server.stop()
    assert "Round 5 of TEST" in out
    assert "preferring per topic, cover, carry over" in out
    assert "It gives the same draw: 1 student would get the question that they got." in out
    assert (await livequiz("rounds", "replay", question.round_id, *here))[0] == out
    assert (await livequiz("rounds", "replay", "TEST", question.round_id, *here))[0] == out

    async with open_store(folder, None) as (store, _):
        asked = {"_id": ObjectId(question.question_id)}
        await store._database["questions"].delete_one(asked)
        await store._database["rounds"].update_one({"number": 1}, {"$unset": {"draw": ""}})
    out, _ = await livequiz("rounds", "replay", "TEST", 5, *here, code=1)
    assert "It gives another draw: 1 of 1 student would get another question." in out
    assert "1 of the 300 questions that it was drawn from is not in the database any more" in out

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
