"""Bad input: each gets its coded error, nothing is stored, and the connection goes on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from livequiz.protocol import events
from tests.conftest import TOKEN, Connect, RunningServer
from tests.contract import shapes
from tests.contract.shapes import assert_shape
from tests.helpers import HANDLERS, Json, RawClient, bank, contents

STUDENT_EVENTS = {
    events.JOIN_STUDENT,
    events.SUBMIT_ANSWER,
    events.LEAVE,
    events.TIME_SYNC,
}
INSTRUCTOR_EVENTS = HANDLERS.keys() - STUDENT_EVENTS

LONG = "x" * 60_000  # just below the largest frame
OPERATORS: list[Any] = [{"$gt": ""}, {"$ne": None}, {"$where": "1"}, {"$regex": ".*"}]
NOT_TEXT: list[Any] = [1, 1.5, True, [], ["S001"], {}, b"S001", *OPERATORS]
NOT_WHOLE: list[Any] = ["1", 1.0, 1.5, True, [], [1], {}, b"1", float("nan"), *OPERATORS]
NOT_NUMBER: list[Any] = ["1", True, [], [1], {}, float("nan"), float("inf"), 10**400, *OPERATORS]
NOT_FLAG: list[Any] = [0, 1, "true", [], {}, *OPERATORS]
NO_ID: list[Any] = ["", " ", "a b", "S001\n", "\u00e4", "a/b", "$gt", "\x00", "\ud800", LONG]
NO_OBJECT_ID: list[Any] = ["", "0" * 23, "0" * 25, "G" * 24, "0" * 24 + "\n", LONG]

# By field; null is tried where the field is required.
WRONG: dict[str, list[Any]] = {
    "student_id": [*NOT_TEXT, *NO_ID, "a" * 65],
    "instructor_id": [*NOT_TEXT, *NO_ID, "a" * 65],
    "meeting_id": [*NOT_TEXT, *NO_ID, "a" * 33, "a.b"],
    "name": [
        *NOT_TEXT,
        *("", "   ", "\x1b[2J", "a\x00b", "\u202eevil", "a\u200bb", "\ud800", "a" * 81, LONG),
    ],
    "question_id": [*NOT_TEXT, *NO_OBJECT_ID],
    "round_id": [*NOT_TEXT, *NO_OBJECT_ID],
    "answer": [*NOT_WHOLE, -1, 64, 2**31, 2**70],
    "response_time": [*NOT_NUMBER, -0.1, 86_401],
    "resume_token": [*NOT_TEXT, "\ud800", "x" * 201, LONG],
    "token": [*NOT_TEXT, "\ud800", "x" * 201, LONG],
    "client_time": [True, [], {}, b"1", float("nan"), float("inf"), "\ud800", LONG, *OPERATORS],
    "batch": NOT_FLAG,
    "duration": [*NOT_NUMBER, -1, 0, 86_401],
    "seconds": [*NOT_NUMBER, -1, 0, 86_401],
    "topics": [
        *("maths", {}, 1, True, *OPERATORS),
        *([1], [None], [[]], [{"$gt": ""}], [""], ["\ud800"], ["x" * 81], ["x"] * 51),
    ],
    "difficulty": [*NOT_TEXT, "", "hardest", "EASY"],
    "shuffle_options": NOT_FLAG,
    "allow_repeats": NOT_FLAG,
    "draw_seed": [*NOT_WHOLE, -1, 2**53, 2**70],
    "reveal": [*NOT_TEXT, "", "never"],
    "ban": NOT_FLAG,
    "locked": NOT_FLAG,
}
# Instead of the one object that an event carries.
NOT_ONE_OBJECT: list[tuple[Any, ...]] = [
    (None,),
    (7,),
    (True,),
    (LONG,),
    ([],),
    ([{}],),
    (b"bytes",),
    ({}, {}),
    ({}, None),
    (1, 2, 3),
]


@dataclass
class Lesson:
    """An open round in the meeting TEST, with a student and an instructor who may do all."""

    server: RunningServer
    student: RawClient
    teacher: RawClient
    other: RawClient
    question: Json  # the student's own
    others_question: Json

    def valid(self, event: str) -> Json:
        """Return a request that would be met."""
        meeting = {"meeting_id": "TEST"}
        requests: dict[str, Json] = {
            events.JOIN_STUDENT: {**meeting, "student_id": "S009", "name": "New"},
            events.SUBMIT_ANSWER: {
                "student_id": "S001",
                "question_id": self.question["question_id"],
                "answer": 1,
            },
            events.LEAVE: {},
            events.TIME_SYNC: {},
            events.JOIN_INSTRUCTOR: {**meeting, "instructor_id": "teacher", "token": TOKEN},
            events.EXTEND_ROUND: {**meeting, "seconds": 30},
            events.REMOVE_STUDENT: {**meeting, "student_id": "S001"},
            events.LOCK_MEETING: {**meeting, "locked": True},
        }
        return requests.get(event, meeting)

    def who(self, event: str) -> RawClient:
        return self.student if event in STUDENT_EVENTS else self.teacher

    async def refuses(self, client: RawClient, event: str, *arguments: Any) -> Json:
        """Send what has to be refused; the error comes as the ack and as the event."""
        error = await client.refused(event, *arguments)
        assert_shape(error, shapes.ERROR)
        assert error["event"] == event
        assert await client.next("error") == error
        return error

    async def still_works(self) -> None:
        """Show that both connections are what they were."""
        snapshot = await self.teacher.ok("get_snapshot", {"meeting_id": "TEST"})
        assert snapshot["round"]["state"] == "open"
        assert (await self.student.answer("S001", self.question, 1))["correct"] is True


@pytest.fixture
async def lesson(server: RunningServer, teacher: RawClient, join: Connect) -> Lesson:
    await server.import_questions(bank(3))
    student, other = await join("S001"), await join("S002")
    await teacher.trigger(duration=60)
    questions = [await client.next("NEW_QUESTION") for client in (student, other)]
    return Lesson(server, student, teacher, other, *questions)


@pytest.fixture(autouse=True)
def _no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Bad input is nothing that a log has to tell of as an error."""
    yield
    loud = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert not loud, [record.getMessage() for record in loud]


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
    for arguments in [*NOT_ONE_OBJECT, (valid, valid), ([valid],)]:
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


async def test_an_answer_that_is_not_the_students_own_is_refused(lesson: Lesson) -> None:
    before = await contents(lesson.server.store)
    valid = lesson.valid(events.SUBMIT_ANSWER)
    for wrong, code in (
        ({"student_id": "S002"}, "forbidden"),
        ({"student_id": "s001"}, "forbidden"),
        ({"student_id": "S404"}, "forbidden"),
        ({"question_id": lesson.others_question["question_id"]}, "forbidden"),
        ({"question_id": "f" * 24}, "forbidden"),
        ({"round_id": "f" * 24}, "too_late"),
        ({"answer": 4}, "bad_request"),
        ({"answer": 63}, "bad_request"),
    ):
        error = await lesson.refuses(lesson.student, events.SUBMIT_ANSWER, {**valid, **wrong})
        assert error["code"] == code, wrong
        assert error["field"] in wrong
    assert await contents(lesson.server.store) == before
    await lesson.still_works()


async def test_events_before_joining_are_refused(lesson: Lesson, connect: Connect) -> None:
    before = await contents(lesson.server.store)
    stranger = await connect()
    for event in [events.SUBMIT_ANSWER, *INSTRUCTOR_EVENTS - {events.JOIN_INSTRUCTOR}]:
        error = await lesson.refuses(stranger, event, lesson.valid(event))
        expected = "not_joined" if event == events.SUBMIT_ANSWER else "unauthorized"
        assert error["code"] == expected, event
    assert await stranger.ok("leave", {}) == {"ok": True}
    assert await contents(lesson.server.store) == before
    await lesson.still_works()


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN + "x", TOKEN.upper(), "\u00fc"])
async def test_a_student_may_call_no_instructor_event(lesson: Lesson, token: str | None) -> None:
    before = await contents(lesson.server.store)
    for event in INSTRUCTOR_EVENTS:
        request = lesson.valid(event)
        if event == events.JOIN_INSTRUCTOR:
            request["token"] = token
        error = await lesson.refuses(lesson.student, event, request)
        assert error["code"] == "unauthorized", event
    assert await contents(lesson.server.store) == before
    await lesson.still_works()


async def test_an_instructor_of_one_meeting_has_no_say_in_another(
    lesson: Lesson, connect: Connect
) -> None:
    elsewhere = await connect()
    await elsewhere.teach(TOKEN, meeting_id="OTHER")
    before = await contents(lesson.server.store)
    for event in INSTRUCTOR_EVENTS - {events.JOIN_INSTRUCTOR}:
        error = await lesson.refuses(elsewhere, event, lesson.valid(event))
        assert (error["code"], error["field"]) == ("forbidden", "meeting_id")
    assert await contents(lesson.server.store) == before


async def test_an_instructor_can_not_take_part_as_a_student(lesson: Lesson) -> None:
    before = await contents(lesson.server.store)
    request = lesson.valid(events.JOIN_STUDENT)
    error = await lesson.refuses(lesson.teacher, events.JOIN_STUDENT, request)
    assert error["code"] == "forbidden"
    assert await contents(lesson.server.store) == before
    await lesson.still_works()


async def test_unknown_meetings_students_and_rounds_are_not_found(lesson: Lesson) -> None:
    before = await contents(lesson.server.store)
    join = {**lesson.valid(events.JOIN_STUDENT), "meeting_id": "NONE"}
    error = await lesson.refuses(lesson.student, events.JOIN_STUDENT, join)
    assert (error["code"], error["field"]) == ("not_found", "meeting_id")
    for ban in (False, True):
        remove = {"meeting_id": "TEST", "student_id": "S404", "ban": ban}
        error = await lesson.refuses(lesson.teacher, events.REMOVE_STUDENT, remove)
        assert (error["code"], error["field"]) == ("not_found", "student_id")
    assert await contents(lesson.server.store) == before
    await lesson.still_works()


async def test_a_refused_join_leaves_the_student_who_it_was(lesson: Lesson) -> None:
    before = await contents(lesson.server.store)
    for wrong in ({"student_id": "S002"}, {"meeting_id": "NONE"}, {"name": "\u200b\u200b"}):
        request = {**lesson.valid(events.JOIN_STUDENT), **wrong}
        await lesson.refuses(lesson.student, events.JOIN_STUDENT, request)
    await lesson.teacher.nothing_more("student_left")
    assert await contents(lesson.server.store) == before
    await lesson.still_works()


async def test_an_event_that_does_not_exist_is_refused(lesson: Lesson) -> None:
    before = await contents(lesson.server.store)
    for event in ("no_such_event", "JOIN_STUDENT", "message", "NEW_QUESTION", "*", "\x1b[2J"):
        error = await lesson.student.refused(event, {})
        assert error["code"] == "bad_request"
        assert error["message"].isprintable()
    assert await contents(lesson.server.store) == before
    await lesson.still_works()


@pytest.mark.parametrize("event", ["connect", "disconnect", "connect_error"])
async def test_an_event_named_like_one_of_the_library_changes_nothing(
    lesson: Lesson, event: str
) -> None:
    before = await contents(lesson.server.store)
    for arguments in ((), ({},), ({}, {"token": "x"})):
        await lesson.student.send(event, *arguments)
        await lesson.teacher.send(event, *arguments)
    await lesson.student.ok("time_sync", {})
    assert await contents(lesson.server.store) == before
    await lesson.still_works()


@pytest.mark.parametrize("auth", ["text", [{}], {"token": 1}, {"token": "x" * 201}])
async def test_a_handshake_that_is_not_right_is_refused_with_a_reason(
    server: RunningServer, auth: Any
) -> None:
    client = RawClient(server.url, auth=auth)
    assert await client.refusal() == "bad_request"
    assert server.service.connections() == 0


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_megabyte_ends_its_own_connection_at_most(
    lesson: Lesson, connect: Connect, transport: str
) -> None:
    before = await contents(lesson.server.store)
    client = await connect(transport)
    await client.send("join_student", {**lesson.valid("join_student"), "name": "x" * 1_000_000})
    if transport == "websocket":
        await client.gone.wait()
    assert await contents(lesson.server.store) == before
    await lesson.still_works()
