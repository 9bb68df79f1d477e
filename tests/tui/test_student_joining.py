"""A student joins: the form by keyboard alone, on the real server."""

from __future__ import annotations

from functools import partial

import pytest
from textual import events
from textual.widgets import Input

from livequiz.client.instructor import InstructorSession
from livequiz.domain.errors import Code, QuizError
from livequiz.tui.student.app import StudentApp
from livequiz.tui.student.join import JoinScreen
from tests.conftest import RunningServer
from tests.tui.at_student import (
    seated,
    state_folder,
    student,
    teacher,
)
from tests.tui.looking import text_of, until, until_shown

__all__ = ["state_folder", "teacher"]  # fixtures


async def test_a_student_types_the_form_and_is_in(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = StudentApp()
    async with app.run_test() as pilot:
        await until_shown(app, "Join your class")
        for typed in (server.url, "test", "S001", "Alice Johnson"):
            await pilot.press(*typed, "enter")
        await until_shown(app, "You are in, Alice Johnson.")
        assert "TEST" in text_of(app)
        assert "● connected" in text_of(app)
    snapshot = await teacher.snapshot()
    assert [row.name for row in snapshot.students] == ["Alice Johnson"]


async def test_keys_that_are_typed_ahead_reach_the_field_they_were_meant_for() -> None:
    app = StudentApp("http://host:5000")
    async with app.run_test():
        await until(lambda: app.focused is not None and app.focused.id == "meeting_id")
        for character in "TEST\rS001\rAl":  # all at once, as a terminal delivers them after a stall
            app.post_message(events.Key("enter" if character == "\r" else character, character))
        await until(lambda: app.screen.query_one("#name", Input).value == "Al", text_of(app))
        assert app.screen.query_one("#meeting_id", Input).value == "TEST"
        assert app.screen.query_one("#student_id", Input).value == "S001"


async def test_a_correction_in_a_burst_of_keys_corrects_what_stands_before_it() -> None:
    app = StudentApp("http://host:5000")
    async with app.run_test():
        await until(lambda: app.focused is not None and app.focused.id == "meeting_id")
        for key in ("T", "O", "backspace", "E", "S", "left", "S", "delete", "T"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        field = app.screen.query_one("#meeting_id", Input)
        await until(lambda: field.value.endswith("T"), text_of(app))
        assert field.value == "TEST"


@pytest.mark.parametrize("move", ["down", "tab"])
async def test_keys_after_a_move_in_one_burst_go_to_the_next_field(move: str) -> None:
    app = StudentApp("http://host:5000", "TEST")
    async with app.run_test():
        await until(lambda: app.focused is not None and app.focused.id == "student_id")
        for key in (*"S1", move, *"Al"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(lambda: app.screen.query_one("#name", Input).value == "Al", text_of(app))
        assert app.screen.query_one("#student_id", Input).value == "S1"


@pytest.mark.parametrize(
    ("values", "field", "why"),
    [
        (("", "TEST", "S1", "Al"), "url", "Type the address"),
        (("http://", "TEST", "S1", "Al"), "url", "'http://' is not an address"),
        (("a b", "TEST", "S1", "Al"), "url", "'a b' is not an address"),
        (("host", "", "S1", "Al"), "meeting_id", "Type the code"),
        (("host", "a/b", "S1", "Al"), "meeting_id", "Only letters, digits"),
        (("host", "TEST", "S 1", "Al"), "student_id", "Only letters, digits"),
        (("host", "TEST", "[/]", "Al"), "student_id", "Only letters, digits"),
        (("host", "TEST", "S1", "\u200b"), "name", "Type your name"),
        (("host", "TEST", "S1", "x" * 81), "name", "A name can have at most 80 characters"),
    ],
)
async def test_a_wrong_field_says_why_beside_itself_and_gets_the_focus(
    values: tuple[str, str, str, str], field: str, why: str
) -> None:
    app = StudentApp()
    async with app.run_test() as pilot:
        for name, value in zip(("url", "meeting_id", "student_id", "name"), values, strict=True):
            app.screen.query_one(f"#{name}", Input).value = value
        app.screen.query_one("#join").focus()
        await pilot.press("enter")
        await until_shown(app, f"! {why}")
        assert app.focused is not None
        assert app.focused.id == field


async def test_the_form_begins_at_the_first_field_that_is_missing() -> None:
    app = StudentApp("http://host:5000", None, "S001")
    async with app.run_test() as pilot:
        await until(lambda: app.focused is not None and app.focused.id == "meeting_id")
        assert "http://host:5000" in text_of(app)
        await pilot.press(*"TEST", "enter")
        assert app.focused is not None
        assert app.focused.id == "name", "a field that is filled in was not skipped"


async def test_arrows_move_between_the_fields() -> None:
    app = StudentApp("http://host:5000")
    async with app.run_test() as pilot:
        await until(lambda: app.focused is not None and app.focused.id == "meeting_id")
        await pilot.press("down")
        assert app.focused is not None
        assert app.focused.id == "student_id"
        await pilot.press("up", "up")
        assert app.focused.id == "url"


async def test_no_server_is_said_beside_the_address_and_tried_again(server: RunningServer) -> None:
    url = server.url
    await server.stop()
    app = StudentApp(url, "TEST", "S001", "Alice")
    async with app.run_test():
        await until_shown(app, "! There is no LiveQuiz server")
        await server.start()
        await server.instructor()
        await until_shown(app, "You are in, Alice.")


async def test_a_meeting_that_is_not_open_yet_is_waited_for(server: RunningServer) -> None:
    app = student(server)
    async with app.run_test():
        await until_shown(app, "There is no meeting TEST yet.")
        await server.instructor()
        await until_shown(app, "You are in, Alice.")


async def test_waiting_ends_though_a_refusal_comes_between_a_key_and_its_change(
    server: RunningServer,
) -> None:
    app = student(server)
    async with app.run_test() as pilot:
        await until_shown(app, "There is no meeting")
        form = app.screen
        assert isinstance(form, JoinScreen)
        refuse = partial(form.refuse, QuizError(Code.NOT_FOUND, "There is no such meeting."))
        form.query_one("#meeting_id", Input).value = "OTHER"
        app.call_next(refuse)
        await pilot.pause()
        await until(lambda: not [worker for worker in app.workers if worker.is_running])


async def test_waiting_ends_when_the_student_changes_the_form(server: RunningServer) -> None:
    app = student(server)
    async with app.run_test() as pilot:
        await until_shown(app, "There is no meeting")
        app.screen.query_one("#meeting_id", Input).focus()
        await pilot.press("X")
        await until(lambda: "waiting" not in text_of(app))
        await until(lambda: not [worker for worker in app.workers if worker.is_running])
        assert isinstance(app.screen, JoinScreen)


async def test_waiting_ends_with_escape(server: RunningServer) -> None:
    app = student(server)
    async with app.run_test() as pilot:
        await until_shown(app, "There is no meeting")
        await pilot.press("escape")
        await until_shown(app, "Press Join to try again.")
        await server.instructor()
        app.screen.query_one("#join").focus()
        await pilot.press("enter")
        await until_shown(app, "You are in, Alice.")


async def test_an_id_that_is_in_use_is_said_beside_it(
    server: RunningServer, teacher: InstructorSession
) -> None:
    await server.student("S001")
    app = student(server)
    async with app.run_test():
        await until(lambda: "! " in text_of(app))
        assert app.focused is not None
        assert app.focused.id == "student_id"


async def test_a_locked_meeting_says_what_to_do(
    server: RunningServer, teacher: InstructorSession
) -> None:
    await teacher.lock(True)
    app = student(server)
    async with app.run_test():
        await until_shown(app, "This meeting is locked. Ask your teacher to unlock it.")


@pytest.mark.parametrize("given", [(), ("address", "code")])
async def test_what_is_only_remembered_fills_the_form_but_joins_nobody(
    server: RunningServer, teacher: InstructorSession, given: tuple[str, ...]
) -> None:
    async with seated(student(server)) as pilot:
        await pilot.press("q")
    app = StudentApp(server.url, "TEST") if given else StudentApp()
    async with app.run_test() as pilot:
        await until(lambda: app.focused is not None and app.focused.id == "join")
        assert "Alice" in text_of(app)
        await pilot.press("enter")
        await until_shown(app, "You are in, Alice.")
    assert len((await teacher.snapshot()).students) == 1, "the same seat was not taken"
