"""Section 2 of the contract, as an instructor sees it: every field of every event on the wire."""

from __future__ import annotations

import pytest

from tests.conftest import TOKEN, Connect, RunningServer
from tests.contract import shapes
from tests.contract.shapes import assert_shape
from tests.contract.test_events import without_ok
from tests.helpers import QUESTIONS, RawClient, bank

TEST = {"meeting_id": "TEST"}


@pytest.mark.parametrize("transport", ["websocket", "polling"])
@pytest.mark.parametrize("by", ["event", "handshake"])
async def test_an_instructor_joins_with_the_token_of_the_event_or_of_the_handshake(
    connect: Connect, transport: str, by: str
) -> None:
    client = await connect(transport, {"token": TOKEN} if by == "handshake" else None)
    request = {"instructor_id": "teacher", "meeting_id": "test"}
    ack = await client.ok(
        "join_instructor", {**request, **({"token": TOKEN} if by == "event" else {})}
    )
    assert_shape(without_ok(ack), {**shapes.INSTRUCTOR_JOINED, "snapshot": shapes.SNAPSHOT})
    joined = await client.next("instructor_joined")
    assert joined == {"success": True, "instructor_id": "teacher", "meeting_id": "TEST"}
    assert ack["snapshot"]["round"] is None


async def test_joins_and_leaves_of_students_are_told(
    teacher: RawClient, join: Connect, connect: Connect
) -> None:
    student = await join("S001", "Alice Johnson")
    news = await teacher.next("student_joined")
    assert_shape(news, shapes.STUDENT_JOINED)
    assert news == {
        "student_id": "S001",
        "name": "Alice Johnson",
        "meeting_id": "TEST",
        "rejoined": False,
    }
    await student.ok("leave", {})
    assert await teacher.next("student_left") == {
        "student_id": "S001",
        "name": "Alice Johnson",
        "meeting_id": "TEST",
        "reason": "left",
    }
    token = (await student.next("joined"))["resume_token"]
    await student.join("S001", "Alice J.", resume_token=token)
    assert (await teacher.next("student_joined"))["rejoined"] is True
    await student.close()
    assert (await teacher.next("student_left"))["reason"] == "disconnected"


async def test_a_round_has_the_contracts_fields_from_trigger_to_close(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(QUESTIONS)
    students = {"S001": await join("S001", "Alice"), "S002": await join("S002", "Bob")}
    sent = without_ok(await teacher.trigger(duration=60))
    assert_shape(sent, shapes.QUESTIONS_SENT)
    assert await teacher.next("questions_sent") == sent
    assert (sent["count"], sent["distinct"], sent["warnings"]) == (2, True, [])
    assert [row["name"] for row in sent["assignments"]] == ["Alice", "Bob"]

    question = await students["S001"].next("NEW_QUESTION")
    assert sent["assignments"][0]["question"] == question["question"]
    await students["S001"].answer("S001", question, 0)
    update = await teacher.next("ANSWER_UPDATE")
    assert_shape(update, shapes.ANSWER_UPDATE)
    assert (update["student_id"], update["student_name"], update["answer"]) == ("S001", "Alice", 0)
    assert update["correct"] is False
    assert update["round_id"] == sent["round_id"]

    extended = without_ok(await teacher.ok("extend_round", {**TEST, "seconds": 30}))
    assert_shape(extended, shapes.ROUND_EXTENDED)
    assert await teacher.next("round_extended") == extended

    closed = without_ok(await teacher.ok("close_round", TEST))
    assert_shape(closed, shapes.ROUND_CLOSED)
    assert await teacher.next("round_closed") == closed
    assert closed["reason"] == "instructor"
    assert closed["summary"]["unanswered"] == ["S002"]
    assert closed["summary"]["hardest"]["question"] == question["question"]
    assert closed["summary"]["slowest"]["name"] == "Alice"


async def test_a_batching_instructor_gets_answers_together_and_no_single_ones(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    await server.import_questions(bank(2))
    batching = await connect()
    await batching.teach(TOKEN, batch=True)
    students = {name: await join(name) for name in ("S001", "S002")}
    await teacher.trigger()
    for name, student in students.items():
        await student.answer(name, await student.next("NEW_QUESTION"), 1)
    await batching.next("round_closed")
    batches = [payload for event, payload in batching.log if event == "ANSWER_UPDATES"]
    for batch in batches:
        assert_shape(batch, shapes.ANSWER_UPDATES)
        assert batch["stats"] == batch["updates"][-1]["stats"]
    single = [await teacher.next("ANSWER_UPDATE") for _ in students]
    assert [update for batch in batches for update in batch["updates"]] == single
    assert "ANSWER_UPDATE" not in dict(batching.log)
    assert "ANSWER_UPDATES" not in dict(teacher.log)


async def test_a_late_joiner_is_announced_as_late(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(2))
    await join("S001")
    await teacher.trigger()
    await teacher.next("questions_sent")
    await join("S002", "Bob")
    late = await teacher.next("questions_sent")
    assert_shape(late, shapes.QUESTIONS_SENT)
    assert late["late"] is True
    assert [row["student_id"] for row in late["assignments"]] == ["S002"]


async def test_remove_and_lock_are_answered_by_their_events(
    teacher: RawClient, join: Connect
) -> None:
    await join("S001", "Alice")
    assert await teacher.ok("remove_student", {**TEST, "student_id": "S001"}) == {"ok": True}
    left = await teacher.next("student_left")
    assert_shape(left, shapes.STUDENT_LEFT)
    assert (left["name"], left["reason"]) == ("Alice", "removed")
    for locked in (True, False):
        ack = await teacher.ok("lock_meeting", {**TEST, "locked": locked})
        assert without_ok(ack) == {"meeting_id": "TEST", "locked": locked}
        assert await teacher.next("meeting_updated") == without_ok(ack)


async def test_a_preview_says_what_a_trigger_would_do_and_does_nothing(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions([*bank(1, topics=["maths"]), *QUESTIONS])
    student = await join("S001")
    await join("S002")
    preview = without_ok(await teacher.ok("preview_round", {**TEST, "topics": ["maths"]}))
    assert_shape(preview, shapes.PREVIEW)
    assert {name: preview[name] for name in ("students", "matching", "sharing", "bank")} == {
        "students": 2,
        "matching": 1,
        "sharing": 1,
        "bank": 4,
    }
    assert preview["topics"] == ["maths"]
    assert preview["warnings"]
    await student.nothing_more("NEW_QUESTION")


async def test_the_bank_is_listed_page_by_page(server: RunningServer, teacher: RawClient) -> None:
    assert without_ok(await teacher.ok("list_questions", TEST)) == {"questions": [], "next": None}
    typed = {"question": "6 × 7?", "type": "numeric", "correct": 42, "time_limit": 20}
    await server.import_questions([*bank(3, topics=["maths"], difficulty="easy"), typed])
    found, after = [], None
    for length in (2, 2, 0):
        page = without_ok(await teacher.ok("list_questions", {**TEST, "limit": 2, "after": after}))
        assert_shape(page, shapes.BANK_PAGE)
        assert len(page["questions"]) == length
        found += page["questions"]
        after = page["next"]
    assert after is None
    assert [q["question"] for q in found] == [*(f"Question {n}?" for n in (1, 2, 3)), "6 × 7?"]
    assert (found[0]["correct"], found[3]["correct"]) == (1, [{"value": 42.0, "tolerance": 0.0}])
    everything = without_ok(await teacher.ok("list_questions", TEST))
    assert everything == {"questions": found, "next": None}


async def test_a_snapshot_shows_roster_round_assignments_and_keys(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(2))
    student = await join("S001", "Alice")
    await join("S002", "Bob")
    await teacher.trigger()
    await student.answer("S001", await student.next("NEW_QUESTION"), 1)
    await teacher.next("ANSWER_UPDATE")
    snapshot = without_ok(await teacher.ok("get_snapshot", TEST))
    assert_shape(snapshot, shapes.SNAPSHOT)
    assert [row["name"] for row in snapshot["students"]] == ["Alice", "Bob"]
    assert [row["status"] for row in snapshot["assignments"]] == ["answered", "sent"]
    assert [question["correct"] for question in snapshot["questions"]] == [1, 1]
    assert snapshot["round"]["state"] == "open"
    assert snapshot["round"]["summary"] is None

    await teacher.ok("close_round", TEST)
    snapshot = without_ok(await teacher.ok("get_snapshot", TEST))
    assert_shape(snapshot, shapes.SNAPSHOT)
    assert snapshot["round"]["state"] == "closed"
    assert snapshot["round"]["summary"]["stats"]["answered"] == 1
    assert [row["status"] for row in snapshot["assignments"]] == ["answered", "expired"]
