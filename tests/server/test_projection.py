"""What a projector is told: no names, no result before the teacher says so, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.protocol.messages import NewQuestion, RoundClosed
from livequiz.server.quiz.service import Policy
from tests.conftest import PROJECTOR, TOKEN, RunningServer
from tests.contract.resources import Api
from tests.helpers import Json, RawClient, bank, next_of
from tests.server.bare import http
from tests.server.test_errors_tell_nothing import ROUTES

VIEW = "/api/v1/meetings/TEST/projection"
EXPLAINED = {**bank(1)[0], "explanation": "Count them.", "topics": ["Sums"]}


@pytest.fixture
async def api(server: RunningServer) -> AsyncIterator[Api]:
    async with http() as session:
        yield Api(server.url, session)


async def seen(api: Api) -> Json:
    found: Json = await api.get(VIEW, token=PROJECTOR)
    return found


async def test_results_are_seen_when_the_teacher_says_so_and_never_names(
    server: RunningServer, api: Api
) -> None:
    teacher = await server.instructor("TEST")
    server.service.queries.address = "http://192.168.1.20:5000"
    server.service.queries.ssh_port = 2222
    await server.import_questions([EXPLAINED])
    students = [await server.student(f"S00{n}", name) for n, name in enumerate(["Ann", "Bob"])]
    joining = await seen(api)
    assert joining["address"] == "http://192.168.1.20:5000/?m=TEST"
    assert "ssh -p 2222 TEST@192.168.1.20" in joining["commands"]
    assert {len(row) for row in joining["qr"]} == {len(joining["qr"])}
    assert (joining["here"], joining.get("round")) == (2, None)
    await teacher.trigger(duration=600)
    with pytest.raises(QuizError) as refused:
        await teacher.show_results()
    assert refused.value.code is Code.CONFLICT
    asked = (await seen(api))["round"]
    assert (asked["number"], asked["open"], asked["assigned"]) == (1, True, 2)
    assert 0 < asked["remaining"] <= 600
    for place, student in enumerate(students):
        question = await next_of(student, NewQuestion)
        await student.answer(question.question_id, question.round_id, place, spent=1)
    await next_of(teacher, RoundClosed)
    over = (await seen(api))["round"]
    assert (over["open"], over["answered"], over.get("results")) == (False, 2, None)
    await teacher.show_results()
    shown = await seen(api)
    assert shown["round"]["results"] == {
        "accuracy": 50.0,
        "topics": [{"topic": "Sums", "responses": 2, "correct": 1}],
        "hardest": {
            "question": EXPLAINED["question"],
            "responses": 2,
            "correct": 1,
            "explanation": "Count them.",
        },
    }
    assert not any(word in str(shown) for word in ("Ann", "Bob", "S000", "S001"))
    await teacher.show_results(shown=False)
    assert (await seen(api))["round"].get("results") is None
    await teacher.show_results()
    await teacher.trigger(duration=600, allow_repeats=True)
    await teacher.close_round()
    assert (await seen(api))["round"].get("results") is None


async def test_the_projector_token_opens_nothing_else(server: RunningServer, api: Api) -> None:
    await server.instructor("TEST")
    assert (await api.get(VIEW, token=TOKEN))["meeting_id"] == "TEST"
    for token in (None, "wrong", "a-projector-token-for-test"):
        await api.refused("GET", VIEW, 401, token=token)
    await api.refused("GET", "/api/v1/meetings/NONE/projection", 404, token=PROJECTOR)
    for method, route in ROUTES:
        if route.startswith("/api/") and route not in {VIEW, "/api/v1/openapi.json"}:
            path = route.format(round_id="a" * 24)
            body = {"student_id": "S001", "question_id": "a" * 24, "answer": 1}
            await api.refused(method, path, 401, token=PROJECTOR, json=body)
    client = await RawClient(server.url).open()
    teach = {"instructor_id": "T", "meeting_id": "TEST", "token": PROJECTOR}
    assert (await client.refused("join_instructor", teach))["code"] == "unauthorized"
    await client.close()


async def test_a_server_without_a_projector_token_shows_nothing(store: Store, api: Api) -> None:
    server = RunningServer(store, Policy(TOKEN))
    await server.start()
    await server.instructor("TEST")
    try:
        other = Api(server.url, api.session)
        for token in ("", "None", PROJECTOR):
            await other.refused("GET", VIEW, 401, token=token)
    finally:
        await server.close()


async def test_another_server_of_the_class_shows_the_same(
    store: Store, policy: Policy, server: RunningServer, api: Api
) -> None:
    teacher = await server.instructor("TEST")
    await server.import_questions([EXPLAINED])
    student = await server.student("S001", "Ann")
    await teacher.trigger(duration=600)
    question = await next_of(student, NewQuestion)
    await student.answer(question.question_id, question.round_id, 0, spent=1)
    await next_of(teacher, RoundClosed)
    await teacher.show_results()
    second = RunningServer(store, policy)
    await second.start()
    try:
        there = await Api(second.url, api.session).get(VIEW, token=PROJECTOR)
        assert there["round"] == (await seen(api))["round"]
        assert there["round"]["results"]["topics"]
    finally:
        await second.close()
