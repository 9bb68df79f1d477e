"""Classes of old and new clients: what the teacher is told, and what the draws come to."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from livequiz.protocol.requests import JoinStudent
from tests.conftest import Connect, RunningServer
from tests.helpers import Json, RawClient, bank, contents, documents

EVERY_TYPE = {"question_types": ["single", "true_false", "multiple", "numeric", "short_text"]}
NEEDS = "their program shows only single-choice and true/false questions"


def several(size: int) -> list[Json]:
    """Return that many questions that an original client can't answer."""
    return [
        {"question": f"Which, {n}?", "type": "multiple", "options": ["a", "b"], "correct": [0, 1]}
        for n in range(1, size + 1)
    ]


@pytest.fixture
def join_with(connect: Connect, teacher: RawClient) -> Any:
    """Joins a student whose client says what it can show."""

    async def join_student(student_id: str, auth: Any = EVERY_TYPE, **more: Any) -> RawClient:
        client = await connect(auth=auth)
        request = {"student_id": student_id, "meeting_id": "TEST", "name": student_id}
        await client.ok("join_student", {**request, **more})
        return client

    return join_student


async def close(teacher: RawClient) -> None:
    await teacher.ok("close_round", {"meeting_id": "TEST"})


async def preview(teacher: RawClient) -> Json:
    return await teacher.ok("preview_round", {"meeting_id": "TEST"})


@pytest.mark.parametrize("auth", [None, {}, {"client": "x/1"}, {"question_types": ["single"]}])
async def test_who_names_no_other_type_gets_questions_with_one_right_option_only(
    server: RunningServer, teacher: RawClient, join_with: Any, auth: Any
) -> None:
    await server.import_questions([*bank(2), *several(40)])
    students = [await join_with(f"S{number}", auth) for number in range(2)]
    for _ in range(4):  # from the third on they have seen both
        sent = await teacher.trigger(duration=60)
        assert (sent["count"], sent["distinct"]) == (2, True)
        for student in students:
            assert (await student.next("NEW_QUESTION"))["type"] == "single"
        await close(teacher)


async def test_a_true_false_question_is_for_every_client(
    server: RunningServer, teacher: RawClient, join_with: Any
) -> None:
    await server.import_questions([{"question": "So?", "type": "true_false", "correct": True}])
    student = await join_with("S001", None)
    await teacher.trigger(duration=60)
    assert (await student.next("NEW_QUESTION"))["options"] == ["True", "False"]


@pytest.mark.parametrize("wrong", ["single", {"single": True}, [1], [None], ["x" * 41], ["x"] * 41])
async def test_types_that_are_no_list_of_words_are_refused(
    server: RunningServer, wrong: object
) -> None:
    client = RawClient(server.url, auth={"question_types": wrong})
    assert await client.refusal() == "bad_request"


async def test_sharing_counts_the_questions_that_each_student_may_get(
    server: RunningServer, teacher: RawClient, join_with: Any
) -> None:
    await server.import_questions([*bank(1), *several(20)])
    for number in range(3):
        await join_with(f"OLD{number}", None)
    ready = await preview(teacher)
    assert (ready["sharing"], ready.get("left_out", 0)) == (2, 0)
    sent = await teacher.trigger(duration=60)
    assert (sent["count"], sent["distinct"]) == (3, False)
    assert "2 more single-choice questions" in sent["warnings"][0]


def answer(student_id: str, question: Json) -> Json:
    return {"student_id": student_id, "question_id": question["question_id"]}


async def test_a_round_that_nobody_could_show_is_refused_with_what_to_do(
    server: RunningServer, teacher: RawClient, join_with: Any
) -> None:
    await server.import_questions(several(5))
    for number in range(6):
        await join_with(f"S{number}", None, name=f"Student {number}")
    ready = await preview(teacher)
    assert (ready["students"], ready["left_out"]) == (6, 6)
    before = await contents(server.store)
    error = await teacher.refused("trigger_questions", {"meeting_id": "TEST"})
    assert error["code"] == "no_questions"
    assert [error["message"]] == ready["warnings"]
    assert "Student 0, Student 1, Student 2 and 3 more get no question" in error["message"]
    assert error["message"].endswith("Choose other filters, or add such questions.")
    assert await contents(server.store) == before


async def test_a_participant_of_an_older_server_counts_as_an_original_client(
    server: RunningServer, teacher: RawClient, join_with: Any
) -> None:
    await server.import_questions([*bank(1), *several(9)])
    await join_with("S001")
    await server.store._database["participants"].update_many({}, {"$unset": {"question_types": 1}})
    sent = await teacher.trigger(duration=60)
    assert [row["question"] for row in sent["assignments"]] == ["Question 1?"]


async def test_a_question_that_another_client_can_not_show_stays_and_the_snapshot_says_so(
    server: RunningServer, teacher: RawClient, join_with: Any
) -> None:
    await server.import_questions([*several(1), *bank(3)])
    terminal = await join_with("S001", {"question_types": ["multiple"]})
    token = (await terminal.next("joined"))["resume_token"]
    await teacher.trigger(duration=60)
    held = await terminal.next("NEW_QUESTION")
    await teacher.next("student_joined")
    phone = await join_with("S001", None, resume_token=token)
    again = await phone.next("NEW_QUESTION")
    assert (again["question_id"], again["type"]) == (held["question_id"], "multiple")
    basic = ["single", "true_false"]
    assert (await teacher.next("student_joined"))["question_types"] == basic
    snapshot = await teacher.ok("get_snapshot", {"meeting_id": "TEST"})
    assert snapshot["students"][0]["question_types"] == basic
    back = await join_with("S001", resume_token=token)
    question = await back.next("NEW_QUESTION")
    assert (await back.call("submit_answer_ws", {**answer("S001", question), "answer": [0, 1]}))[
        "correct"
    ]
    snapshot = await teacher.ok("get_snapshot", {"meeting_id": "TEST"})
    assert "question_types" not in snapshot["students"][0]


async def test_a_seeded_draw_of_a_mixed_class_can_be_repeated(
    server: RunningServer, teacher: RawClient, join_with: Any
) -> None:
    await server.import_questions([*bank(6), *several(6)])
    await asyncio.gather(*(join_with(f"S{n}", None if n % 2 else EVERY_TYPE) for n in range(8)))
    draws = []
    for _ in range(2):
        sent = await teacher.trigger(duration=60, draw_seed=7, allow_repeats=True)
        draws.append({row["student_id"]: row["question_id"] for row in sent["assignments"]})
        await close(teacher)
    assert draws[0] == draws[1]


async def test_our_own_client_shows_every_type_and_joins_servers_that_know_none(
    server: RunningServer, teacher: RawClient
) -> None:
    """An older server refuses a join with a field that it does not know, but no handshake."""
    await server.student("S001")
    (stored,) = await documents(server.store, "participants")
    assert stored["question_types"] == sorted(EVERY_TYPE["question_types"])
    request = msgspec.to_builtins(JoinStudent("S001", "TEST", "Alice", "a-token"))
    assert request.keys() == {"student_id", "meeting_id", "name", "resume_token"}
