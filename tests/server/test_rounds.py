"""Rules 7 and 8 over the wire, and how a round ends."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from livequiz.db.store import Store
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, Connect, RunningServer
from tests.helpers import RawClient, bank, documents, past

TEST = {"meeting_id": "TEST"}


@pytest.fixture
def policy() -> Policy:
    """Short enough that a test can wait for the end of a round."""
    return Policy(TOKEN, grace=0)


@pytest.fixture(autouse=True)
async def _bank(server: RunningServer) -> None:
    await server.import_questions(bank(6))


async def test_who_is_told_late_is_told_the_time_that_is_left(
    server: RunningServer, teacher: RawClient, join: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = await join("S001")
    store_round = server.store.rounds.open_round
    for pause in (0.0, 0.5):

        async def slowly(*arguments: Any, pause: float = pause) -> bool:
            await asyncio.sleep(pause)  # a disk that takes its time: how long is what is told
            return await store_round(*arguments)

        monkeypatch.setattr(server.store.rounds, "open_round", slowly)
        await teacher.trigger(duration=60)
        question = await student.next("NEW_QUESTION")
        assert question["remaining"] <= 60 - pause
        told = datetime.fromisoformat(question["server_time"])
        left = (datetime.fromisoformat(question["deadline"]) - told).total_seconds()
        assert question["remaining"] == pytest.approx(left, abs=0.002)
        await teacher.ok("close_round", TEST)


# --- late joiners ------------------------------------------------------------------------------


async def test_a_late_joiner_gets_a_question_with_the_remaining_time(
    teacher: RawClient, join: Connect
) -> None:
    first = await join("S001")
    sent = await teacher.trigger(duration=60)
    early = await first.next("NEW_QUESTION")
    late = await join("S002")
    joined, question = await late.next("joined"), await late.next("NEW_QUESTION")
    assert joined["round"]["round_id"] == question["round_id"] == sent["round_id"]
    assert joined["round"]["round_number"] == 1
    assert question["question_id"] != early["question_id"]
    assert question["deadline"] == early["deadline"]
    assert 0 < question["remaining"] < 60
    assert question["sent_time"] > early["sent_time"]
    assert (await late.answer("S002", question, 1))["ok"] is True
    assert (await first.answer("S001", early, 1))["correct"] is True
    assert (await teacher.next("round_closed"))["summary"]["stats"]["assigned"] == 2


async def test_who_joins_in_the_last_five_seconds_waits_for_the_next_round(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    first = await join("S001")
    await teacher.trigger(duration=4)
    late = await join("S002")
    assert (await late.next("joined"))["round"]["remaining"] <= 4
    await late.nothing_more("NEW_QUESTION")
    question = await first.next("NEW_QUESTION")
    refused = await late.answer("S002", question, 1)
    assert refused["error"]["code"] == "no_round"
    assert len(await documents(server.store, "student_questions")) == 1
    await first.answer("S001", question, 1)
    assert (await teacher.next("round_closed"))["reason"] == "complete"
    await teacher.trigger(duration=60)
    await late.next("NEW_QUESTION")


async def test_who_joins_while_a_round_is_drawn_gets_a_question(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    # A join between the reading of the roster and the opening of the round once got none.
    await server.import_questions(bank(40))
    await join("S000")
    names = [f"S{number:03d}" for number in range(1, 25)]
    students = {name: await connect() for name in names}
    joining = [student.join(name) for name, student in students.items()]
    await asyncio.gather(*joining[:12], teacher.trigger(duration=60), *joining[12:])
    for student in students.values():
        await student.next("NEW_QUESTION")
    assigned = await documents(server.store, "student_questions")
    assert sorted(row["student_id"] for row in assigned) == ["S000", *names]


# --- the end of a round ------------------------------------------------------------------------


async def test_a_round_closes_at_its_deadline(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    student = await join("S001")
    await teacher.trigger(duration=1)
    for client in (teacher, student):
        assert (await client.next("round_closed"))["reason"] == "time"
    (stored,) = await documents(server.store, "rounds")
    assert (stored["state"], stored["reason"]) == ("closed", "time")
    assert stored["closed_at"] >= stored["deadline"]
    assert stored["counts"] == {"assigned": 1, "answered": 0, "correct": 0}


async def test_a_round_closes_when_everybody_has_answered(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    students = {name: await join(name) for name in ("S001", "S002")}
    await teacher.trigger(duration=60)
    for name, student in students.items():
        await teacher.nothing_more("round_closed")
        await student.answer(name, await student.next("NEW_QUESTION"), 1)
    for client in (teacher, *students.values()):
        assert (await client.next("round_closed"))["reason"] == "complete"
    (stored,) = await documents(server.store, "rounds")
    assert stored["closed_at"] < stored["deadline"]


async def test_the_instructor_closes_a_round_once(teacher: RawClient, join: Connect) -> None:
    student = await join("S001")
    assert (await teacher.refused("close_round", TEST))["code"] == "no_round"
    await teacher.trigger(duration=60)
    await teacher.ok("close_round", TEST)
    assert (await student.next("round_closed"))["reason"] == "instructor"
    assert (await teacher.refused("close_round", TEST))["code"] == "no_round"
    assert (await teacher.refused("extend_round", {**TEST, "seconds": 5}))["code"] == "no_round"


async def test_an_extended_round_outlives_its_first_deadline(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    students = {name: await join(name) for name in ("S001", "S002")}
    await teacher.trigger(duration=1)
    await teacher.ok("extend_round", {**TEST, "seconds": 1.5})
    first = await students["S001"].next("NEW_QUESTION")
    await past(teacher, first["deadline"])
    await teacher.nothing_more("round_closed")
    assert (await students["S001"].answer("S001", first, 1))["correct"] is True
    assert (await teacher.next("round_closed"))["reason"] == "time"
    (stored,) = await documents(server.store, "rounds")
    assert stored["deadline"] - stored["opened_at"] == timedelta(seconds=2.5)
    assert stored["closed_at"] >= stored["deadline"]
    rows = await documents(server.store, "student_questions")
    assert {row["deadline"] for row in rows} == {stored["deadline"]}


async def test_a_student_that_comes_back_sees_the_extended_deadline(
    teacher: RawClient, join: Connect
) -> None:
    student = await join("S001")
    await teacher.trigger(duration=60)
    extended = await teacher.ok("extend_round", {**TEST, "seconds": 30})
    token = (await student.next("joined"))["resume_token"]
    again = await join("S001", resume_token=token)
    question = await again.next("NEW_QUESTION")
    assert question["deadline"] == extended["deadline"]
    assert question["remaining"] > 60
    assert question["duration"] == 90


# --- one round at a time -----------------------------------------------------------------------


async def test_a_second_trigger_is_a_conflict_and_changes_nothing(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    student = await join("S001")
    await teacher.trigger(duration=60)
    before = await documents(server.store, "student_questions")
    assert (await teacher.refused("trigger_questions", TEST))["code"] == "conflict"
    assert await documents(server.store, "student_questions") == before
    await student.next("NEW_QUESTION")
    await student.nothing_more("NEW_QUESTION")


async def test_of_two_triggers_at_once_one_is_a_conflict(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    colleague = await connect()
    await colleague.teach(TOKEN)
    for name in ("S001", "S002"):
        await join(name)
    acks = await asyncio.gather(
        *(client.call("trigger_questions", TEST) for client in (teacher, colleague))
    )
    assert sorted(ack["ok"] for ack in acks) == [False, True]
    assert [ack["error"]["code"] for ack in acks if not ack["ok"]] == ["conflict"]
    assert len(await documents(server.store, "rounds")) == 1
    assert len(await documents(server.store, "student_questions")) == 2


async def test_of_two_servers_on_one_database_one_opens_the_round(
    mongo_url: str, server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    beside = RunningServer(Store(mongo_url, server.store._database.name), server.policy)
    await beside.start()
    colleague = await RawClient(beside.url).open()
    await colleague.teach(TOKEN)
    for name in ("S001", "S002"):
        await join(name)
    for number in range(1, 6):
        acks = await asyncio.gather(
            *(client.call("trigger_questions", TEST) for client in (teacher, colleague))
        )
        assert sorted(ack["ok"] for ack in acks) == [False, True], acks
        assert [ack["error"]["code"] for ack in acks if not ack["ok"]] == ["conflict"]
        assert len(await documents(server.store, "rounds")) == number
        assert len(await documents(server.store, "student_questions")) == 2 * number
        winner = (teacher, colleague)[[ack["ok"] for ack in acks].index(True)]
        await winner.ok("close_round", TEST)
    await colleague.close()
    await beside.close()
    beside.store.close()
