"""Documents that were changed by hand, or that another version wrote: named, and lived with."""

from __future__ import annotations

from typing import Any

import pytest
from bson import Int64, ObjectId

from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.server.quiz.service import utc_now
from tests.conftest import TOKEN, Connect, RunningServer
from tests.helpers import Json, RawClient, bank, documents

TEST = {"meeting_id": "TEST"}


async def by_hand(store: Store, collection: str, query: Json, change: Json) -> None:
    """Change a document as somebody does in a shell, past the validators."""
    changed = await store._database[collection].update_one(
        query, change, bypass_document_validation=True
    )
    assert changed.matched_count == 1


async def restart(server: RunningServer) -> None:
    await server.stop()
    await server.start()


async def seen_by_a_teacher(connect: Connect) -> Json:
    """Return the snapshot that a teacher gets who joins now."""
    snapshot: Json = (await (await connect()).teach(TOKEN))["snapshot"]
    return snapshot


async def played(server: RunningServer, teacher: RawClient, join: Connect) -> None:
    """Play a round with two students; one of them answers."""
    await server.import_questions(bank(6))
    first = await join("S001")
    await join("S002")
    await teacher.trigger(duration=60)
    await first.answer("S001", await first.next("NEW_QUESTION"), 1)
    await teacher.ok("close_round", TEST)


async def test_a_database_of_another_version_is_not_opened(mongo_url: str, store: Store) -> None:
    await store.participants.open_meeting("TEST", utc_now())
    await by_hand(store, "meetings", {"_id": "TEST"}, {"$set": {"schema_version": 99}})
    again = Store(mongo_url, store._database.name)
    with pytest.raises(QuizError) as refusal:
        await again.prepare()
    again.close()
    assert refusal.value.code is Code.CONFLICT
    assert "schema version 99" in refusal.value.message
    assert "Update LiveQuiz" in refusal.value.message


async def test_a_meeting_of_another_version_is_refused_with_a_sentence(
    server: RunningServer, teacher: RawClient, connect: Connect
) -> None:
    await by_hand(server.store, "meetings", {"_id": "TEST"}, {"$set": {"schema_version": Int64(2)}})
    late = await connect()
    request = {**TEST, "instructor_id": "other", "token": TOKEN}
    error = await late.refused("join_instructor", request)
    assert error["code"] == "conflict"
    assert "Update LiveQuiz" in error["message"]
    (meeting,) = await documents(server.store, "meetings")
    assert meeting["schema_version"] == 2


@pytest.mark.parametrize(
    ("collection", "query", "change", "named"),
    [
        ("participants", {"student_id": "S001"}, {"$unset": {"name": ""}}, "participants"),
        ("participants", {"student_id": "S001"}, {"$set": {"name": 5}}, "participants"),
        ("participants", {"student_id": "S002"}, {"$set": {"joined_at": "now"}}, "participants"),
        ("participants", {"student_id": "S002"}, {"$set": {"streak": "long"}}, "participants"),
        ("responses", {}, {"$set": {"correct": "yes"}}, "responses"),
        ("responses", {}, {"$unset": {"answer": ""}}, "responses"),
        ("student_questions", {"student_id": "S002"}, {"$unset": {"deadline": ""}}, "student_"),
        ("student_questions", {"student_id": "S001"}, {"$set": {"status": 1}}, "student_"),
        ("rounds", {}, {"$set": {"state": "paused"}}, "rounds"),
        ("rounds", {}, {"$unset": {"number": ""}}, "rounds"),
        ("rounds", {}, {"$set": {"filters": None}}, "rounds"),
    ],
)
async def test_a_teacher_can_join_and_is_told_which_document_is_left_out(
    server: RunningServer,
    *,
    teacher: RawClient,
    join: Connect,
    connect: Connect,
    caplog: pytest.LogCaptureFixture,
    collection: str,
    query: Json,
    change: Json,
    named: str,
) -> None:
    await played(server, teacher, join)
    await by_hand(server.store, collection, query, change)
    await restart(server)
    snapshot = await seen_by_a_teacher(connect)
    (line,) = snapshot["unreadable"]
    (document,) = await documents(server.store, collection, query)
    assert line.startswith(named)
    assert str(document["_id"]) in line
    assert str(document["_id"]) in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "change",
    [
        None,
        {"$set": {"type": "essay"}},
        {"$set": {"correct": 7}},
        {"$set": {"options": "abcd"}},
        {"$unset": {"question": ""}},
        {"$set": {"type": "numeric"}},
    ],
)
@pytest.mark.parametrize("opened", [True, False])
async def test_a_round_whose_question_is_gone_or_unreadable_stops_nobody(
    server: RunningServer,
    *,
    teacher: RawClient,
    join: Connect,
    connect: Connect,
    caplog: pytest.LogCaptureFixture,
    change: Json | None,
    opened: bool,
) -> None:
    await played(server, teacher, join)
    if opened:
        await teacher.trigger(duration=60)
    rows = await documents(server.store, "student_questions", {"student_id": "S001"})
    asked = rows[-1]["question_id"]
    if change is None:
        await server.store._database["questions"].delete_one({"_id": asked})
    else:
        await by_hand(server.store, "questions", {"_id": asked}, change)
    await restart(server)
    client = await connect()
    snapshot = (await client.teach(TOKEN))["snapshot"]
    assert any(str(asked) in line for line in snapshot["unreadable"])
    assert [row["student_id"] for row in snapshot["assignments"]] == ["S002"]
    again = await connect()
    await again.ok("join_student", {**TEST, "student_id": "S003", "name": "Eve"})
    if opened:
        await client.ok("close_round", TEST)
    await client.trigger(duration=60)
    assert "Traceback" not in caplog.text


async def test_a_document_that_was_mended_is_no_longer_named(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await join("S001", "Alice")
    await by_hand(server.store, "participants", {"student_id": "S001"}, {"$unset": {"name": ""}})
    snapshot = await teacher.ok("get_snapshot", TEST)
    assert (len(snapshot["unreadable"]), snapshot["students"]) == (1, [])
    await by_hand(server.store, "participants", {"student_id": "S001"}, {"$set": {"name": "Alice"}})
    snapshot = await teacher.ok("get_snapshot", TEST)
    assert "unreadable" not in snapshot
    assert [row["name"] for row in snapshot["students"]] == ["Alice"]


async def test_who_comes_back_mends_a_participant_without_a_name(
    server: RunningServer, teacher: RawClient, connect: Connect
) -> None:
    asked = {**TEST, "student_id": "S001", "name": "Alice"}
    token = (await (await connect()).ok("join_student", asked))["resume_token"]
    await by_hand(server.store, "participants", {"student_id": "S001"}, {"$unset": {"name": ""}})
    await (await connect()).ok("join_student", {**asked, "resume_token": token})
    snapshot = await teacher.ok("get_snapshot", TEST)
    assert [row["name"] for row in snapshot["students"]] == ["Alice"]


async def test_a_date_beyond_all_calendars_spoils_no_other_document(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await join("S001")
    await join("S002")
    far: Any = {"$set": {"joined_at": {"$toDate": Int64(10**15)}}}
    await server.store._database["participants"].update_one({"student_id": "S001"}, [far])
    snapshot = await teacher.ok("get_snapshot", TEST)
    assert [row["student_id"] for row in snapshot["students"]] == ["S002"]
    assert len(snapshot["unreadable"]) == 1


async def test_a_write_that_a_validator_refuses_is_no_database_that_is_away(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(2))
    student = await join("S001")
    await join("S002")
    await teacher.trigger(duration=60)
    question = await student.next("NEW_QUESTION")
    nothing = {"$jsonSchema": {"required": ["nothing_has_this"]}}
    await server.store._database.command("collMod", "responses", validator=nothing)
    error = (await student.answer("S001", question, 1))["error"]
    assert error["code"] == "conflict"
    assert "trying again won't help" in error["message"]
    assert await documents(server.store, "responses") == []


async def test_one_unreadable_round_keeps_no_server_from_starting(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    await played(server, teacher, join)
    await teacher.trigger(duration=60)
    change = {"$set": {"draw_seed": "seven"}}
    await by_hand(server.store, "rounds", {"state": "open"}, change)
    await restart(server)
    snapshot = await seen_by_a_teacher(connect)
    assert snapshot["round"]["round_number"] == 1
    assert len(snapshot["unreadable"]) == 1
    assert ObjectId.is_valid(snapshot["round"]["round_id"])


@pytest.mark.parametrize("change", [{"$unset": {"locked": ""}}, {"$set": {"created_at": 5}}, None])
async def test_a_meeting_that_can_not_be_read_stops_no_other(
    server: RunningServer, *, teacher: RawClient, join: Connect, connect: Connect, change: Json
) -> None:
    await played(server, teacher, join)
    await teacher.trigger(duration=60)
    if change is None:
        await server.store._database["meetings"].delete_one({"_id": "TEST"})
    else:
        await by_hand(server.store, "meetings", {"_id": "TEST"}, change)
    await restart(server)
    server.service.meetings.distrust()
    await server.service.cluster.look()
    other = await connect()
    await other.teach(TOKEN, meeting_id="OTHER")
    if change is not None:
        request = {**TEST, "instructor_id": "teacher", "token": TOKEN}
        error = await (await connect()).refused("join_instructor", request)
        assert error["code"] == "conflict"
