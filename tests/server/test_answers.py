"""Rules 3, 4 and 5 over the wire: answers are graded and stored once, by the server's clock."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, Connect, RunningServer
from tests.helpers import Json, RawClient, bank, documents, past, stored

ANSWER = "submit_answer_ws"


def verdict(ack: Json) -> Json:
    return {name: value for name, value in ack.items() if name != "duplicate"}


async def test_shuffled_options_are_stored_in_the_questions_own_order(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(8))
    students = {f"S{number:03d}": await join(f"S{number:03d}") for number in range(1, 9)}
    await teacher.trigger(duration=60, shuffle_options=True, draw_seed=3)
    orders = set()
    for place, (name, student) in enumerate(students.items()):
        question = await student.next("NEW_QUESTION")
        shown = question["options"]
        assert sorted(shown) == ["a", "b", "c", "d"]
        orders.add(tuple(shown))
        result = await student.answer(name, question, place % 4)
        assert shown[result["correct_answer"]] == "b"
        assert result["your_answer"] == place % 4
        assert result["correct"] is (shown[place % 4] == "b")
        again = await student.answer(name, question, place % 4)
        assert verdict(again) == verdict(result)
        update = await teacher.next("ANSWER_UPDATE")
        assert "abcd"[update["answer"]] == shown[place % 4]
        (stored,) = await documents(server.store, "responses", {"student_id": name})
        assert (stored["answer"], stored["correct"]) == (update["answer"], result["correct"])
        (row,) = await documents(server.store, "student_questions", {"student_id": name})
        assert ["abcd"[index] for index in row["option_order"]] == shown
    assert len(orders) > 1


@pytest.mark.parametrize("reveal", ["at_once", "after_round"])
async def test_fifty_submissions_at_once_are_one_response_and_one_verdict(
    server: RunningServer, teacher: RawClient, join: Connect, reveal: str
) -> None:
    await server.import_questions(bank(2))
    student = await join("S001")
    await join("S002")
    await teacher.trigger(duration=60, reveal=reveal)
    question = await student.next("NEW_QUESTION")
    acks = await asyncio.gather(*(student.answer("S001", question, 1) for _ in range(50)))
    assert [ack["ok"] for ack in acks] == [True] * 50
    assert [ack["duplicate"] for ack in acks].count(False) == 1
    assert all(verdict(ack) == verdict(acks[0]) for ack in acks)
    assert len(await documents(server.store, "responses")) == 1
    await teacher.next("ANSWER_UPDATE")
    await teacher.nothing_more("ANSWER_UPDATE")
    snapshot = await teacher.ok("get_snapshot", {"meeting_id": "TEST"})
    assert (snapshot["round"]["stats"]["answered"], snapshot["round"]["stats"]["correct"]) == (1, 1)


async def test_a_repeat_with_another_answer_changes_nothing(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(2))
    student = await join("S001")
    await join("S002")
    await teacher.trigger(duration=60)
    question = await student.next("NEW_QUESTION")
    first = await student.answer("S001", question, 0)
    before = await documents(server.store, "responses")
    again = await student.answer("S001", question, 1)
    assert again == {**first, "duplicate": True}
    assert (again["correct"], again["your_answer"]) == (False, 0)
    assert await documents(server.store, "responses") == before
    answers = range(4)
    acks = await asyncio.gather(*(student.answer("S001", question, n) for n in answers))
    assert acks == [again] * 4


async def test_a_repeat_after_the_round_still_gets_its_verdict(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(1))
    student = await join("S001")
    await teacher.trigger(duration=60)
    question = await student.next("NEW_QUESTION")
    first = await student.answer("S001", question, 1)
    await student.next("round_closed")
    assert await student.answer("S001", question, 1) == {**first, "duplicate": True}


async def test_points_and_streaks_add_up_over_rounds(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(5, points=3))
    student = await join("S001")
    totals = []
    for choice in (1, 1, 0, 1, None):
        await teacher.trigger(duration=60)
        question = await student.next("NEW_QUESTION")
        if choice is not None:
            await student.answer("S001", question, choice)
        else:
            await teacher.ok("close_round", {"meeting_id": "TEST"})
        result = (await student.next("round_closed"))["result"]
        totals.append((result["total_points"], result["streak"]))
    assert totals == [(3, 1), (6, 2), (6, 0), (9, 1), (9, 0)]
    (stored,) = await documents(server.store, "participants")
    assert (stored["total_points"], stored["streak"]) == (9, 0)


async def test_an_assignment_is_answered_before_the_round_ends(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(3))
    students = {name: await join(name) for name in ("S001", "S002", "S003")}
    await teacher.trigger(duration=60)
    await students["S001"].answer("S001", await students["S001"].next("NEW_QUESTION"), 1)
    await stored(server.store, "student_questions", {"student_id": "S001", "status": "answered"})
    await stored(server.store, "student_questions", {"student_id": "S003", "status": "sent"})


async def test_the_clients_own_time_decides_nothing(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(2))
    students = {"S001": await join("S001"), "S002": await join("S002")}
    await teacher.trigger(duration=60)
    for (name, student), claimed in zip(students.items(), (0.0, 86_400.0), strict=True):
        question = await student.next("NEW_QUESTION")
        result = await student.answer(name, question, 1, response_time=claimed)
        assert 0 <= result["response_time"] < 60
        (stored,) = await documents(server.store, "responses", {"student_id": name})
        assert stored["client_response_time"] == claimed
        assert stored["response_time"] == result["response_time"]


# What is no time by a client's clock.
NO_TIME: list[Any] = [
    *(None, -0.1, -1e300, 86_401, 10**400, float("nan"), float("inf"), float("-inf")),
    *("2.5", "", "\ud800", "x" * 101, True, [], [1], {}, {"$gt": ""}, b"1", [[[]]]),
]


async def test_no_time_of_the_client_costs_an_answer(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    """A clock that jumped made a negative time, and the answer was refused."""
    await server.import_questions(bank(len(NO_TIME)))
    students = {f"S{place}": await join(f"S{place}") for place in range(len(NO_TIME))}
    await teacher.trigger(duration=60)
    for (name, student), claimed in zip(students.items(), NO_TIME, strict=True):
        question = await student.next("NEW_QUESTION")
        result = await student.answer(name, question, 1, response_time=claimed)
        assert (result["ok"], result.get("correct")) == (True, True), (claimed, result)
        (stored,) = await documents(server.store, "responses", {"student_id": name})
        assert stored["client_response_time"] is None
        assert stored["response_time"] == result["response_time"]


@pytest.mark.parametrize(
    "claimed",
    ['"2.5"', "-0.1", "86401", "NaN", "Infinity", "1e999", "9" * 400, '"\\ud800"', "[]", "null"],
    ids=lambda claimed: claimed[:8],
)
async def test_no_time_of_the_client_costs_an_answer_by_rest(
    server: RunningServer, teacher: RawClient, join: Connect, claimed: str
) -> None:
    await server.import_questions(bank(1))
    student = await join("S001")
    token = (await student.next("joined"))["resume_token"]
    await teacher.trigger(duration=60)
    question_id = (await student.next("NEW_QUESTION"))["question_id"]
    body = f'{{"student_id":"S001","question_id":"{question_id}","answer":1,"response_time":'
    async with aiohttp.ClientSession() as http:
        url = f"{server.url}/api/v1/meetings/TEST/responses"
        headers = {"Authorization": f"Bearer {token}"}
        async with http.post(url, data=f"{body}{claimed}}}", headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            assert (await answer.json())["correct"] is True
    (stored,) = await documents(server.store, "responses")
    assert stored["client_response_time"] is None


async def test_a_clock_that_makes_no_sense_still_gets_the_servers_time(join: Connect) -> None:
    client = await join("S001")
    for wrong in NO_TIME:
        synced = await client.ok("time_sync", {"client_time": wrong})
        assert synced["server_time"]
        kept = wrong if wrong in ("2.5", "", -0.1, 86_401) else None
        assert synced["client_time"] == kept, wrong


async def test_an_answer_of_an_earlier_round_is_too_late(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(2))
    student = await join("S001")
    await teacher.trigger(duration=60)
    old = await student.next("NEW_QUESTION")
    await teacher.ok("close_round", {"meeting_id": "TEST"})
    late = await student.answer("S001", old, 1, round_id=old["round_id"])
    assert late["error"]["code"] == "too_late"
    await teacher.trigger(duration=60)
    late = await student.answer("S001", old, 1, round_id=old["round_id"])
    assert (late["error"]["code"], late["error"]["field"]) == ("too_late", "round_id")
    assert (await student.answer("S001", old, 1))["error"]["code"] == "forbidden"
    assert await documents(server.store, "responses") == []
    new = await student.next("NEW_QUESTION")
    assert (await student.answer("S001", new, 1, round_id=new["round_id"]))["correct"] is True


async def test_a_repeat_of_an_earlier_rounds_answer_gets_the_stored_verdict(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    # A client whose connection was away for a round never heard that its answer was stored.
    await server.import_questions(bank(2))
    student = await join("S001")
    await teacher.trigger(duration=60)
    old = await student.next("NEW_QUESTION")
    first = await student.answer("S001", old, 1, round_id=old["round_id"])
    await teacher.next("round_closed")
    await teacher.trigger(duration=60)
    again = await student.answer("S001", old, 0, round_id=old["round_id"])
    assert again == {**first, "duplicate": True}
    assert len(await documents(server.store, "responses")) == 1


async def test_an_answer_without_any_round_is_refused(join: Connect) -> None:
    student = await join("S001")
    error = await student.answer("S001", {"question_id": "0" * 24}, 1)
    assert error["error"]["code"] == "no_round"


async def test_every_ack_comes_although_what_follows_an_answer_could_not_be_stored(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    # A failure there once left the answers that waited behind it without an ack.
    await server.import_questions(bank(8))
    students = {f"S{number:03d}": await join(f"S{number:03d}") for number in range(1, 9)}
    await teacher.trigger(duration=60)
    questions = {name: await student.next("NEW_QUESTION") for name, student in students.items()}
    broken = {"$jsonSchema": {"properties": {"total_points": {"enum": [0]}}}}
    database = server.store._database
    await database.command("collMod", "participants", validator=broken, validationLevel="strict")

    async def answer(name: str, round_trips: int) -> Json:
        for _ in range(round_trips):  # so that it comes while an earlier answer is being stored
            await students[name].ok("time_sync", {})
        return await students[name].answer(name, questions[name], 1)

    acks = await asyncio.gather(*(answer(name, place) for place, name in enumerate(students)))
    assert [ack["correct"] for ack in acks] == [True] * 8
    assert len(await documents(server.store, "responses")) == 8
    await database.command("collMod", "participants", validator={})
    await teacher.call("close_round", {"meeting_id": "TEST"})
    assert (await teacher.next("round_closed"))["summary"]["stats"]["correct"] == 8
    points = [row["total_points"] for row in await documents(server.store, "participants")]
    assert points == [1] * 8


async def by_rest(server: RunningServer, token: str, question: Json, answer: int) -> Json:
    """Answer as a script does, and return the body of the response."""
    body = {"student_id": "S001", "question_id": question["question_id"], "answer": answer}
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{server.url}/api/v1/meetings/TEST/responses"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json=body, headers=headers) as response,
    ):
        found: Json = await response.json()
        return found


class TestWithoutGrace:
    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN, grace=0)

    async def test_a_late_answer_is_too_late_and_not_stored(
        self, server: RunningServer, teacher: RawClient, join: Connect
    ) -> None:
        await server.import_questions(bank(1))
        student = await join("S001")
        await teacher.trigger(duration=1)
        question = await student.next("NEW_QUESTION")
        assert (await student.next("round_closed"))["reason"] == "time"
        late = await student.answer("S001", question, 1)
        assert late["error"]["code"] == "too_late"
        assert await documents(server.store, "responses") == []
        token = (await student.next("joined"))["resume_token"]
        assert (await by_rest(server, token, question, 1))["code"] == "too_late"
        assert await documents(server.store, "responses") == []
        (row,) = await documents(server.store, "student_questions")
        assert row["status"] == "expired"


class TestWithMuchGrace:
    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN, grace=60)

    async def test_an_answer_within_the_grace_counts(
        self, server: RunningServer, teacher: RawClient, join: Connect
    ) -> None:
        await server.import_questions(bank(1))
        student = await join("S001")
        await teacher.trigger(duration=1)
        question = await student.next("NEW_QUESTION")
        await past(student, question["deadline"])
        token = (await student.next("joined"))["resume_token"]
        # The same on both ways in; the second is a repeat of the first.
        assert (await by_rest(server, token, question, 1))["duplicate"] is False
        result = await student.answer("S001", question, 0)
        assert result["correct"] is True
        assert result["response_time"] >= 1
        assert (await student.next("round_closed"))["reason"] == "complete"
