"""What a client may not do: each gets its coded error, nothing is stored, and it goes on."""

from __future__ import annotations

import pytest

from livequiz.protocol import events
from tests.conftest import TOKEN, Connect
from tests.helpers import Json, RawClient, contents
from tests.server.lesson import INSTRUCTOR_EVENTS, Lesson

TEST: Json = {"meeting_id": "TEST"}
pytestmark = pytest.mark.usefixtures("no_traceback")


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
    own = {events.SUBMIT_ANSWER, events.GET_HISTORY, events.GET_PRACTICE, events.PRACTICE_ANSWER}
    for event in own | INSTRUCTOR_EVENTS - {events.JOIN_INSTRUCTOR}:
        error = await lesson.refuses(stranger, event, lesson.valid(event))
        expected = "not_joined" if event in own else "unauthorized"
        assert error["code"] == expected, event
    assert await stranger.ok("leave", {}) == {"ok": True}
    assert await contents(lesson.server.store) == before
    await lesson.still_works()


async def test_a_student_may_call_no_instructor_event(lesson: Lesson) -> None:
    before = await contents(lesson.server.store)
    for event in INSTRUCTOR_EVENTS - {events.JOIN_INSTRUCTOR}:
        error = await lesson.refuses(lesson.student, event, lesson.valid(event))
        assert error["code"] == "unauthorized", event
    for token in (None, "", "wrong", TOKEN + "x", TOKEN.upper(), "\u00fc"):
        request = {**lesson.valid(events.JOIN_INSTRUCTOR), "token": token}
        error = await lesson.refuses(lesson.student, events.JOIN_INSTRUCTOR, request)
        assert (error["code"], error["field"]) == ("unauthorized", "token")
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


async def test_a_locked_meeting_gives_the_id_of_who_was_removed_to_nobody(
    teacher: RawClient, connect: Connect
) -> None:
    await (await connect()).join("S001", "Eve")
    await teacher.ok("lock_meeting", {**TEST, "locked": True})
    await teacher.ok("remove_student", {**TEST, "student_id": "S001"})
    stranger = await connect()
    asked = {**TEST, "student_id": "S001", "name": "Mallory"}
    assert (await stranger.refused("join_student", asked))["code"] == "locked"
    await teacher.ok("lock_meeting", {**TEST, "locked": False})
    await stranger.ok("join_student", asked)
