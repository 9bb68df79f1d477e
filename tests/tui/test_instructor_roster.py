"""The Here list against a real server: what a line keeps, and how the list is gone through."""

from __future__ import annotations

import re

import pytest
from textual.widgets import Input

from livequiz.tui.instructor.app import InstructorApp
from livequiz.tui.instructor.dashboard import Dashboard
from livequiz.tui.instructor.remove import RemoveDialog
from livequiz.tui.widgets.roster import Roster
from tests.conftest import RunningServer
from tests.helpers import bank
from tests.tui.at_instructor import (
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

SMALL, LARGE = (80, 24), (160, 48)
LONG_NAME = "Maximiliana Alexandrina von Hohenzollern-Sigmaringen zu Schleswig-Holstein"
LONG_ID = f"{'very.' * 12}long"  # of 64 characters, the most that there may be


def roster(app: InstructorApp) -> Roster:
    return app.screen.query_one(Roster)


def line_of(app: InstructorApp, words: str) -> str:
    """Return the line of the list that has some words, without the columns beside it."""
    lines = [line[roster(app).region.x :] for line in text_of(app).splitlines()]
    return next((line for line in lines if words in line), "")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_long_name_leaves_room_for_the_id_and_the_extra_time(
    server: RunningServer, size: tuple[int, int]
) -> None:
    """The end of the line was cut, and with it what tells two students apart."""
    await server.student("S001", LONG_NAME)
    await server.student(LONG_ID, LONG_NAME)
    await server.student("S003", "Bob")
    async with dashboard(server, size) as (app, pilot):
        await until_shown(app, "3 students are here")
        await pilot.press("2")
        await until(lambda: roster(app).names.has_focus, "the focus on the list")
        await until(lambda: line_of(app, "…  S001"), "a shortened name")
        assert "Maximiliana" in line_of(app, "S001")
        assert line_of(app, "Bob").split() == ["●", "Bob", "S003", "terminal"]
        assert re.search(r"Maximil\w*…  very\.", text_of(app))
        teacher = await server.instructor()
        await teacher.set_time_factor("S001", 1.5)
        await until(lambda: line_of(app, "… ×1.5  S001"), "the extra time")


async def test_the_letters_of_commands_can_be_typed_into_the_filter(server: RunningServer) -> None:
    """`s` acts before other keys; in a field it is a letter."""
    await server.import_questions(bank(3))
    await server.student("S001", "Sasa")
    await server.student("S002", "Bob")
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "2 students are here")
        await pilot.press("slash", *"sas")
        await until_listed(app, "S001")
        assert app.screen.query_one("#filter", Input).value == "sas"


async def until_listed(app: InstructorApp, *student_ids: str) -> None:
    await until(lambda: list(roster(app).names.keys) == [*student_ids], f"only {student_ids}")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_here_is_filtered_before_the_first_round(
    server: RunningServer, size: tuple[int, int]
) -> None:
    """The key was dim, and in a round it went to the table."""
    await server.student("S001", "Alice")
    await server.student("S002", "Bob Smith")
    async with dashboard(server, size) as (app, pilot):
        await until_shown(app, "2 students are here")
        await pilot.press("slash", *"BOB")
        await until_listed(app, "S002")
        await until_shown(app, "Bob Smith")
        await server.student("S003", "Carol")
        await server.student("S004", "Bobby")
        await until_listed(app, "S002", "S004")
        await pilot.press("enter")
        await until(lambda: roster(app).names.has_focus, "the focus on the list")
        await pilot.press("x")
        await until(lambda: isinstance(app.screen, RemoveDialog), "the dialog")
        await until_shown(app, "Remove Bob Smith (S002)")
        await pilot.press("escape")
        await until(lambda: isinstance(app.screen, Dashboard), "the dashboard")
        await pilot.press("escape")
        await until_listed(app, "S001", "S002", "S003", "S004")
        assert not app.screen.query_one("#filter").display


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_here_is_filtered_in_a_round_and_keeps_its_place(
    server: RunningServer, size: tuple[int, int]
) -> None:
    await server.import_questions(bank(5))
    alice = await server.student("S001", "Alice")
    await server.student("S002", "Bob")
    async with dashboard(server, size) as (app, pilot):
        await until_shown(app, "2 students are here")
        await send(app, pilot)
        await answer(alice, 1)
        await until(lambda: cells(app, "S001")[0] == "✓ right", "Alice's verdict")
        await pilot.press("2")
        await until(lambda: roster(app).names.has_focus, "the focus on the list")
        await pilot.press("slash", *"right", "enter")
        await until_listed(app, "S001")
        assert list(table(app).rows.keys) == ["S001"]
        await until(lambda: roster(app).names.has_focus, "the focus on the list again")
        await until_shown(app, "● Alice")
        await pilot.press("escape")
        await until_listed(app, "S001", "S002")


async def test_a_filter_that_nobody_fits_says_so_in_each_list(server: RunningServer) -> None:
    await server.import_questions(bank(5))
    await server.student("S001", "Chloé")
    async with dashboard(server, LARGE) as (app, pilot):
        await until_shown(app, "1 student is here")
        await pilot.press("slash", *"chloe")
        await until_listed(app, "S001")
        await pilot.press("x")
        await until_shown(app, "Nobody matches “chloex”. Press Esc")
        await pilot.press("escape")
        await until_listed(app, "S001")
        assert "Nobody matches" not in text_of(app)
        await send(app, pilot)
        await pilot.press("slash", "x", "y")
        await until(lambda: text_of(app).count("Nobody matches “xy”") == 2, "both lists say it")


async def test_words_being_typed_stay_words_when_somebody_else_sends_a_round(
    server: RunningServer,
) -> None:
    await server.import_questions(bank(5))
    await server.student("S001", "Susan")
    async with dashboard(server, SMALL) as (app, pilot):
        await until_shown(app, "1 student is here")
        await pilot.press("slash", "s")
        await until_listed(app, "S001")
        await (await server.instructor()).trigger(duration=60)
        await until(lambda: app.board.open, "an open round")
        await until(lambda: app.screen.has_class("-view-responses"), "the table")
        await pilot.press("u")
        assert app.screen.query_one("#filter", Input).value == "su"
        assert list(table(app).rows.keys) == ["S001"]
