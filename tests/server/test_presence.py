"""Rule 6 over the wire: who may be whom, and whom a round waits for."""

from __future__ import annotations

import asyncio
import logging

import pytest

from livequiz.client.student import new_token
from livequiz.protocol.requests import JoinStudent
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, Connect, RunningServer
from tests.contract import shapes
from tests.contract.shapes import assert_shape
from tests.helpers import Json, RawClient, bank, documents
from tests.patience import PATIENCE

TEST = {"meeting_id": "TEST"}
S001 = {**TEST, "student_id": "S001", "name": "Alice"}


async def token_of(student: RawClient) -> str:
    token: str = (await student.next("joined"))["resume_token"]
    return token


async def open_round(
    server: RunningServer, teacher: RawClient, students: dict[str, RawClient]
) -> dict[str, Json]:
    """Open a round and return everybody's question."""
    await server.import_questions(bank(4))
    await teacher.trigger(duration=60)
    return {name: await student.next("NEW_QUESTION") for name, student in students.items()}


# --- identity ----------------------------------------------------------------------------------


async def test_an_id_belongs_to_whom_it_was_given_first(
    server: RunningServer, connect: Connect, join: Connect
) -> None:
    owner = await join("S001", "Alice")
    token = await token_of(owner)
    before = await documents(server.store, "participants")
    thief = await connect()
    for wrong in ({}, {"resume_token": "wrong"}, {"resume_token": token + "x"}):
        error = await thief.refused("join_student", {**S001, "name": "Eve", **wrong})
        assert (error["code"], error["field"]) == ("conflict", "student_id")
    await owner.ok("leave", {})
    assert (await thief.refused("join_student", S001))["code"] == "conflict"
    await owner.ok("join_student", {**S001, "resume_token": token})
    (after,) = await documents(server.store, "participants")
    assert (after["name"], after["resume_token_hash"]) == (
        "Alice",
        before[0]["resume_token_hash"],
    )


async def test_a_client_may_bring_the_token_that_binds_its_id(
    server: RunningServer, teacher: RawClient, connect: Connect
) -> None:
    mine = {**S001, "resume_token": new_token()}
    first = await connect()
    assert (await first.ok("join_student", mine))["resume_token"] == mine["resume_token"]
    assert (await (await connect()).refused("join_student", S001))["code"] == "conflict"
    # It never heard of that, and asks again.
    assert (await (await connect()).ok("join_student", mine))["resume_token"] == mine[
        "resume_token"
    ]
    assert (await first.next("removed"))["reason"] == "replaced"


async def test_both_of_two_first_joins_with_one_token_get_in(
    server: RunningServer, teacher: RawClient
) -> None:
    # Not by sockets: the newer one ends the older, which may not hear of its own join then.
    mine = JoinStudent("S001", "TEST", "Alice", new_token())
    join = server.service.participants.join
    joined = await asyncio.gather(*(join(mine, f"socket-{number}") for number in range(8)))
    assert {admission.resume_token for admission in joined} == {mine.resume_token}
    (stored,) = await documents(server.store, "participants")
    assert stored["status"] == "active"


@pytest.mark.parametrize("weak", ["", "a", "x" * 21, "x" * 23, "x" * 21 + "!", "x" * 21 + "\u00e9"])
async def test_a_token_of_any_other_form_binds_no_id(
    server: RunningServer, teacher: RawClient, connect: Connect, weak: str
) -> None:
    joined = await (await connect()).ok("join_student", {**S001, "resume_token": weak})
    assert len(joined["resume_token"]) == 22
    assert joined["resume_token"] != weak


async def test_a_token_that_was_released_binds_no_id_again(
    server: RunningServer, teacher: RawClient, connect: Connect, join: Connect
) -> None:
    token = await token_of(await join("S001", "Alice"))
    await teacher.ok("remove_student", {**TEST, "student_id": "S001"})
    old = {**S001, "resume_token": token}
    joined = await (await connect()).ok("join_student", old)
    assert joined["resume_token"] != token
    assert (await (await connect()).refused("join_student", old))["code"] == "conflict"


@pytest.mark.parametrize("by", ["event", "handshake"])
async def test_the_newest_connection_of_a_student_wins_and_the_older_is_told(
    server: RunningServer, teacher: RawClient, connect: Connect, join: Connect, by: str
) -> None:
    older = await join("S001", "Alice")
    token = await token_of(older)
    questions = await open_round(server, teacher, {"S001": older})
    newer = await connect(auth={"resume_token": token} if by == "handshake" else None)
    joined = await newer.join("S001", **({"resume_token": token} if by == "event" else {}))
    assert joined["resume_token"] == token
    assert (await older.next("removed"))["reason"] == "replaced"
    await older.ended()
    again = await newer.next("NEW_QUESTION")
    assert again["question_id"] == questions["S001"]["question_id"]
    assert again["sent_time"] == questions["S001"]["sent_time"]
    await teacher.nothing_more("student_left")
    (stored,) = await documents(server.store, "participants")
    assert (stored["status"], stored["socket_id"]) == ("active", joined["socket_id"])
    assert (await newer.answer("S001", again, 1))["correct"] is True


async def test_a_second_join_on_the_same_connection_keeps_it(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    # It once removed itself: the older connection was the same one.
    student = await join("S001", "Alice")
    token = await token_of(student)
    questions = await open_round(server, teacher, {"S001": student})
    await student.ok("join_student", {**S001, "name": "Alice J.", "resume_token": token})
    await student.nothing_more("removed")
    assert (await student.next("NEW_QUESTION"))["question_id"] == questions["S001"]["question_id"]
    assert (await student.answer("S001", questions["S001"], 1))["correct"] is True
    (stored,) = await documents(server.store, "participants")
    assert (stored["name"], stored["status"]) == ("Alice J.", "active")


async def test_a_connection_that_joins_as_somebody_else_leaves_its_first_id(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    student = await join("S001", "Alice")
    await student.join("S002", "Bob")
    assert (await teacher.next("student_left"))["student_id"] == "S001"
    await open_round(server, teacher, {"S002": student})
    await student.nothing_more("NEW_QUESTION")
    stored = await documents(server.store, "participants")
    assert [row["status"] for row in stored] == ["inactive", "active"]


async def test_the_same_id_in_two_meetings_is_two_students(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    other = await connect()
    await other.teach(TOKEN, meeting_id="OTHER")
    here, there = await join("S001"), await join("S001", meeting_id="OTHER")
    assert await token_of(here) != await token_of(there)
    await server.import_questions(bank(1))
    await teacher.trigger(duration=60)
    await here.next("NEW_QUESTION")
    await there.nothing_more("NEW_QUESTION")
    await other.nothing_more("questions_sent")


class TestOpenIds:
    """`livequiz serve --open-ids`, for clients that keep no token."""

    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN, open_ids=True)

    async def test_anybody_may_take_an_id_and_the_older_connection_is_told(
        self, join: Connect
    ) -> None:
        older, newer = await join("S001"), await join("S001")
        assert (await older.next("removed"))["reason"] == "replaced"
        await newer.nothing_more("removed")


# --- lock, remove, ban -------------------------------------------------------------------------


async def test_a_locked_meeting_lets_in_only_whom_it_knows(
    teacher: RawClient, connect: Connect, join: Connect
) -> None:
    student = await join("S001")
    token = await token_of(student)
    await teacher.ok("lock_meeting", {**TEST, "locked": True})
    stranger = await connect()
    error = await stranger.refused("join_student", {**S001, "student_id": "S002"})
    assert (error["code"], error["field"]) == ("locked", "meeting_id")
    await student.close()
    await join("S001", resume_token=token)
    await teacher.ok("lock_meeting", {**TEST, "locked": False})
    await stranger.join("S002")


async def test_a_removed_student_frees_its_id(
    server: RunningServer, teacher: RawClient, connect: Connect, join: Connect
) -> None:
    student = await join("S001", "Alice")
    token = await token_of(student)
    await teacher.ok("remove_student", {**TEST, "student_id": "S001"})
    assert (await student.next("removed"))["reason"] == "removed"
    await student.ended()
    left = [payload for event, payload in teacher.log if event == "student_left"]
    assert [row["reason"] for row in left] == ["removed"]
    (stored,) = await documents(server.store, "participants")
    assert (stored["status"], stored["resume_token_hash"]) == ("inactive", None)
    another = await join("S001", "Albert")  # released: it needs no token
    assert await token_of(another) != token
    old = await connect()
    error = await old.refused("join_student", {**S001, "resume_token": token})
    assert error["code"] == "conflict"


async def test_a_banned_student_can_not_come_back(
    server: RunningServer, teacher: RawClient, connect: Connect, join: Connect
) -> None:
    student = await join("S001")
    token = await token_of(student)
    await teacher.ok("remove_student", {**TEST, "student_id": "S001", "ban": True})
    assert (await student.next("removed"))["reason"] == "banned"
    assert (await teacher.next("student_left"))["reason"] == "banned"
    again = await connect()
    for more in ({}, {"resume_token": token}, {"meeting_id": "test"}):
        error = await again.refused("join_student", {**S001, **more})
        assert (error["code"], error["field"]) == ("forbidden", "student_id")
    (meeting,) = await documents(server.store, "meetings")
    assert meeting["settings"]["banned"] == ["S001"]


async def test_a_ban_is_lifted_by_a_removal_without_one(
    server: RunningServer, teacher: RawClient, connect: Connect, join: Connect
) -> None:
    for name in ("S001", "S002"):
        await join(name)
        await teacher.ok("remove_student", {**TEST, "student_id": name, "ban": True})
    assert (await teacher.ok("get_snapshot", TEST))["banned"] == ["S001", "S002"]
    await teacher.ok("remove_student", {**TEST, "student_id": "S001"})
    news = await teacher.next("meeting_updated")
    assert_shape(news, shapes.MEETING_UPDATED)
    assert news["banned"] == ["S002"]
    await (await connect()).join("S001")
    error = await (await connect()).refused("join_student", {**S001, "student_id": "S002"})
    assert error["code"] == "forbidden"
    again = {**TEST, "student_id": "NOBODY"}
    assert (await teacher.refused("remove_student", again))["code"] == "not_found"


# --- whom a round waits for --------------------------------------------------------------------


@pytest.mark.parametrize("how", ["leave", "remove", "ban"])
async def test_who_leaves_does_not_hold_a_round_open(
    server: RunningServer, teacher: RawClient, join: Connect, how: str
) -> None:
    students = {name: await join(name) for name in ("S001", "S002")}
    questions = await open_round(server, teacher, students)
    await students["S001"].answer("S001", questions["S001"], 1)
    await teacher.nothing_more("round_closed")
    if how == "leave":
        await students["S002"].ok("leave", {})
    else:
        remove = {**TEST, "student_id": "S002", "ban": how == "ban"}
        await teacher.ok("remove_student", remove)
    closed = await teacher.next("round_closed")
    assert (closed["reason"], closed["summary"]["unanswered"]) == ("complete", ["S002"])


async def test_who_left_before_the_last_answer_does_not_hold_a_round_open(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    students = {name: await join(name) for name in ("S001", "S002")}
    questions = await open_round(server, teacher, students)
    await students["S002"].ok("leave", {})
    await teacher.nothing_more("round_closed")  # nobody has answered yet
    await students["S001"].answer("S001", questions["S001"], 1)
    assert (await teacher.next("round_closed"))["reason"] == "complete"


async def test_who_left_and_came_back_is_waited_for_again(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    students = {name: await join(name) for name in ("S001", "S002")}
    token = await token_of(students["S002"])
    questions = await open_round(server, teacher, students)
    await students["S002"].ok("leave", {})
    await students["S002"].join("S002", resume_token=token)
    await students["S001"].answer("S001", questions["S001"], 1)
    await teacher.nothing_more("round_closed")
    await students["S002"].answer("S002", questions["S002"], 1)
    assert (await teacher.next("round_closed"))["summary"]["unanswered"] == []


async def test_a_dropped_student_holds_the_round_and_finds_its_question_again(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    students = {name: await join(name) for name in ("S001", "S002")}
    token = await token_of(students["S002"])
    questions = await open_round(server, teacher, students)
    await students["S002"].drop()
    assert (await teacher.next("student_left"))["reason"] == "disconnected"
    await students["S001"].answer("S001", questions["S001"], 1)
    await teacher.nothing_more("round_closed")
    back = await join("S002", resume_token=token)
    again = await back.next("NEW_QUESTION")
    assert again["question_id"] == questions["S002"]["question_id"]
    await back.answer("S002", again, 1)
    closed = await teacher.next("round_closed")
    assert (closed["reason"], closed["summary"]["unanswered"]) == ("complete", [])


class TestShortPatience:
    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN, away=0.2)

    async def test_a_dropped_student_holds_the_round_no_longer_than_it_may_be_away(
        self, server: RunningServer, teacher: RawClient, join: Connect
    ) -> None:
        students = {name: await join(name) for name in ("S001", "S002")}
        questions = await open_round(server, teacher, students)
        await students["S001"].answer("S001", questions["S001"], 1)
        await students["S002"].drop()
        await teacher.next("student_left")
        await teacher.nothing_more("round_closed")
        closed = await teacher.next("round_closed")
        assert (closed["reason"], closed["summary"]["unanswered"]) == ("complete", ["S002"])


async def test_a_join_and_a_leave_at_once_are_taken_one_after_the_other(
    connect: Connect, teacher: RawClient
) -> None:
    """The leave took away what the join was about to use."""
    client = await connect()
    request = {"student_id": "S001", "meeting_id": "TEST", "name": "Alice"}
    request["resume_token"] = (await client.join("S001"))["resume_token"]
    for _ in range(20):
        acks = await asyncio.gather(
            *(client.call("join_student", request), client.call("leave", {})),
            *(client.call("join_student", request), client.call("leave", {})),
        )
        # One join at a time; who asks for more is told to wait.
        assert [ack["ok"] or ack["error"]["code"] for ack in acks][:2] == [True, True]
        assert all(ack["ok"] or ack["error"]["code"] == "rate_limited" for ack in acks), acks
    snapshot = (await teacher.ok("get_snapshot", {"meeting_id": "TEST"}))["students"]
    assert [row["status"] for row in snapshot] == ["inactive"]


async def test_who_goes_in_the_middle_of_a_join_does_not_stay_behind(
    server: RunningServer,
    connect: Connect,
    teacher: RawClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for number in range(10):
        client = await connect()
        request = {"student_id": f"S{number}", "meeting_id": "TEST", "name": "Alice"}
        await client.send("join_student", request)
        async with asyncio.timeout(PATIENCE):
            while not await documents(server.store, "participants", {"student_id": f"S{number}"}):
                pass  # until it is stored, which is not the end of a join
        await client.drop()
        assert (await teacher.next("student_left"))["student_id"] == f"S{number}"
    stored = await documents(server.store, "participants")
    assert [row["status"] for row in stored] == ["inactive"] * 10
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []
