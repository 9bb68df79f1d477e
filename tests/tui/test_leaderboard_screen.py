"""The teacher's leaderboard: for them alone, until they show it."""

from __future__ import annotations

import pytest
from textual.widgets import Static

from livequiz.domain.model import NamesAs
from livequiz.protocol.leaderboard import Leaderboard
from livequiz.protocol.messages import NewQuestion
from livequiz.tui.instructor.app import InstructorApp
from livequiz.tui.instructor.leaderboard import LeaderboardScreen
from livequiz.tui.widgets.choice import Choice
from tests.conftest import RunningServer
from tests.helpers import bank, next_of
from tests.tui.at_instructor import _meeting, dashboard, state_folder
from tests.tui.looking import text_of, until, until_shown
from tests.tui.test_figures import SIZES, play, six

__all__ = ["_meeting", "state_folder"]  # fixtures


def places(text: str) -> list[str]:
    """Return the lines with places, without the frame."""
    framed = [line.split("│") for line in text.splitlines() if line.count("│") == 2]
    return [" ".join(line.split()) for _, line, _ in framed if "(S00" in line]


@pytest.mark.parametrize("size", SIZES)
async def test_it_ranks_by_points_with_ties_and_moves(
    server: RunningServer, size: tuple[int, int]
) -> None:
    students = await six(server, bank(40))
    async with dashboard(server, size) as (app, pilot):
        await until_shown(app, "6 students are here")
        await pilot.press("o")
        await until_shown(app, "Nobody has had a question yet.")
        await pilot.press("escape")
        await play(app, pilot, students, "-+++--")
        await play(app, pilot, students, "+++---")
        await pilot.press("o")
        await until_shown(app, "Only you see this.")
        assert places(text_of(app))[:4] == [
            "1 = Bob (S001) 2",
            "1 = Carla (S002) 2",
            "3 ▲ 1 Alice (S000) 1",
            "3 ▼ 2 Dan (S003) 1",
        ]


async def test_the_class_sees_it_as_chosen_until_it_is_hidden(server: RunningServer) -> None:
    students = await six(server, bank(40))
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "6 students are here")
        await play(app, pilot, students, "++++--")
        await pilot.press("o")
        await until(lambda: isinstance(app.screen, LeaderboardScreen), "the leaderboard")
        app.screen.query_one("#top", Choice).value = 3
        app.screen.query_one("#names", Choice).value = NamesAs.INITIALS
        await pilot.press("enter")
        await until_shown(app, "The class sees the first 3 places, with initials.")
        seen = await next_of(students[5], Leaderboard)
        assert [place.name for place in seen.places] == ["A.", "B.", "C.", "D.", "F."]
        await pilot.press("h")
        await until_shown(app, "Only you see this.")
        assert (await next_of(students[5], Leaderboard)).of == 0
        await pilot.press("escape")
        await until_shown(app, "The class no longer sees the leaderboard.")


async def test_any_number_of_places_that_another_program_chose_is_offered(
    server: RunningServer,
) -> None:
    students = await six(server, bank(40))
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "6 students are here")
        await play(app, pilot, students, "++++--")
        teacher = await server.instructor("TEST")
        await teacher.show_leaderboard(top=7)
        await until_shown(app, "Press o, then h, to hide it.")
        await pilot.press("o")
        await until_shown(app, "The class sees the first 7 places, with names.")
        assert app.screen.query_one("#top", Choice).selection == 7
        await teacher.show_leaderboard(top=0)
        await until_shown(app, "Each student sees their own place and the two beside it")


async def test_the_open_dialog_keeps_up_with_the_round(server: RunningServer) -> None:
    students = await six(server, bank(40))
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "6 students are here")
        await pilot.press("o")
        await until_shown(app, "Nobody has had a question yet.")
        teacher = await server.instructor("TEST")
        await teacher.trigger(duration=600)
        await until_shown(app, "A round is open.")
        question = await next_of(students[1], NewQuestion)
        await students[1].answer(question.question_id, question.round_id, 1, spent=1)
        await until(
            lambda: any("Bob" in line and line.endswith(" 1") for line in places(text_of(app)))
        )
        await teacher.close_round()
        await until_shown(app, "Only you see this.")
        await until_shown(app, "Show the class")


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_a_refusal_is_said_in_the_dialog(
    server: RunningServer, size: tuple[int, int]
) -> None:
    students = await six(server, bank(40))
    async with dashboard(server, size) as (app, pilot):
        await until_shown(app, "6 students are here")
        await play(app, pilot, students, "------")
        await pilot.press("o")
        await until_shown(app, "Only you see this.")
        await pilot.press("enter")
        await until(lambda: "Nobody has any points yet." in said(app), "the refusal")
        await pilot.press("h", "escape")


def said(app: InstructorApp) -> str:
    return str(app.screen.query_one("#state", Static).render())


async def test_it_cannot_be_shown_in_an_open_round(server: RunningServer) -> None:
    students = await six(server, bank(40))
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "6 students are here")
        await play(app, pilot, students, "++++--")
        await pilot.press("s", "enter")
        await until(lambda: app.board.open, "an open round")
        await pilot.press("o")
        await until_shown(app, "A round is open.")
        assert "Show the class" not in text_of(app)
        assert len(places(text_of(app))) == 6
