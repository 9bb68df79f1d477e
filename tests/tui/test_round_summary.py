"""What the dashboard says when a round has ended, on a small screen."""

from __future__ import annotations

import pytest

from tests.conftest import RunningServer
from tests.tui.at_instructor import _meeting, answer, dashboard, state_folder
from tests.tui.looking import text_of, until, until_shown

__all__ = ["_meeting", "state_folder"]  # fixtures

LONG_QUESTION = "Which of these rivers passes through the largest number of capitals of Europe?"
LONG_NAME = "Maximiliana Alexandrina von Hohenzollern-Sigmaringen"


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_the_summary_of_a_round_is_whole_on_a_small_screen(
    server: RunningServer, size: tuple[int, int]
) -> None:
    """It was cut after "(5/11)", which nobody understood."""
    await server.import_questions(
        [{"question": LONG_QUESTION, "options": ["a", "b", "c"], "correct": 0}]
    )
    students = [await server.student(f"S00{number}", LONG_NAME) for number in range(4)]
    async with dashboard(server, size) as (app, pilot):
        await until_shown(app, "4 students are here")
        await pilot.press("s")
        await until_shown(app, "3 will share a question")
        await pilot.press("enter")
        for number, student in enumerate(students[:3]):
            await answer(student, number)
        await until(lambda: app.board.round_stats.answered == 3, "three answers")
        await pilot.press("c", "c")
        await until_shown(app, "closed by you")
        said = " ".join(text_of(app).split())
        assert "Round 1: closed by you. 1 did not answer. Hardest: Which" in said
        assert "(1 of 3 right)." in said
        assert "Slowest: Maximiliana A…," in said
        assert "s. Press u for more, s for the next round." in said
