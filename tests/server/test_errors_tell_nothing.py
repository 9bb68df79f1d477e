"""What clients read when something breaks inside: a sentence, and nothing of the inside."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

import livequiz
from tests.conftest import TOKEN
from tests.helpers import COLLECTIONS, HANDLERS
from tests.server.lesson import Lesson

SENTENCE = "Something went wrong on the server. Please try again."
PLACE = str(Path(livequiz.__file__).parent)
INSIDE = ("Traceback", "Error", ".py", "line ", PLACE, "/tmp", "mongodb", "0x", "None", "canary")
ROUTES = [
    ("GET", "/api/v1/meetings"),
    ("GET", "/api/v1/meetings/TEST"),
    ("GET", "/api/v1/meetings/TEST/participants"),
    ("GET", "/api/v1/meetings/TEST/rounds"),
    ("POST", "/api/v1/meetings/TEST/rounds"),
    ("POST", "/api/v1/meetings/TEST/rounds/current/close"),
    ("GET", "/api/v1/meetings/TEST/rounds/{round_id}"),
    ("GET", "/api/v1/meetings/TEST/responses"),
    ("POST", "/api/v1/meetings/TEST/responses"),
    ("GET", "/api/v1/meetings/TEST/stats"),
    ("GET", "/api/v1/questions"),
    ("POST", "/api/v1/questions"),
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/api/v1/meetings/TEST/projection"),
    ("GET", "/"),
    ("GET", "/projector"),
    ("GET", "/page/{path}"),
]


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def spoil(lesson: Lesson) -> None:
    """Damage every document in the database, as a bad disk or another program would."""
    database = lesson.server.store._database
    for collection in COLLECTIONS:
        await database.command("collMod", collection, validator={}, validationLevel="off")
        for document in await database[collection].find().to_list(None):
            kept = {
                "_id",
                "meeting_id",
                "student_id",
                "number",
                "round_id",
                "state",
                "content_hash",
            }
            harm = {key: {"canary": PLACE} for key in document if key not in kept}
            await database[collection].update_one({"_id": document["_id"]}, {"$set": harm})


def assert_tells_nothing(answer: object, *secrets: str) -> None:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    for inside in (*INSIDE, TOKEN, *secrets):
        assert inside not in text, text


def logged(caplog: pytest.LogCaptureFixture) -> int:
    """Return how many tracebacks the log holds; they belong there, and nowhere else."""
    return sum(1 for record in caplog.records if record.exc_info)


async def test_no_event_tells_of_the_inside(
    lesson: Lesson, caplog: pytest.LogCaptureFixture
) -> None:
    resume_token = (await lesson.student.next("joined"))["resume_token"]
    await spoil(lesson)
    broken = set()
    for event in HANDLERS:
        client = lesson.who(event)
        answer = await client.call(event, lesson.valid(event))
        if answer["ok"] is False:
            assert_tells_nothing(answer, resume_token)
            assert_tells_nothing(await client.next("error"), resume_token)
        if answer.get("error", {}).get("message") == SENTENCE:
            broken.add(event)
    assert broken == set()  # what can't be read is refused, or left out
    assert logged(caplog) == 0
    assert TOKEN not in caplog.text
    assert resume_token not in caplog.text


async def test_no_route_tells_of_the_inside(
    lesson: Lesson, http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    resume_token = (await lesson.student.next("joined"))["resume_token"]
    (round_id,) = {lesson.question["round_id"], lesson.others_question["round_id"]}
    await spoil(lesson)
    broken = set()
    for method, route in ROUTES:
        own = route.endswith("responses") and method == "POST"
        headers = {"Authorization": f"Bearer {resume_token if own else TOKEN}"}
        url = lesson.server.url + route.format(round_id=round_id, path="there/is/none.js")
        body = _body(lesson, route) if method == "POST" else None
        async with http.request(method, url, headers=headers, json=body) as reply:
            text = await reply.text()
        if reply.status >= 400:
            a_file = route.startswith("/page/")
            assert a_file or reply.content_type == "application/problem+json", text
            assert_tells_nothing(text, resume_token)
        if reply.status == 500:
            assert json.loads(text)["detail"] == SENTENCE
            broken.add(route)
    assert broken == set()
    assert logged(caplog) == 0
    assert TOKEN not in caplog.text
    assert resume_token not in caplog.text


def _body(lesson: Lesson, route: str) -> dict[str, Any]:
    if route.endswith("responses"):
        question_id = lesson.question["question_id"]
        return {"student_id": "S001", "question_id": question_id, "answer": 1}
    return {"questions": []} if route.endswith("questions") else {}


async def test_every_route_is_tried(lesson: Lesson) -> None:
    app = lesson.server._runner
    assert app is not None
    served = {
        (route.method, route.resource.canonical.replace("{meeting_id}", "TEST"))
        for route in app.app.router.routes()
        if route.resource is not None and not route.resource.canonical.startswith("/socket.io")
    }
    assert {(method, path) for method, path in served if method != "HEAD"} == set(ROUTES)
