"""The Here list against a real server: what a line keeps, and how the list is gone through."""

from __future__ import annotations

import pytest

from livequiz.tui.instructor.app import InstructorApp
from livequiz.tui.widgets.roster import Roster
from tests.conftest import RunningServer
from tests.tui.looking import text_of, until, until_shown
from tests.tui.test_instructor_app import _meeting, dashboard, state_folder

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
        assert line_of(app, "Bob").split() == ["●", "Bob", "S003"]
        assert "Maximil…  very." in text_of(app)
        teacher = await server.instructor()
        await teacher.set_time_factor("S001", 1.5)
        await until(lambda: line_of(app, "… ×1.5  S001"), "the extra time")
