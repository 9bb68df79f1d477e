"""The instructor's say over who is in the meeting, by keyboard alone, on the real server."""

from __future__ import annotations

import pytest

from livequiz.protocol.messages import Removed
from livequiz.tui.instructor.dashboard import Dashboard
from livequiz.tui.instructor.detail_screen import DetailScreen
from livequiz.tui.instructor.remove import RemoveDialog
from livequiz.tui.widgets.response_table import ResponseTable
from livequiz.tui.widgets.roster import Roster
from tests.conftest import RunningServer
from tests.helpers import bank, next_of
from tests.tui.at_instructor import (
    NAMES,
    WIDE,
    _meeting,
    answer,
    cells,
    dashboard,
    send,
    state_folder,
    table,
)
from tests.tui.looking import text_of, until, until_shown

__all__ = ["_meeting", "state_folder"]  # fixtures


async def test_a_class_that_changed_between_two_rounds_is_shown(server: RunningServer) -> None:
    await server.import_questions(bank(9))
    ann, bob = await server.student("S001", "Ann"), await server.student("S002", "Bob")
    async with dashboard(server) as (app, pilot):
        await send(app, pilot)
        for student in (ann, bob):
            await answer(student, 1)
        await until_shown(app, "everyone has answered")
        await bob.leave()
        # A longer name makes its column wider while the rows of the last round are drawn still.
        await server.student("S003", "Maximiliane von Hohenberg")
        await until_shown(app, "2 here")
        await send(app, pilot)
        await until(lambda: list(app.screen.query_one(ResponseTable).rows.keys) == ["S001", "S003"])
        await until(lambda: cells(app, "S003")[1].startswith("Maximiliane"))


async def test_who_left_without_an_answer_is_not_counted_as_having_answered(
    server: RunningServer,
) -> None:
    await server.import_questions(bank(3))
    ann, bob = await server.student("S001", "Ann"), await server.student("S002", "Bob")
    async with dashboard(server) as (app, pilot):
        await send(app, pilot)
        await answer(ann, 1)
        await bob.leave()
        await until_shown(app, "Round 1: everyone still here has answered. 1 did not answer.")


async def test_a_student_is_removed_after_a_question(server: RunningServer) -> None:
    await server.import_questions(bank(3))
    alice = await server.student("S001", "Alice Johnson")
    async with dashboard(server) as (app, pilot):
        await send(app, pilot)
        await pilot.press("x")
        await until(lambda: isinstance(app.screen, RemoveDialog), "the question")
        await pilot.press("escape")
        assert app.board.people["S001"].here
        await pilot.press("x", "r")
        removed = await next_of(alice, Removed)
        assert removed.reason == "removed"
        await until(lambda: not app.board.people["S001"].here, "Alice to be gone")


async def test_a_student_is_banned_and_let_in_again(server: RunningServer) -> None:
    await server.import_questions(bank(3))
    alice = await server.student("S001", "Alice Johnson")
    async with dashboard(server) as (app, pilot):
        await send(app, pilot)
        await pilot.press("x")
        await until(lambda: isinstance(app.screen, RemoveDialog), "the question")
        await pilot.press("b")
        removed = await next_of(alice, Removed)
        assert removed.reason == "banned"
        await until_shown(app, "⊘ Alice Johnson banned")
        await pilot.press("c", "2")
        await pilot.press("x")
        await until_shown(app, "Let Alice Johnson (S001) join again?")
        await pilot.press("y")
        await until_shown(app, "○ Alice Johnson away")
        await server.student("S001", "Alice Johnson")
        await until(lambda: app.board.people["S001"].here, "Alice to be back")


async def test_who_was_banned_before_the_dashboard_can_be_let_in(server: RunningServer) -> None:
    await server.student("S001", "Alice Johnson")
    teacher = await server.instructor()
    await teacher.remove_student("S001", ban=True)
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "banned")
        await pilot.press("x", "y")
        await until_shown(app, "○ Alice Johnson away")
        assert (await teacher.snapshot()).banned == []


@pytest.mark.parametrize("size", [(80, 24), WIDE])
async def test_a_student_is_removed_and_another_given_time_before_the_first_round(
    server: RunningServer, size: tuple[int, int]
) -> None:
    await server.student("S001", "Alice Johnson")
    bob = await server.student("S002", "[/] Bob")
    async with dashboard(server, size) as (app, pilot):
        roster = app.screen.query_one(Roster)
        await until_shown(app, "2 students are here")
        await pilot.press("tab")
        await until(lambda: roster.names.has_focus, "the focus on the list")
        await pilot.press("t")
        await until_shown(app, "How much time should Alice Johnson (S001) get?")
        await pilot.press("right", "enter")
        await until(lambda: app.board.people["S001"].time_factor == 1.25, "extra time")
        await until_shown(app, "×1.25")
        await pilot.press("down", "x")
        await until_shown(app, "Remove [/] Bob (S002)")
        await pilot.press("r")
        assert (await next_of(bob, Removed)).reason == "removed"
        await until_shown(app, "Here 1, away 1")


async def test_in_a_round_x_means_the_list_that_has_the_focus(server: RunningServer) -> None:
    await server.import_questions(bank(3))
    await server.student("S001", "Alice Johnson")
    bob = await server.student("S002", "Bob Smith")
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "2 students are here")
        await send(app, pilot)
        await until(lambda: app.focused is table(app).rows, "the focus on the table")
        await bob.close()
        await until_shown(app, "Here 1, away 1")
        await pilot.press("2", "end", "x")
        await until_shown(app, "Remove Bob Smith")
        await pilot.press("escape", "1", "x")
        await until_shown(app, "Remove Alice Johnson")


async def test_no_key_acts_on_a_student_that_is_not_shown(server: RunningServer) -> None:
    """On the Here tab, x once acted on a hidden row of the table."""
    await server.import_questions(bank(3))
    await server.student("S001", "Alice Johnson")
    async with dashboard(server, (80, 24)) as (app, pilot):
        await until_shown(app, "1 student is here")
        await pilot.press("x")
        await until_shown(app, "Choose a student first")
        await send(app, pilot)
        await server.student("S002", "Bob Smith")
        await pilot.press("3", "x", "enter")
        assert isinstance(app.screen, Dashboard)
        await pilot.press("2")
        await until_shown(app, "Bob Smith")
        await pilot.press("down", "x")
        await until_shown(app, "Remove Bob Smith")
        await pilot.press("escape", "enter")
        await until(lambda: isinstance(app.screen, DetailScreen), "the detail")
        await pilot.press("escape")
        await pilot.resize_terminal(*WIDE)
        await pilot.press("1")
        await until(lambda: app.focused is table(app).rows, "the focus on the table")


async def test_the_chosen_student_stays_chosen_while_others_come_and_go(
    server: RunningServer,
) -> None:
    first = await server.student("S001", "Alice Johnson")
    await server.student("S002", "Bob Smith")
    async with dashboard(server) as (app, pilot):
        roster = app.screen.query_one(Roster)
        await until_shown(app, "2 students are here")
        await until(lambda: roster.names.has_focus, "the focus on the list")
        await pilot.press("down")
        assert roster.selected == "S002"
        await server.student("S003", "Carol")
        await first.close()
        await until_shown(app, "Here 2, away 1")
        assert roster.selected == "S002"
        order = [name for line in text_of(app).splitlines() for name in NAMES if name in line]
        assert order == ["Bob", "Carol", "Alice"]
        assert "○ Alice Johnson away" in text_of(app)


async def test_the_meeting_is_locked_and_unlocked(server: RunningServer) -> None:
    async with dashboard(server) as (app, pilot):
        await pilot.press("l")
        await until_shown(app, "locked")
        await pilot.press("l")
        await until(lambda: not app.board.locked, "an unlocked meeting")


async def test_who_left_is_folded_into_one_line_that_opens(server: RunningServer) -> None:
    """They stood there as away for ever."""
    await server.import_questions(bank(3))
    bob = await server.student("S002", "Bob")
    await server.student("S001", "Alice")
    async with dashboard(server) as (app, pilot):
        await bob.leave()
        await until_shown(app, "○ Bob away")
        await send(app, pilot)
        await until_shown(app, "1 who left")
        assert "Bob" not in text_of(app)
        await pilot.press("2", "end", "x")
        assert not isinstance(app.screen, RemoveDialog), "nobody is chosen"
        await pilot.press("enter")
        await until_shown(app, "○ Bob away")
        await pilot.press("enter")
        await until(lambda: "Bob" not in text_of(app))
