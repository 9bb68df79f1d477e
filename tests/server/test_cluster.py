"""Rule 9: another server beside it. Two servers on one database, and what one sees of the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from bson import ObjectId

from livequiz.db.store import Store
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, RunningServer
from tests.helpers import Json, RawClient, bank, documents, stored
from tests.patience import PATIENCE

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


async def teacher_at(server: RunningServer, to: Connect) -> RawClient:
    teacher = await to(server)
    await teacher.teach(TOKEN)
    return teacher


async def both_hear(teachers: list[RawClient], event: str, sent: Json) -> None:
    """Return once every teacher has heard that event of a round."""
    for teacher in teachers:
        while (await teacher.next(event))["round_id"] != sent["round_id"]:
            pass


async def test_nobody_sees_twice_what_another_server_sent(
    pair: tuple[RunningServer, RunningServer], to: Connect
) -> None:
    # Each server keeps what students have seen; here they take turns, and one joins late.
    first, second = pair
    await first.import_questions(bank(12))
    teachers = [await teacher_at(server, to) for server in pair]
    here, there = await to(first), await to(second)
    await here.join("HERE")
    await there.join("THERE")
    for number in range(1, 5):
        teacher = teachers[number % 2]
        sent = await teacher.trigger(duration=60)
        assert sent["round_number"] == number
        await both_hear(teachers, "questions_sent", sent)
        if number == 2:  # the server that closes the round may not have heard of the late joiner
            late = await to(second)
            await late.join("LATE")
            await late.next("NEW_QUESTION")
        await teacher.ok("close_round", TEST)
        await both_hear(teachers, "round_closed", sent)
    rows = await documents(first.store, "student_questions")
    seen = [(row["student_id"], row["question_id"]) for row in rows]
    assert len(seen) == len(set(seen)) == 2 + 3 * 3
    assert {row["number"] for row in await documents(first.store, "rounds")} == {1, 2, 3, 4}


async def test_rounds_that_came_and_went_between_two_looks_are_taken_in(
    pair: tuple[RunningServer, RunningServer], to: Connect
) -> None:
    first, second = pair
    await first.import_questions(bank(4))
    teachers = [await teacher_at(server, to) for server in pair]
    student = await to(second)
    await student.join("S001")
    await teachers[0].trigger(duration=60)
    await teachers[0].ok("close_round", TEST)
    first.service.cluster.look = asyncio.Event().wait  # type: ignore[assignment, method-assign]
    for _ in range(2):
        await teachers[1].trigger(duration=60)
        question = await student.next("NEW_QUESTION")
        await student.answer("S001", question, 1)
        await teachers[1].next("round_closed")
    sent = await teachers[0].trigger(duration=60)
    assert sent["round_number"] == 4
    rows = await documents(first.store, "student_questions")
    assert len({row["question_id"] for row in rows}) == len(rows) == 4
    live = (await first.service.meetings.get("TEST")).open
    assert live is not None
    assert (live.scores["S001"].points, live.scores["S001"].streak) == (2, 2)
    assert sum(tally.responses for tally in live.by_question.values()) == 2


async def test_an_answer_given_on_one_server_is_not_unsaid_by_the_close_of_the_other(
    pair: tuple[RunningServer, RunningServer], to: Connect
) -> None:
    # The server that closes has not heard of it yet: it must neither expire it nor end its streak.
    first, second = pair
    await first.import_questions(bank(6))
    teacher = await to(first)
    await teacher.teach(TOKEN)
    here, there = await to(first), await to(second)
    await here.join("HERE")
    await there.join("THERE")
    await teacher.trigger(duration=60)
    await there.answer("THERE", await there.next("NEW_QUESTION"), 1)
    await teacher.next("ANSWER_UPDATE")
    await teacher.ok("close_round", TEST)
    await there.next("round_closed")
    await teacher.trigger(duration=60)
    question = await there.next("NEW_QUESTION")
    first.service.cluster.look = asyncio.Event().wait  # type: ignore[assignment, method-assign]
    await there.answer("THERE", question, 1)
    score = {"student_id": "THERE", "total_points": 2, "streak": 2}
    await stored(first.store, "participants", score)
    await teacher.ok("close_round", TEST)
    await there.next("round_closed")
    await stored(first.store, "participants", score)
    row = {"student_id": "THERE", "question_id": ObjectId(question["question_id"])}
    await stored(first.store, "student_questions", {**row, "status": "answered"})


async def test_what_a_teacher_shows_is_seen_on_the_other_server(
    pair: tuple[RunningServer, RunningServer], to: Connect
) -> None:
    first, second = pair
    await first.import_questions(bank(4))
    teacher, observer = await teacher_at(first, to), await teacher_at(second, to)
    student = await to(second)
    await student.join("THERE")
    sent = await teacher.trigger(duration=60)
    await student.answer("THERE", await student.next("NEW_QUESTION"), 1)
    await both_hear([teacher, observer], "round_closed", sent)
    await teacher.ok("show_leaderboard", {**TEST, "shown": True, "names": "names"})
    board = await student.next("leaderboard")
    assert (board["round_id"], board["places"][0]["own"]) == (sent["round_id"], True)
    assert (await observer.next("meeting_updated"))["leaderboard"]["of"] == 1
    await teacher.ok("lock_meeting", {**TEST, "locked": True})
    assert (await observer.next("meeting_updated"))["locked"] is True
    await teacher.ok("show_results", {**TEST, "shown": True})
    assert (await observer.next("meeting_updated"))["results_of"] == sent["round_id"]
    await teacher.ok("show_leaderboard", {**TEST, "shown": False})
    assert (await student.next("leaderboard"))["places"] == []


async def test_a_leaderboard_after_a_round_that_came_and_went_is_seen_on_the_other_server(
    pair: tuple[RunningServer, RunningServer], to: Connect
) -> None:
    first, second = pair
    await first.import_questions(bank(4))
    teacher = await teacher_at(first, to)
    student, other = await to(first), await to(second)
    await student.join("HERE")
    await other.join("THERE")
    look = second.service.cluster.look
    second.service.cluster.look = asyncio.Event().wait  # type: ignore[assignment, method-assign]
    sent = await teacher.trigger(duration=60)
    await student.answer("HERE", await student.next("NEW_QUESTION"), 1)
    await teacher.ok("close_round", TEST)
    await teacher.ok("show_leaderboard", {**TEST, "shown": True})
    await look()
    assert (await other.next("leaderboard"))["round_id"] == sent["round_id"]


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
    second.service.health._beat = asyncio.sleep
    look = second.service.cluster.look

    async def see_nothing() -> None: ...

    second.service.cluster.look = see_nothing  # type: ignore[method-assign]
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
    second.service.health._beat = second.service._beat
    second.service.cluster.look = look  # type: ignore[method-assign]
    async with asyncio.timeout(PATIENCE):
        while (await documents(first.store, "participants"))[0]["status"] == "inactive":
            pass
