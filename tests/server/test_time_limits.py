"""Questions with a time limit of their own, in rounds that are not given one for all."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from livequiz.server.quiz import assignment
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, Connect, RunningServer
from tests.helpers import Json, RawClient, bank, documents, past

TEST = {"meeting_id": "TEST"}
NAMES = ("A", "B", "C")


def limits(*seconds: float | None) -> list[Json]:
    return [
        {**question, "time_limit": limit}
        for question, limit in zip(bank(len(seconds)), seconds, strict=True)
    ]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_each_student_has_the_time_that_its_question_says(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(limits(20, 90, None))
    clients = [await join(name) for name in NAMES]
    sent = await teacher.trigger()
    assert sent["duration"] == 90
    by_limit = {q["duration"]: q for q in [await c.next("NEW_QUESTION") for c in clients]}
    assert by_limit.keys() == {20, 60, 90}
    for limit, question in by_limit.items():
        assert moment(question["deadline"]) - moment(question["sent_time"]) == timedelta(
            seconds=limit
        )
        assert limit - 2 < question["remaining"] <= limit
    (stored,) = await documents(server.store, "student_questions", {"early": 70})
    assert stored["deadline"] == moment(by_limit[20]["deadline"])


async def test_seconds_for_all_go_before_the_limits_of_questions(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(limits(20, 90, None))
    clients = [await join(name) for name in NAMES]
    sent = await teacher.trigger(duration=45)
    questions = [await client.next("NEW_QUESTION") for client in clients]
    assert {q["duration"] for q in questions} == {45}
    assert {q["deadline"] for q in questions} == {sent["deadline"]}


async def test_limits_take_extra_time_more_time_and_a_restart(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    await server.import_questions(limits(20, 90))
    slow, other = await join("SLOW"), await join("OTHER")
    token = (await slow.next("joined"))["resume_token"]
    await teacher.ok("set_student", {**TEST, "student_id": "SLOW", "time_factor": 2})
    await teacher.trigger()
    mine = await slow.next("NEW_QUESTION")
    limit = mine["duration"] / 2
    assert {limit, (await other.next("NEW_QUESTION"))["duration"]} == {20, 90}

    await teacher.ok("extend_round", {**TEST, "seconds": 30})
    extended = await slow.next("round_extended")
    assert moment(extended["deadline"]) - moment(mine["deadline"]) == timedelta(seconds=60)
    told = await other.next("round_extended")
    assert 110 - limit + 28 < told["remaining"] <= 110 - limit + 30

    await server.stop()
    await server.start()
    again = await connect()
    await again.join("SLOW", resume_token=token)
    question = await again.next("NEW_QUESTION")
    assert question["deadline"] == extended["deadline"]
    assert question["duration"] == (limit + 30) * 2


async def test_a_late_joiner_has_no_longer_than_its_question_says(
    server: RunningServer, teacher: RawClient, join: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignment, "LATE_LOOK", 0.0)  # each late joiner has the bank looked at
    await server.import_questions(limits(90))
    await join("EARLY")
    await teacher.trigger()
    await server.import_questions([{**bank(1)[0], "question": "Short?", "time_limit": 20}])
    late = await (await join("LATE")).next("NEW_QUESTION")
    assert late["question"] == "Short?"
    assert 18 < late["remaining"] <= 20


class TestWithoutGrace:
    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN, grace=0)

    async def a_round(
        self, server: RunningServer, teacher: RawClient, join: Connect, *seconds: float
    ) -> list[tuple[str, RawClient, Json]]:
        """Return who was asked what, in the order of the limits."""
        await server.import_questions(limits(*seconds))
        clients = [(name, await join(name)) for name in NAMES[: len(seconds)]]
        await teacher.trigger()
        asked = [(name, client, await client.next("NEW_QUESTION")) for name, client in clients]
        return sorted(asked, key=lambda item: item[2]["duration"])

    async def test_who_has_no_time_left_holds_nobody_up(
        self, server: RunningServer, teacher: RawClient, join: Connect
    ) -> None:
        short, long = await self.a_round(server, teacher, join, 1, 600)
        await past(short[1], short[2]["deadline"])
        assert (await short[1].answer(short[0], short[2], 1))["error"]["code"] == "too_late"
        await teacher.nothing_more("round_closed")
        assert (await long[1].answer(long[0], long[2], 1))["correct"] is True
        assert (await teacher.next("round_closed"))["reason"] == "time"

    async def test_a_round_ends_with_the_last_limit_of_who_has_not_answered(
        self, server: RunningServer, teacher: RawClient, join: Connect
    ) -> None:
        short, long = await self.a_round(server, teacher, join, 2, 600)
        assert (await long[1].answer(long[0], long[2], 1))["correct"] is True
        assert (await teacher.next("round_closed"))["reason"] == "time"
        (stored,) = await documents(server.store, "rounds")
        assert stored["closed_at"] >= moment(short[2]["deadline"])
