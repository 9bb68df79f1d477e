"""What `?` shows: this program's own keys, beside what is on the screen."""

from __future__ import annotations

import pytest
from textual.app import App
from textual.geometry import Region
from textual.widgets import Digits, Input

from livequiz.client.instructor import InstructorSession
from livequiz.tui.instructor.dashboard import Dashboard
from livequiz.tui.student.question import QuestionModal
from livequiz.tui.widgets.countdown import TimeBar
from livequiz.tui.widgets.footer import Footer
from livequiz.tui.widgets.keys_panel import KeysPanel
from tests.conftest import RunningServer
from tests.helpers import bank
from tests.tui.at_instructor import dashboard, send
from tests.tui.at_student import asked, seated, state_folder, student, teacher
from tests.tui.looking import until, until_shown

__all__ = ["state_folder", "teacher"]  # fixtures

SMALL = (80, 24)
SIZES = [SMALL, (160, 48)]


def listed(app: App[None]) -> list[str]:
    """Return what the panel says, line by line, without the spaces that align it."""
    lines = str(app.screen.query_one(KeysPanel).content).splitlines()
    return [" ".join(line.split()) for line in lines if line.strip()]


def region(app: App[None], kind: type[Digits | TimeBar | Footer | KeysPanel]) -> Region:
    return app.screen.query_one(kind).region


async def shown(app: App[None]) -> None:
    await until_shown(app, "Press Esc to close")


async def gone(app: App[None]) -> None:
    await until(lambda: not app.screen.query(KeysPanel), "no panel")


@pytest.mark.parametrize("size", SIZES)
async def test_the_dashboards_own_keys_are_listed_and_no_cursor_keys(
    server: RunningServer, size: tuple[int, int]
) -> None:
    """Textual's keys stood first, and took more lines than a small screen has."""
    await server.import_questions(bank(3))
    await server.instructor("TEST")
    await server.student("S001")
    async with dashboard(server, size) as (app, pilot):
        await send(app, pilot)
        await pilot.press("question_mark")
        await shown(app)
        await until_shown(app, "Open")
        assert listed(app) == [
            "Press Esc to close",
            "s Send",
            "c Close",
            "e +30 s",
            "x Remove",
            "b Bank",
            "/ Filter",
            "? Keys",
            "q Quit",
            "Tab Next list",
            "1 2 3 Lists",
            "l Lock",
            "t Extra time",
            "j Join info",
            "p Projector",
            "a Show results",
            "f Other figures",
            "u Summary",
            "o Leaderboard",
            "v Save results",
            "r Sort",
            "^p Commands",
            "↑ ↓ Choose",
            "Enter Open",
        ]
        assert len(str(app.screen.query_one(KeysPanel).content).splitlines()) <= size[1]


async def test_before_the_first_round_the_keys_say_how_to_join_as_the_tab_does(
    server: RunningServer,
) -> None:
    await server.import_questions(bank(3))
    await server.instructor("TEST")
    await server.student("S001")
    async with dashboard(server, SMALL) as (app, pilot):
        await pilot.press("2", "question_mark")
        await shown(app)
        await until(lambda: "1 How to join" in listed(app), "the tab's name")
        assert "2 Lists" in listed(app)
        await pilot.press("1")
        await until(lambda: app.screen.has_class("-view-responses"), "how to join")
        await send(app, pilot)
        await until(lambda: "1 2 3 Lists" in listed(app), "the name from the first round on")
        assert "1 How to join" not in listed(app)


async def test_escape_closes_the_keys_before_it_does_anything_else(server: RunningServer) -> None:
    await server.import_questions(bank(3))
    await server.instructor("TEST")
    await server.student("S001")
    async with dashboard(server, SMALL) as (app, pilot):
        await send(app, pilot)
        await pilot.press("slash", "S", "0", "enter")
        await until(lambda: app.screen.query_one("#filter", Input).value == "S0", "a filter")
        await pilot.press("question_mark")
        await shown(app)
        await pilot.press("escape")
        await gone(app)
        assert isinstance(app.screen, Dashboard)
        assert app.screen.query_one("#filter", Input).value == "S0"
        await pilot.press("escape")
        await until(lambda: not app.screen.query_one("#filter", Input).value, "no filter")


@pytest.mark.parametrize("size", [(60, 20), *SIZES])
async def test_the_keys_of_a_question_stand_beside_its_countdown(
    server: RunningServer, teacher: InstructorSession, size: tuple[int, int]
) -> None:
    """They covered the time that is left."""
    app = student(server)
    async with seated(app, size) as pilot:
        await teacher.trigger(duration=60)
        modal = await asked(app)
        await pilot.press("question_mark")
        await shown(app)
        await until(lambda: region(app, Digits).right <= region(app, KeysPanel).x, "the digits")
        assert region(app, TimeBar).width >= 10
        assert region(app, Digits).x >= region(app, TimeBar).right
        assert "A-C ↑↓ Choose" in listed(app)
        assert "Enter Submit" in listed(app)
        await pilot.press("b")
        await until(lambda: modal.chosen == 1, "the choice")
        await pilot.press("escape")
        await gone(app)
        assert isinstance(app.screen, QuestionModal)
        assert modal.chosen == 1
        await pilot.press("enter")
        await until_shown(app, "Incorrect")


async def test_the_keys_of_the_waiting_room_are_shown_and_put_away_by_one_key(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await pilot.press("question_mark")
        await shown(app)
        assert listed(app) == ["Press Esc to close", "? Keys", "q Quit", "^p Commands"]
        await pilot.press("question_mark")
        await gone(app)
