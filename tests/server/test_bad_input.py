"""Bad input: each gets its coded error, nothing is stored, and the connection goes on."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from livequiz.protocol import events
from livequiz.server.app import SESSIONS
from tests.conftest import RunningServer
from tests.helpers import HANDLERS, RawClient, contents
from tests.server.bad_values import LONG, NOT_ONE_OBJECT, WRONG
from tests.server.lesson import Lesson

pytestmark = pytest.mark.usefixtures("no_traceback")
MEGABYTE = "x" * 1_000_000
TOO_MUCH = "That is too much at once. Please send less than 64 KB."


def test_every_field_of_every_request_is_tried() -> None:
    fields = {
        field.name
        for handler in HANDLERS.values()
        for field in msgspec.structs.fields(handler.request)
    }
    assert fields == WRONG.keys()


@pytest.mark.parametrize("event", HANDLERS)
async def test_a_wrong_field_is_named_and_nothing_is_stored(lesson: Lesson, event: str) -> None:
    before = await contents(lesson.server.store)
    valid, client = lesson.valid(event), lesson.who(event)
    for field in msgspec.structs.fields(HANDLERS[event].request):
        for wrong in [*WRONG[field.name], *([None] if field.required else [])]:
            request = {**valid, field.name: wrong}
            error = await lesson.refuses(client, event, request)
            if event == events.PRACTICE_ANSWER and field.name == "answer" and "field" not in error:
                assert error["code"] == "forbidden"  # it could be an answer to some question
                continue
            assert error["code"] == "bad_request", request
            assert error["field"].split("[")[0] == field.name, (request, error)
        if field.required:
            lacking = {name: value for name, value in valid.items() if name != field.name}
            error = await lesson.refuses(client, event, lacking)
            assert (error["code"], error["field"]) == ("bad_request", field.name)
    assert await contents(lesson.server.store) == before
    await lesson.still_works()


@pytest.mark.parametrize("event", HANDLERS)
async def test_what_is_not_one_object_with_known_keys_is_refused(
    lesson: Lesson, event: str
) -> None:
    before = await contents(lesson.server.store)
    valid, client = lesson.valid(event), lesson.who(event)
    wrong: list[tuple[Any, ...]] = [*NOT_ONE_OBJECT, (valid, valid), ([valid],)]
    for arguments in wrong:
        error = await lesson.refuses(client, event, *arguments)
        assert error["code"] == "bad_request", arguments
    for key in ("extra", "$where", "__class__", "", "\ud800", "a\x1b[2J", LONG):
        error = await lesson.refuses(client, event, {**valid, key: 1})
        assert error["code"] == "bad_request"
        assert len(error["message"]) < 200
        assert error["message"].isprintable()
    if valid:
        assert (await lesson.refuses(client, event))["code"] == "bad_request"  # no arguments
    assert await contents(lesson.server.store) == before
    await lesson.still_works()


async def test_an_event_that_does_not_exist_is_refused(lesson: Lesson) -> None:
    before = await contents(lesson.server.store)
    payloads: list[tuple[Any, ...]] = [(), ({},), ("a", "b")]
    for event in ("no_such_event", "JOIN_STUDENT", "message", "NEW_QUESTION", "*", "\x1b[2J"):
        for arguments in payloads:
            error = await lesson.student.refused(event, *arguments)
            assert error["code"] == "bad_request"
            assert error["message"].isprintable()
    assert await contents(lesson.server.store) == before
    await lesson.still_works()


async def test_an_event_named_like_one_of_the_library_changes_nothing(lesson: Lesson) -> None:
    before = await contents(lesson.server.store)
    payloads: list[tuple[Any, ...]] = [(), ({},), ({}, {"token": "x"})]
    for event in ("connect", "disconnect", "connect_error"):
        for arguments in payloads:
            await lesson.student.send(event, *arguments)
            await lesson.teacher.send(event, *arguments)
    await lesson.student.ok("time_sync", {})
    assert await contents(lesson.server.store) == before
    await lesson.still_works()


async def test_a_handshake_that_is_not_right_is_refused_with_a_reason(
    server: RunningServer,
) -> None:
    wrong: list[Any] = ["text", [{}], {"token": 1}, {"token": "x" * 201}, {"token": "\ud800"}]
    for auth in wrong:
        assert await RawClient(server.url, auth=auth).refusal() == "bad_request", auth
    assert not server.app[SESSIONS]


async def test_a_handshake_that_is_too_large_is_refused_with_a_reason(
    server: RunningServer,
) -> None:
    assert await RawClient(server.url, auth={"token": "x" * 60_000}).refusal() == "bad_request"
    assert not server.app[SESSIONS]
