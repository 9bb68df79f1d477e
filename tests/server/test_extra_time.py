"""Extra time: one student's own deadline, which nobody else sees."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, Connect, RunningServer
from tests.contract import shapes
from tests.contract.shapes import assert_shape
from tests.helpers import Json, RawClient, bank, documents, past

TEST = {"meeting_id": "TEST"}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def give(teacher: RawClient, student_id: str, factor: float) -> Json:
    request = {**TEST, "student_id": student_id, "time_factor": factor}
    return await teacher.ok("set_student", request)


async def test_a_student_with_extra_time_has_a_deadline_of_its_own(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(2))
    slow, other = await join("SLOW"), await join("OTHER")
    ack = await give(teacher, "SLOW", 1.5)
    news = await teacher.next("meeting_updated")
    assert_shape(news, shapes.MEETING_UPDATED)
    assert (news["student_id"], news["time_factor"]) == ("SLOW", 1.5)
    assert {**news, "ok": True} == ack
    sent = await teacher.trigger(duration=60)
    assert sent["extra_time"] == 30
    mine, others = await slow.next("NEW_QUESTION"), await other.next("NEW_QUESTION")
    assert (mine["duration"], others["duration"]) == (90, 60)
    assert others["deadline"] == sent["deadline"]
    assert moment(mine["deadline"]) - moment(others["deadline"]) == timedelta(seconds=30)
    assert 89 < mine["remaining"] <= 90
    snapshot = await teacher.ok("get_snapshot", TEST)
    factors = {row["student_id"]: row.get("time_factor", 1) for row in snapshot["students"]}
    assert factors == {"SLOW": 1.5, "OTHER": 1}


async def test_extra_time_in_an_open_round_moves_one_deadline_and_no_other_student_hears_of_it(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(2))
    slow, other = await join("SLOW"), await join("OTHER")
    await teacher.trigger(duration=60)
    before = await slow.next("NEW_QUESTION")
    heard = await other.next("NEW_QUESTION")
    await give(teacher, "SLOW", 2)
    extended = await slow.next("round_extended")
    assert_shape(extended, shapes.ROUND_EXTENDED)
    assert moment(extended["deadline"]) - moment(before["deadline"]) == timedelta(seconds=60)
    await other.nothing_more("round_extended")
    assert "SLOW" not in str(other.log)
    (stored,) = await documents(server.store, "student_questions", {"student_id": "OTHER"})
    assert stored["deadline"] == moment(heard["deadline"])
    told = await teacher.next("round_extended")
    assert (told["deadline"], told["extra_time"]) == (heard["deadline"], 60)


async def test_more_time_for_all_is_more_for_who_has_extra_time(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(2))
    slow, other = await join("SLOW"), await join("OTHER")
    await give(teacher, "SLOW", 2)
    await teacher.trigger(duration=60)
    await teacher.ok("extend_round", {**TEST, "seconds": 30})
    mine, others = await slow.next("round_extended"), await other.next("round_extended")
    assert 178 < mine["remaining"] <= 180
    assert 88 < others["remaining"] <= 90
    assert "extra_time" not in mine
    assert "extra_time" not in others


async def test_extra_time_outlives_a_restart_and_a_join(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    await server.import_questions(bank(1))
    slow = await join("SLOW")
    token = (await slow.next("joined"))["resume_token"]
    await give(teacher, "SLOW", 4)
    await teacher.trigger(duration=60)
    before = await slow.next("NEW_QUESTION")
    await server.stop()
    await server.start()
    again = await connect()
    await again.join("SLOW", resume_token=token)
    question = await again.next("NEW_QUESTION")
    assert (question["deadline"], question["duration"]) == (before["deadline"], 240)


async def test_nobody_but_a_student_of_the_meeting_gets_extra_time(teacher: RawClient) -> None:
    request = {**TEST, "student_id": "NOBODY", "time_factor": 2}
    assert (await teacher.refused("set_student", request))["code"] == "not_found"


class TestWithoutGrace:
    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN, grace=0)

    async def a_round(
        self, server: RunningServer, teacher: RawClient, join: Connect
    ) -> tuple[Any, ...]:
        await server.import_questions(bank(3))
        clients = [await join(name) for name in ("SLOW", "OTHER", "THIRD")]
        await give(teacher, "SLOW", 4)
        await teacher.trigger(duration=1)
        questions = [await client.next("NEW_QUESTION") for client in clients]
        await past(clients[0], questions[1]["deadline"])
        return (*clients, *questions)

    async def test_an_answer_in_extra_time_counts_and_then_the_round_ends(
        self, server: RunningServer, teacher: RawClient, join: Connect
    ) -> None:
        slow, other, _, mine, others, _ = await self.a_round(server, teacher, join)
        assert (await other.answer("OTHER", others, 1))["error"]["code"] == "too_late"
        assert (await slow.answer("SLOW", mine, 1))["correct"] is True
        closed = await teacher.next("round_closed")  # though nobody else has answered
        assert closed["reason"] == "time"
        assert closed["summary"]["stats"]["answered"] == 1

    async def test_a_round_ends_when_the_extra_time_does(
        self, server: RunningServer, teacher: RawClient, join: Connect
    ) -> None:
        slow, _, _, mine, _, _ = await self.a_round(server, teacher, join)
        await teacher.nothing_more("round_closed")
        closed = await teacher.next("round_closed")
        assert closed["reason"] == "time"
        (stored,) = await documents(server.store, "rounds")
        assert stored["closed_at"] >= moment(mine["deadline"])
        assert (await slow.answer("SLOW", mine, 1))["error"]["code"] == "too_late"
