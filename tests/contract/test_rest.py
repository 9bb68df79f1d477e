"""Section 4 of the contract: every route, its pages, its refusals."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import pytest
from aiohttp import hdrs

from livequiz.db.store import Store
from livequiz.server.http.routes import RestApi
from tests.conftest import TOKEN, Connect, RunningServer
from tests.contract import resources, shapes
from tests.contract.resources import Api
from tests.contract.shapes import Each, assert_shape
from tests.helpers import QUESTIONS, Json, RawClient, bank, contents
from tests.patience import PATIENCE

MEETING = "/api/v1/meetings/TEST"
ROUTES = [(route.method, route.path) for route in RestApi(None).table]  # type: ignore[arg-type]
OPEN = {"/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"}


async def test_open_routes_need_no_token(api: Api, teacher: RawClient) -> None:
    health = await api.get("/healthz", token=None)
    assert health["status"] == "ok"
    assert await api.get("/readyz", token=None) == {"status": "ready"}
    async with api.session.get(api.url + "/metrics") as reply:
        assert reply.content_type == "text/plain"
        lines = (await reply.text()).splitlines()
    figures = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert figures["livequiz_connections"] == "1"
    assert figures["livequiz_meetings"] == "1"
    assert figures["livequiz_open_rounds"] == "0"
    assert figures["livequiz_responses_total"] == "0"


async def test_a_server_without_its_database_lives_but_is_not_ready(
    mongo_url: str, server: RunningServer
) -> None:
    store = Store(mongo_url, server.store._database.name)
    other = RunningServer(store, server.policy)
    await other.start()
    store.close()
    async with aiohttp.ClientSession() as session:
        api = Api(other.url, session)
        await api.get("/healthz", token=None)
        assert await api.refused("GET", "/readyz", 503, token=None) == ("unavailable", None)
        assert await api.refused("GET", MEETING, 503) == ("unavailable", None)
    await other.stop()


async def test_every_other_route_needs_the_token(
    api: Api, server: RunningServer, teacher: RawClient
) -> None:
    before = await contents(server.store)
    body = {"student_id": "S001", "question_id": "0" * 24, "answer": 0}
    for token in (None, "", "wrong", TOKEN + "x", TOKEN[:-1], "\u00fc"):
        for method, path in ROUTES:
            if path not in OPEN:
                ready = path.format(meeting_id="TEST", round_id="0" * 24)
                code, _ = await api.refused(method, ready, 401, token=token, json=body)
                assert code == "unauthorized", ready
    assert await contents(server.store) == before


async def test_another_scheme_is_no_bearer(api: Api) -> None:
    for header in (TOKEN, f"Basic {TOKEN}", f"Bearer{TOKEN}"):
        async with api.session.get(
            f"{api.url}/api/v1/questions", headers={hdrs.AUTHORIZATION: header}
        ) as reply:
            assert reply.status == 401


async def test_meetings_are_listed_oldest_first_in_pages(api: Api, connect: Connect) -> None:
    client = await connect()
    for code in ("ZULU", "ALPHA", "MIKE"):
        await client.teach(TOKEN, meeting_id=code)
    pages = await api.pages("/api/v1/meetings", 2)
    for page in pages:
        assert_shape(page, Each(resources.MEETING))
    assert [meeting["_id"] for page in pages for meeting in page] == ["ZULU", "ALPHA", "MIKE"]
    shown = await api.get("/api/v1/meetings/alpha")
    assert_shape(shown, resources.MEETING)
    assert shown["_id"] == "ALPHA"


async def test_participants_are_listed_in_pages(api: Api, join: Connect) -> None:
    for student_id in ("S003", "S001", "S002"):
        await join(student_id)
    pages = await api.pages(f"{MEETING}/participants", 2)
    for page in pages:
        assert_shape(page, Each(resources.PARTICIPANT))
    assert [row["student_id"] for page in pages for row in page] == ["S003", "S001", "S002"]


async def test_a_script_runs_a_round(
    api: Api, server: RunningServer, join: Connect, teacher: RawClient
) -> None:
    await server.import_questions(QUESTIONS)
    student = await join("S001", "Alice")
    sent = await api.post(f"{MEETING}/rounds", {"duration": 60, "draw_seed": 7}, status=201)
    assert_shape(sent, shapes.QUESTIONS_SENT)
    assert await teacher.next("questions_sent") == sent
    question = await student.next("NEW_QUESTION")
    assert question["round_id"] == sent["round_id"]
    assert await api.refused("POST", f"{MEETING}/rounds", 409) == ("conflict", None)

    one = await api.get(f"{MEETING}/rounds/{sent['round_id']}")
    shown = {
        "assignments": shapes.SNAPSHOT["assignments"],
        "questions": Each(resources.QUESTION),
    }
    assert_shape(one, {**resources.ROUND, **shown})
    assert (one["state"], one["draw_seed"], one["counts"]["assigned"]) == ("open", 7, 1)

    closed = await api.post(f"{MEETING}/rounds/current/close")
    assert_shape(closed, shapes.ROUND_CLOSED)
    assert (await student.next("round_closed"))["reason"] == "instructor"
    assert await api.refused("POST", f"{MEETING}/rounds/current/close", 409) == ("no_round", None)


async def test_rounds_and_responses_are_listed_in_pages(
    api: Api, server: RunningServer, join: Connect, teacher: RawClient
) -> None:
    await server.import_questions(bank(6))
    students = {name: await join(name) for name in ("S001", "S002")}
    for _ in range(3):
        await api.post(f"{MEETING}/rounds", status=201)
        for name, student in students.items():
            await student.answer(name, await student.next("NEW_QUESTION"), 1)
        await teacher.next("round_closed")
    rounds = await api.pages(f"{MEETING}/rounds", 2)
    for page in rounds:
        assert_shape(page, Each(resources.ROUND))
    assert [row["number"] for page in rounds for row in page] == [1, 2, 3]
    assert rounds[0][0]["counts"] == {"assigned": 2, "answered": 2, "correct": 2}
    responses = await api.pages(f"{MEETING}/responses", 4)
    for page in responses:
        assert_shape(page, Each(resources.RESPONSE))
    rows = [row for page in responses for row in page]
    assert [row["student_id"] for row in rows] == ["S001", "S002"] * 3
    assert [row["timestamp"] for row in rows] == sorted(row["timestamp"] for row in rows)

    stats = await api.get(f"{MEETING}/stats")
    assert_shape(stats, resources.STATS)
    assert (stats["rounds"], stats["responses"], stats["accuracy"]) == (3, 6, 100.0)


async def test_questions_are_added_once_and_listed_in_pages(
    api: Api, server: RunningServer
) -> None:
    added = await api.post("/api/v1/questions", {"questions": QUESTIONS}, status=201)
    assert added == {"added": 3, "duplicates": 0}
    again = await api.post("/api/v1/questions", {"questions": [*QUESTIONS, *bank(1)]}, status=201)
    assert again == {"added": 1, "duplicates": 3}
    pages = await api.pages("/api/v1/questions", 3)
    for page in pages:
        assert_shape(page, Each(resources.QUESTION))
    texts = [question["question"] for page in pages for question in page]
    assert texts == [*(question["question"] for question in QUESTIONS), "Question 1?"]


WRONG_QUESTIONS: list[tuple[Json, str]] = [
    ({"question": ""}, "questions[1].question"),
    ({"question": {"$gt": ""}}, "questions[1].question"),
    ({"options": ["one"]}, "questions[1].options"),
    ({"options": ["same", "same"]}, "questions[1].options"),
    ({"correct": 4}, "questions[1].correct"),
    ({"correct": True}, "questions[1].correct"),
    ({"points": -1}, "questions[1].points"),
    ({"question": "\x1b[2J"}, "questions[1].question"),
    ({"surprise": 1}, "surprise"),
]


async def test_one_wrong_question_keeps_all_of_them_out(api: Api, server: RunningServer) -> None:
    good, bad = bank(2)
    for wrong, field in WRONG_QUESTIONS:
        body = {"questions": [good, {**bad, **wrong}]}
        found = await api.refused("POST", "/api/v1/questions", 400, json=body)
        assert found == ("bad_request", field)
    assert await server.store.questions.count() == 0


async def test_a_student_answers_by_its_resume_token(
    api: Api, server: RunningServer, join: Connect, teacher: RawClient
) -> None:
    await server.import_questions(bank(2))
    tokens = {}
    for name in ("S001", "S002"):
        student = await join(name)
        tokens[name] = (await student.next("joined"))["resume_token"]
    await teacher.trigger()
    question = await student.next("NEW_QUESTION")
    body = {"student_id": "S002", "question_id": question["question_id"], "answer": 1}
    route = ("POST", f"{MEETING}/responses")
    for token in (None, TOKEN, tokens["S001"], tokens["S002"] + "x"):
        assert (await api.refused(*route, 401, token=token, json=body))[0] == "unauthorized"
    mine = tokens["S002"]
    wrong = {**body, "answer": 9}
    assert await api.refused(*route, 400, token=mine, json=wrong) == ("bad_request", "answer")
    other = {**body, "question_id": "0" * 24}
    assert await api.refused(*route, 403, token=mine, json=other) == ("forbidden", "question_id")
    result = await api.post(f"{MEETING}/responses", body, token=mine)
    assert_shape(result, shapes.ANSWER_RESULT)
    assert (result["correct"], result["duplicate"]) == (True, False)
    again = await api.post(f"{MEETING}/responses", body, token=mine)
    assert again == {**result, "duplicate": True}
    assert (await teacher.next("ANSWER_UPDATE"))["student_id"] == "S002"
    await teacher.ok("close_round", {"meeting_id": "TEST"})
    late = {**body, "student_id": "S001", "question_id": "f" * 24}
    assert (await api.refused(*route, 403, token=tokens["S001"], json=late))[0] == "forbidden"


REFUSALS: list[tuple[str, str, int, str, str | None]] = [
    ("GET", "/api/v1/meetings/NONE", 404, "not_found", "meeting_id"),
    ("GET", "/api/v1/meetings/NONE/participants", 404, "not_found", "meeting_id"),
    ("POST", "/api/v1/meetings/NONE/rounds", 404, "not_found", "meeting_id"),
    ("GET", "/api/v1/meetings/a%20b", 400, "bad_request", "meeting_id"),
    ("GET", "/api/v1/meetings/%24gt", 400, "bad_request", "meeting_id"),
    ("GET", f"{MEETING}/rounds/{'0' * 24}", 404, "not_found", "round_id"),
    ("GET", f"{MEETING}/rounds/latest", 400, "bad_request", "round_id"),
    ("GET", f"{MEETING}/rounds?limit=0", 400, "bad_request", "limit"),
    ("GET", f"{MEETING}/rounds?limit=1001", 400, "bad_request", "limit"),
    ("GET", f"{MEETING}/rounds?limit=many", 400, "bad_request", "limit"),
    ("GET", f"{MEETING}/rounds?limit=%D9%A3", 400, "bad_request", "limit"),
    ("GET", f"{MEETING}/rounds?after=-1", 400, "bad_request", "after"),
    ("GET", f"{MEETING}/participants?after=x", 400, "bad_request", "after"),
    ("GET", f"{MEETING}/responses?after=x", 400, "bad_request", "after"),
    ("GET", "/api/v1/questions?after=%7B%22%24gt%22:%22%22%7D", 400, "bad_request", "after"),
    ("GET", "/api/v1/meetings?after=%FF", 400, "bad_request", "after"),
    ("GET", "/api/v1/meetings?after=NONE", 404, "not_found", "meeting_id"),
    ("POST", f"{MEETING}/rounds", 409, "no_students", None),
    ("GET", "/api/v1/nothing", 404, "not_found", None),
    ("DELETE", MEETING, 405, "bad_request", None),
]


async def test_a_refusal_is_a_problem_with_a_code(api: Api, teacher: RawClient) -> None:
    for method, path, status, code, field in REFUSALS:
        assert await api.refused(method, path, status) == (code, field), path


async def test_a_method_that_is_not_served_is_told_which_ones_are(api: Api) -> None:
    async with api.session.delete(f"{api.url}/api/v1/questions") as reply:
        assert reply.status == 405
        assert set(reply.headers[hdrs.ALLOW].split(",")) == {"GET", "HEAD", "POST"}


async def test_a_body_that_is_not_right_opens_no_round(
    api: Api, server: RunningServer, join: Connect
) -> None:
    await server.import_questions(bank(1))
    await join("S001")
    for body in (
        *("{", "[]", "[" * 30_000, "\x00", '{"duration": "long"}', '{"duration": NaN}'),
        *('{"topics": ["\\ud800"]}', '{"draw_seed": ' + "9" * 400 + "}", '{"surprise": 1}'),
    ):
        code, _ = await api.refused("POST", f"{MEETING}/rounds", 400, data=body)
        assert code == "bad_request"
    assert await server.store.rounds.open_rounds() == []


async def test_a_body_that_is_not_packed_as_it_says_is_refused(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {hdrs.CONTENT_ENCODING: "gzip", hdrs.AUTHORIZATION: f"Bearer {TOKEN}"}
    url = f"{api.url}/api/v1/questions"
    async with api.session.post(url, data=b"\x1f\x8b\x08\x00junk", headers=headers) as reply:
        assert reply.status == 400
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_no_body_is_the_round_with_the_defaults(
    api: Api, server: RunningServer, join: Connect
) -> None:
    await server.import_questions(bank(1))
    await join("S001")
    sent = await api.ask("POST", f"{MEETING}/rounds", status=201)
    assert sent["duration"] == 60


async def test_a_body_that_is_too_large_is_refused(api: Api) -> None:
    body = b" " * (5 * 1024 * 1024)
    assert await api.refused("POST", "/api/v1/questions", 413, data=body) == ("bad_request", None)


async def test_a_token_that_is_no_text_is_unauthorized(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await join("S001")
    body = b'{"student_id": "S001", "question_id": "%s", "answer": 0}' % (b"0" * 24)
    for method, path in ((b"POST", f"{MEETING}/responses"), (b"GET", MEETING)):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(
            b"%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n"
            b"Authorization: Bearer \xff\xed\xa0\x80\r\n\r\n%s"
            % (method, path.encode(), len(body), body)
        )
        answer = await asyncio.wait_for(reader.read(), PATIENCE)
        writer.close()
        assert answer.startswith(b"HTTP/1.1 401 "), answer
        assert b'"unauthorized"' in answer


async def test_what_fails_inside_is_an_error_with_a_code_and_shows_nothing(
    api: Api, server: RunningServer, teacher: RawClient, connect: Connect
) -> None:
    server.service.queries._store = None  # type: ignore[assignment]  # a fault of the program
    other = await connect()
    request = {"instructor_id": "teacher", "meeting_id": "TEST", "token": TOKEN}
    error = await other.refused("join_instructor", request)
    assert (error["code"], await other.next("error")) == ("unavailable", error)
    assert "NoneType" not in str(error)
    path = "/api/v1/meetings/TEST/stats"
    problem = await api.ask("GET", path, status=500)
    assert_shape(problem, resources.PROBLEM)
    assert problem["code"] == "unavailable"
    assert "NoneType" not in str(problem)
