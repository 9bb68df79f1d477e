"""The key, and what others were asked, never leave the server before their time: byte by byte."""

from __future__ import annotations

import re

import pytest

from tests.conftest import Connect, RunningServer
from tests.helpers import Json, RawClient
from tests.server.tap import Tap

# What only who has answered may read; the texts are in no other field.
TELLING = re.compile(rb"WHY-|SOURCE-|\"(correct\w*|explanation|source|content_hash|key)\"")
TEST = {"meeting_id": "TEST"}


def a_bank(size: int) -> list[Json]:
    return [
        {
            "question": f"ASKED-{n}",
            "options": [f"OPTION-{n}-{place}" for place in range(4)],
            "correct": n % 4,
            "explanation": f"WHY-{n}",
            "source": f"SOURCE-{n}",
        }
        for n in range(size)
    ]


async def do_everything(student: RawClient, question: Json, token: str) -> None:
    """Ask the server for everything that a student can ask before it answers."""
    await student.ok("time_sync", {})
    await student.refused("get_snapshot", TEST)
    await student.refused("preview_round", TEST)
    await student.refused("list_questions", TEST)
    await student.refused("join_instructor", {**TEST, "instructor_id": "x", "token": token})
    wrong = {"student_id": "S001", "question_id": question["question_id"], "answer": 9}
    await student.refused("submit_answer_ws", wrong)
    await student.refused("submit_answer_ws", {**wrong, "answer": "1"})
    assert (await student.ok("get_history", {}))["items"] == []
    await student.refused("get_practice", {})
    await student.refused("practice_answer", {"question_id": question["question_id"], "answer": 1})
    await student.ok(
        "join_student", {**TEST, "student_id": "S001", "name": "A"} | {"resume_token": token}
    )


@pytest.mark.parametrize("transport", ["websocket", "polling"])
@pytest.mark.parametrize("reveal", ["at_once", "after_round"])
async def test_no_byte_tells_the_key_before_the_answer_is_in(
    server: RunningServer, teacher: RawClient, join: Connect, transport: str, reveal: str
) -> None:
    await server.import_questions(a_bank(2))
    other = await join("S002")
    async with Tap(server.port) as tap:
        student = await RawClient(tap.url, transport).open()
        token = (await student.join("S001"))["resume_token"]
        await teacher.trigger(duration=60, reveal=reveal, shuffle_options=True)
        question = await student.next("NEW_QUESTION")
        others = await other.next("NEW_QUESTION")
        await do_everything(student, question, token)
        await other.answer("S002", others, 0)
        await student.ok("time_sync", {})
        assert b"NEW_QUESTION" in tap.heard
        assert TELLING.findall(tap.heard) == []

        before = len(tap.heard)
        await student.answer("S001", question, 0)
        closed = await student.next("round_closed")  # everybody has answered
        assert closed["result"]["explanation"].startswith("WHY-")
        told = bytes(tap.heard[before:])
        shown_at_once = told.split(b'"round_closed"')[0]
        assert (b"WHY-" in shown_at_once) is (reveal == "at_once")
        # What somebody else was asked is never told, nor why it was right.
        number = others["question"].removeprefix("ASKED-").encode()
        for secret in (b"ASKED-", b"OPTION-", b"WHY-", b"SOURCE-"):
            assert secret + number not in tap.heard
        await student.close()


async def test_the_tap_hears_what_it_is_there_for(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    # If answers were compressed or split the search above would find nothing, ever.
    await server.import_questions(a_bank(1))
    async with Tap(server.port) as tap:
        student = await RawClient(tap.url).open()
        await student.join("S001")
        await teacher.trigger(duration=60)
        await student.answer("S001", await student.next("NEW_QUESTION"), 0)
        assert TELLING.search(tap.heard)
        await student.close()
