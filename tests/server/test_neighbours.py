"""Rule 9: another server beside it. Two servers on one database, and what one sees of the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from livequiz.db.store import Store
from livequiz.server.service import Policy
from tests.conftest import TOKEN, RunningServer
from tests.helpers import PATIENCE, RawClient, bank, documents

TEST = {"meeting_id": "TEST"}
Connect = Callable[[RunningServer], Awaitable[RawClient]]


@pytest.fixture
async def pair(store: Store, policy: Policy) -> AsyncIterator[tuple[RunningServer, RunningServer]]:
    first, second = RunningServer(store, policy), RunningServer(store, policy)
    await first.start()
    await second.start()
    yield first, second
    await first.close()
    await second.close()


@pytest.fixture
async def to() -> AsyncIterator[Connect]:
    clients: list[RawClient] = []

    async def open_client(server: RunningServer) -> RawClient:
        clients.append(RawClient(server.url))
        return await clients[-1].open()

    yield open_client
    await asyncio.gather(*(client.close() for client in clients))


async def test_a_round_of_one_server_is_played_on_the_other(
    pair: tuple[RunningServer, RunningServer], to: Connect
) -> None:
    first, second = pair
    await first.import_questions(bank(2))
    teacher, observer = await to(first), await to(second)
    await teacher.teach(TOKEN)
    await observer.teach(TOKEN)
    here, there = await to(first), await to(second)
    await here.join("HERE")
    await there.join("THERE")
    sent = await teacher.trigger(duration=60)
    assert sent["count"] == 2
    question = await there.next("NEW_QUESTION")
    assert (await observer.next("questions_sent"))["round_id"] == sent["round_id"]
    assert (await there.answer("THERE", question, 1))["correct"] is True
    news = await teacher.next("ANSWER_UPDATE")
    assert (news["student_id"], news["correct"]) == ("THERE", True)
    await teacher.ok("extend_round", {**TEST, "seconds": 30})
    extended = await there.next("round_extended")
    assert extended["deadline"] == (await observer.next("round_extended"))["deadline"]
    await teacher.ok("close_round", TEST)
    closed = await observer.next("round_closed")
    assert closed["reason"] == "instructor"
    assert closed["summary"]["stats"]["answered"] == 1
    assert (await there.next("round_closed"))["result"]["correct"] is True
    again = await observer.trigger(duration=60)
    assert again["round_number"] == 2


async def test_one_server_goes_on_when_the_other_ends(
    pair: tuple[RunningServer, RunningServer], to: Connect
) -> None:
    first, second = pair
    await first.import_questions(bank(2))
    teacher = await to(first)
    await teacher.teach(TOKEN)
    student = await to(first)
    token = (await student.join("S001"))["resume_token"]
    await teacher.trigger(duration=3)
    question = await student.next("NEW_QUESTION")
    await first.stop()
    again = await to(second)
    await again.join("S001", resume_token=token)
    assert (await again.next("NEW_QUESTION"))["question_id"] == question["question_id"]
    assert (await again.next("round_closed"))["reason"] == "time"
    (stored,) = await documents(second.store, "rounds")
    assert stored["state"] == "closed"


async def test_a_late_joiner_of_one_server_is_seen_on_the_other(
    pair: tuple[RunningServer, RunningServer], to: Connect
) -> None:
    first, second = pair
    await first.import_questions(bank(2))
    teacher = await to(first)
    await teacher.teach(TOKEN)
    student = await to(first)
    await student.join("S001")
    await teacher.trigger(duration=60)
    late = await to(second)
    await late.join("LATE")
    await teacher.next("questions_sent")
    sent = await teacher.next("questions_sent")
    assert (sent["late"], sent["assignments"][0]["student_id"]) == (True, "LATE")
    await late.answer("LATE", await late.next("NEW_QUESTION"), 1)
    assert (await teacher.next("ANSWER_UPDATE"))["student_id"] == "LATE"


async def test_who_is_connected_to_one_server_stays_so_when_the_other_starts_or_ends(
    pair: tuple[RunningServer, RunningServer], to: Connect
) -> None:
    first, second = pair
    teacher = await to(first)
    await teacher.teach(TOKEN)
    for server, name in ((first, "HERE"), (second, "THERE")):
        await (await to(server)).join(name)
    await second.stop()
    async with asyncio.timeout(PATIENCE):
        while True:
            rows = await documents(first.store, "participants")
            if {row["student_id"]: row["status"] for row in rows} == {
                "HERE": "active",
                "THERE": "inactive",
            }:
                break
    await second.start()
    (here,) = await documents(first.store, "participants", {"student_id": "HERE"})
    assert here["status"] == "active"


async def test_a_server_that_ended_without_a_word_loses_its_lease(
    pair: tuple[RunningServer, RunningServer], to: Connect
) -> None:
    first, second = pair
    teacher = await to(first)
    await teacher.teach(TOKEN)
    there = await to(second)
    await there.join("THERE")
    # As MongoDB sees a server that was killed: no word for longer than the lease.
    second.service.watch._beat = asyncio.sleep  # type: ignore[assignment]
    old = [
        {
            "$set": {
                "seen_at": {"$dateSubtract": {"startDate": "$$NOW", "unit": "hour", "amount": 1}}
            }
        }
    ]
    await first.store._database["nodes"].update_one({"_id": second.service.node_id}, old)
    assert (await teacher.next("student_left"))["student_id"] == "THERE"
    (stored,) = await documents(first.store, "participants")
    assert stored["status"] == "inactive"
    # It was not dead after all, and says so.
    second.service.watch._beat = second.service._beat
    async with asyncio.timeout(PATIENCE):
        while (await documents(first.store, "participants"))[0]["status"] == "inactive":
            pass
