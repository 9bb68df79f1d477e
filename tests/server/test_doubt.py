"""MongoDB stands still around a write: nothing is revealed early, and nothing untrue is said."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.conftest import Connect, RunningServer
from tests.freezing import frozen, frozen_at_a_commit
from tests.helpers import Json, RawClient, bank, documents
from tests.patience import PATIENCE
from tests.server.bare import eventually

TEST = {"meeting_id": "TEST"}
SECRETS = ("correct", "correct_answer", "points", "explanation", "correct_text")


async def refusal(client: RawClient, event: str, request: Json) -> Json:
    error = (await client.call(event, request))["error"]
    assert isinstance(error, dict)
    return error


async def answer_stored(server: RunningServer, student_id: str) -> Any:
    found = await documents(server.store, "responses", {"student_id": student_id})
    return found[0]["answer"] if found else None


async def test_no_verdict_leaves_while_a_close_fails(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(2, explanation="Because."))
    first, second = await join("S001"), await join("S002")
    await teacher.trigger(duration=60, reveal="after_round")
    question, other = await first.next("NEW_QUESTION"), await second.next("NEW_QUESTION")
    await first.answer("S001", question, 1)
    live = (await server.service.meetings.get("TEST")).latest
    assert live is not None
    async with frozen(server.store):
        closing = asyncio.create_task(teacher.call("close_round", TEST))
        await eventually(lambda: not live.accepting)
        during = await first.answer("S001", question, 1)
        assert not closing.done()
        error = (await asyncio.wait_for(closing, PATIENCE))["error"]
        after = await first.answer("S001", question, 1)
    assert error["code"] == "unavailable"
    for repeat in (during, after):
        assert repeat["duplicate"] is True
        assert [repeat.get(secret) for secret in SECRETS] == [None] * len(SECRETS)
    # The round is open again, and who has not answered yet still may.
    assert (await second.answer("S002", other, 1))["ok"]
    assert (await first.next("round_closed"))["result"]["explanation"] == "Because."


async def test_an_answer_in_doubt_is_not_said_to_be_lost_and_the_first_one_counts(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(4))
    students = {name: await join(name) for name in ("S001", "S002", "S003")}
    await join("S004")  # keeps the round open
    await teacher.trigger(duration=60)
    questions = {name: await student.next("NEW_QUESTION") for name, student in students.items()}
    async with frozen(server.store):
        acks = await asyncio.gather(
            *(student.answer(name, questions[name], 0) for name, student in students.items())
        )
    for ack in acks:
        assert ack["error"]["code"] == "unavailable"
        assert "nothing was stored" not in ack["error"]["message"]
    for (name, student), ack in zip(students.items(), acks, strict=True):
        if "in_doubt" not in ack["error"]:  # then it is known that it was not stored, for good
            assert await answer_stored(server, name) is None
        again = await student.answer(name, questions[name], 1)
        assert again["ok"], again
        counted = await answer_stored(server, name)
        assert again["your_answer"] == counted
        assert again["duplicate"] is (counted == 0)


async def test_a_commit_without_a_reply_is_in_doubt_until_it_is_looked_up(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(2))
    student = await join("S001")
    await join("S002")
    await teacher.trigger(duration=60)
    question = await student.next("NEW_QUESTION")
    async with frozen_at_a_commit(server.store):
        for choice in (0, 1):
            error = (await student.answer("S001", question, choice))["error"]
            assert (error["code"], error["in_doubt"]) == ("unavailable", True)
    again = await student.answer("S001", question, 1)
    assert again["ok"], again
    counted = await answer_stored(server, "S001")
    assert (again["your_answer"], again["duplicate"]) == (counted, counted == 0)
    assert len(await documents(server.store, "responses")) == 1


async def test_an_answer_in_doubt_that_was_stored_is_never_too_late(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(2))
    student = await join("S001")
    await join("S002")
    await teacher.trigger(duration=60)
    question = await student.next("NEW_QUESTION")
    first = await student.answer("S001", question, 1)
    live = (await server.service.meetings.get("TEST")).latest
    assert live is not None
    # As after a write whose reply was lost: it is stored, and this server can't know.
    stored = live.responses.pop("S001")
    live.in_doubt.add("S001")
    overdue = live.round.opened_at - (live.round.deadline - live.round.opened_at)
    live.move(overdue)
    again = await student.answer("S001", question, 0)
    assert again["ok"], again
    assert (again["your_answer"], again["duplicate"]) == (first["your_answer"], True)
    assert live.responses["S001"] == stored


async def test_no_event_that_writes_claims_that_nothing_was_stored(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    await server.import_questions(bank(4))
    await join("S001")
    newcomer = await connect()
    events: dict[str, Json] = {
        "lock_meeting": {**TEST, "locked": True},
        "set_student": {**TEST, "student_id": "S001", "time_factor": 2},
        "remove_student": {**TEST, "student_id": "S001", "ban": False},
        "trigger_questions": {**TEST, "duration": 60},
    }
    async with frozen(server.store):
        joining = refusal(newcomer, "join_student", {**TEST, "student_id": "NEW", "name": "New"})
        errors = await asyncio.gather(
            *(refusal(teacher, event, request) for event, request in events.items()), joining
        )
    for error in errors:
        assert error["code"] == "unavailable"
        assert "nothing was stored" not in error["message"]
    written = dict(zip(events, errors, strict=False))
    assert written["lock_meeting"]["in_doubt"] is True
    assert written["set_student"]["in_doubt"] is True
    # What the teacher sees afterwards is what MongoDB has, whichever it is.
    snapshot = await teacher.ok("get_snapshot", TEST)
    (meeting,) = await documents(server.store, "meetings")
    assert snapshot["locked"] is meeting["locked"]
