"""Section 2 of the contract, as a student sees it: every field of every event on the wire."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from livequiz.protocol import events
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, Connect, RunningServer
from tests.contract import shapes
from tests.contract.shapes import assert_shape
from tests.helpers import HANDLERS, QUESTIONS, RawClient, bank

DOCUMENT = Path(__file__).parents[2] / "docs" / "protocol.md"
TRANSPORTS = pytest.mark.parametrize("transport", ["websocket", "polling"])


def without_ok(ack: dict[str, Any]) -> dict[str, Any]:
    assert ack["ok"] is True, ack
    return {name: value for name, value in ack.items() if name != "ok"}


def test_the_document_lists_the_events_that_the_server_knows() -> None:
    section = DOCUMENT.read_text().split("## 2.")[1].split("## 3.")[0]
    listed = set(re.findall(r"^#### `(\w+)`$", section, re.MULTILINE))
    known = {name for key, name in vars(events).items() if key.isupper()} - {events.ERROR}
    assert listed == known
    assert HANDLERS.keys() < known


@TRANSPORTS
async def test_connected_comes_at_once_over_both_transports(
    connect: Connect, transport: str
) -> None:
    client = await connect(transport)
    assert_shape(await client.next("connected"), shapes.CONNECTED)
    assert client.log[0][0] == "connected"


@TRANSPORTS
async def test_the_workflow_of_a_student_has_the_contracts_fields_on_both_transports(
    server: RunningServer, teacher: RawClient, connect: Connect, transport: str
) -> None:
    await server.import_questions(QUESTIONS)
    student = await connect(transport)
    connected = await student.next("connected")
    joined = await student.join("S001", "Alice Johnson")
    assert_shape(without_ok(joined), shapes.JOINED)
    assert await student.next("joined") == without_ok(joined)
    assert joined["socket_id"] == connected["socket_id"]
    assert (joined["student_id"], joined["meeting_id"], joined["name"], joined["round"]) == (
        "S001",
        "TEST",
        "Alice Johnson",
        None,
    )

    await teacher.trigger(duration=60)
    question = await student.next("NEW_QUESTION")
    assert_shape(question, shapes.NEW_QUESTION)
    assert question["round_number"] == 1
    assert question["duration"] == 60
    assert 59 < question["remaining"] <= 60

    ack = await student.answer("S001", question, 0, response_time=1.5)
    assert_shape(without_ok(ack), shapes.ANSWER_RESULT)
    assert await student.next("answer_result") == without_ok(ack)
    closed = await student.next("round_closed")
    assert_shape(closed, shapes.STUDENT_ROUND_CLOSED)
    assert closed["reason"] == "complete"
    assert closed["result"] == without_ok(ack)


async def test_a_question_carries_its_topic_and_points_and_the_result_its_explanation(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(1, topics=["maths"], points=5, explanation="Because."))
    student = await join("S001")
    await teacher.trigger()
    question = await student.next("NEW_QUESTION")
    assert (question["topic"], question["points"]) == ("maths", 5)
    result = without_ok(await student.answer("S001", question, 1))
    assert_shape(result, shapes.ANSWER_RESULT)
    assert (result["points"], result["total_points"], result["streak"]) == (5, 5, 1)
    assert result["explanation"] == "Because."


async def test_the_key_never_reaches_a_student_before_it_answered(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(2, explanation="A canary of the key", source="A book"))
    students = [await join("S001"), await join("S002")]
    await teacher.trigger(duration=60)
    for student in students:
        await student.next("NEW_QUESTION")
        for _, payload in student.log:
            text = json.dumps(payload)
            for word in ("correct", "canary", "content_hash", "explanation", "book"):
                assert word not in text


async def test_a_question_that_nobody_answered_shows_its_key_when_the_round_is_closed(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(1))
    student = await join("S001")
    await teacher.trigger()
    await teacher.ok("close_round", {"meeting_id": "TEST"})
    closed = await student.next("round_closed")
    assert_shape(closed, shapes.STUDENT_ROUND_CLOSED)
    assert closed["reason"] == "instructor"
    assert closed["result"]["correct"] is False
    assert closed["result"]["correct_answer"] == 1
    assert closed["result"]["your_answer"] is None


async def test_a_student_is_told_of_more_time(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(1))
    student = await join("S001")
    await teacher.trigger(duration=60)
    await teacher.ok("extend_round", {"meeting_id": "TEST", "seconds": 30})
    extended = await student.next("round_extended")
    assert_shape(extended, shapes.ROUND_EXTENDED)
    assert 89 < extended["remaining"] <= 90


async def test_a_class_is_told_how_many_are_here(teacher: RawClient, join: Connect) -> None:
    alice = await join("S001", "Alice")
    bob = await join("S002", "Bob")
    news = await alice.next("presence_updated")
    while news["here"] != 2:
        news = await alice.next("presence_updated")
    assert_shape(news, shapes.PRESENCE_UPDATED)
    await bob.ok("leave", {})
    assert (await alice.next("presence_updated"))["here"] == 1


async def test_a_removed_student_is_told_why_and_disconnected(
    teacher: RawClient, join: Connect
) -> None:
    student = await join("S001")
    await teacher.ok("remove_student", {"meeting_id": "TEST", "student_id": "S001"})
    removed = await student.next("removed")
    assert_shape(removed, shapes.REMOVED)
    assert removed["reason"] == "removed"
    await student.ended()


async def test_a_student_that_comes_back_gets_its_history(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    await server.import_questions(bank(2))
    student = await join("S001")
    token = (await student.next("joined"))["resume_token"]
    await teacher.trigger()
    await student.answer("S001", await student.next("NEW_QUESTION"), 1)
    await teacher.next("round_closed")
    await teacher.trigger()
    await teacher.ok("close_round", {"meeting_id": "TEST"})
    await student.close()
    again = await (await connect()).join("S001", resume_token=token)
    assert_shape(without_ok(again), shapes.JOINED)
    assert [(row["round_number"], row["answered"]) for row in again["history"]] == [
        (2, False),
        (1, True),
    ]
    assert again["history"][1]["correct_option"] == "b"
    assert "response_time" not in again["history"][0]


@pytest.mark.parametrize(("reveal", "correct"), [("at_once", True), ("after_round", None)])
async def test_a_student_that_comes_back_is_told_of_its_answer_in_the_open_round(
    server: RunningServer, teacher: RawClient, join: Connect, reveal: str, correct: bool | None
) -> None:
    # Its waiting room once said nothing of an answer that was stored.
    await server.import_questions(bank(2))
    student, _ = await join("S001"), await join("S002")
    token = (await student.next("joined"))["resume_token"]
    await teacher.trigger(duration=60, reveal=reveal)
    await student.answer("S001", await student.next("NEW_QUESTION"), 1)
    again = await (await join("S001", resume_token=token)).next("joined")
    (item,) = again["history"]
    assert_shape(item, shapes.HISTORY_ITEM)
    assert (item["answered"], item["correct"]) == (True, correct)
    assert ("correct_option" in item) is (correct is not None)


async def test_leave_and_time_sync_are_answered_by_their_acks(join: Connect) -> None:
    student = await join("S001")
    synced = await student.ok("time_sync", {"client_time": 12.5})
    assert_shape(without_ok(synced), shapes.TIME_SYNCED)
    assert synced["client_time"] == 12.5
    assert (await student.ok("time_sync", {"client_time": "noon"}))["client_time"] == "noon"
    assert await student.ok("leave", {}) == {"ok": True}
    assert (await student.refused("submit_answer_ws", _answer()))["code"] == "not_joined"


@TRANSPORTS
async def test_an_error_comes_as_the_ack_and_as_the_event(connect: Connect, transport: str) -> None:
    client = await connect(transport)
    who = {"student_id": "S001", "meeting_id": "NONE"}
    for event, data, code, field in (
        ("join_student", {**who, "name": "A"}, "not_found", "meeting_id"),
        ("join_student", who, "bad_request", "name"),
        ("submit_answer_ws", _answer(), "not_joined", None),
        ("join_instructor", {"instructor_id": "t", "meeting_id": "TEST"}, "unauthorized", "token"),
        ("close_round", {"meeting_id": "TEST"}, "unauthorized", None),
    ):
        error = await client.refused(event, data)
        assert_shape(error, shapes.ERROR)
        assert await client.next("error") == error
        assert (error["code"], error["event"]) == (code, event)
        assert error.get("field") == field


async def test_a_client_that_asks_for_no_acks_gets_the_named_events(
    server: RunningServer, teacher: RawClient, connect: Connect
) -> None:
    await server.import_questions(bank(1))
    client = await connect()
    await client.send("join_student", {"student_id": "S1", "meeting_id": "test", "name": "A"})
    assert (await client.next("joined"))["meeting_id"] == "TEST"
    await teacher.trigger()
    question = await client.next("NEW_QUESTION")
    wrong = {"student_id": "S1", "question_id": "nonsense", "answer": 1}
    await client.send("submit_answer_ws", wrong)
    assert (await client.next("error"))["code"] == "bad_request"
    await client.send("submit_answer_ws", {**wrong, "question_id": question["question_id"]})
    assert (await client.next("answer_result"))["correct"] is True


class TestOpenMeetings:
    """`livequiz serve --open-meetings`, for clients that know no instructor."""

    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN, open_meetings=True)

    async def test_a_students_join_opens_the_meeting(self, connect: Connect) -> None:
        joined = await (await connect()).join("S001", meeting_id="new-one")
        assert joined["meeting_id"] == "NEW-ONE"


def _answer() -> dict[str, Any]:
    return {"student_id": "S001", "question_id": "0" * 24, "answer": 0}
