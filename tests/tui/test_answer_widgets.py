"""Each type of question, answered by keyboard in a student's terminal, on the real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot

from livequiz.client.instructor import InstructorSession
from livequiz.domain.typed_answers import could_be_thousands
from livequiz.tui.student.app import StudentApp
from livequiz.tui.student.question import QuestionModal
from tests.conftest import RunningServer
from tests.tui.at_instructor import _meeting, cells, dashboard, state_folder
from tests.tui.looking import text_of, until, until_shown

__all__ = ["_meeting", "state_folder"]  # fixtures

SEVERAL = {
    "question": "Which are prime?",
    "type": "multiple",
    "options": ["2", "9", "11", "15"],
    "correct": [0, 2],
    "scoring": "partial",
    "points": 2,
}
TRUE_FALSE = {"question": "Water is wet.", "type": "true_false", "correct": True}
NUMBER = {
    "question": "What is g?",
    "type": "numeric",
    "correct": {"value": 9.81, "tolerance": 0.05},
}
THOUSAND = {"question": "Metres in a kilometre?", "type": "numeric", "correct": 1000}
WORDS = {
    "question": "Who wrote Hamlet?",
    "type": "short_text",
    "correct": ["*Shakespeare", r"the \*bard\*"],
    "wildcards": True,
}


@asynccontextmanager
async def asked(
    server: RunningServer, question: dict[str, Any]
) -> AsyncIterator[tuple[StudentApp, Pilot[None], InstructorSession]]:
    """Run a student's terminal in which a question has just come up."""
    await server.import_questions([question])
    teacher = await server.instructor()
    app = StudentApp(server.url, "TEST", "S001", "Alice")
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(app, "You are in")
        await teacher.trigger(duration=60)
        await until(lambda: isinstance(app.screen, QuestionModal), "the question")
        await until_shown(app, question["question"])
        await until(lambda: app.focused is not None, "something that takes keys")
        await until(lambda: app.screen._settled, "keys that count")  # type: ignore[attr-defined]
        yield app, pilot, teacher


@pytest.mark.parametrize(
    ("question", "keys", "submits", "verdict"),
    [
        (SEVERAL, ("a", "c"), "Press Enter to submit A, C.", "✓ Correct"),
        (SEVERAL, ("a",), "Press Enter to submit A.", "◐ Partly right: 1 of 2"),
        (SEVERAL, ("space", "space", "down", "down", "space"), "A, C.", "✓ Correct"),
        (SEVERAL, ("b", "d"), "Press Enter to submit B, D.", "✗ Incorrect"),
        (SEVERAL, ("a", "b", "b", "3"), "Press Enter to submit A, C.", "✓ Correct"),
        (TRUE_FALSE, ("t",), "Press Enter to submit A.", "✓ Correct"),
        (TRUE_FALSE, ("f",), "Press Enter to submit B.", "✗ Incorrect"),
        (TRUE_FALSE, ("a",), "Press Enter to submit A.", "✓ Correct"),
        (NUMBER, ("9", "comma", "8"), "Press Enter to submit 9.8.", "✓ Correct"),
        (NUMBER, ("1", "0"), "Press Enter to submit 10.", "✗ Incorrect"),
        (THOUSAND, ("1", "space", "0", "0", "0"), "Press Enter to submit 1000.", "✓ Correct"),
        (WORDS, tuple("William shakespeare"), "William shakespeare.", "✓ Correct"),
        (WORDS, tuple("me"), "Press Enter to submit me.", "✗ Incorrect"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_a_type_is_answered_by_keyboard(
    server: RunningServer,
    question: dict[str, Any],
    keys: tuple[str, ...],
    submits: str,
    verdict: str,
) -> None:
    async with asked(server, question) as (app, pilot, _):
        await pilot.press(*keys)
        await until_shown(app, submits)
        await pilot.press("enter")
        await until_shown(app, verdict)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (SEVERAL, "Tick the right options first: one or more."),
        (TRUE_FALSE, "Choose an answer first."),
        (NUMBER, "Type a number first."),
        (WORDS, "Type your answer first."),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_nothing_is_sent_before_there_is_an_answer(
    server: RunningServer, question: dict[str, Any], sentence: str
) -> None:
    async with asked(server, question) as (app, pilot, teacher):
        await pilot.press("enter")
        await until_shown(app, sentence)
        assert (await teacher.snapshot()).assignments[0].answer is None


async def test_several_are_asked_for_from_the_start(server: RunningServer) -> None:
    async with asked(server, SEVERAL) as (app, _, _):
        await until_shown(app, "Tick all the right options: one or more.")


@pytest.mark.parametrize("typed", ["1,000", "-9,810"])
async def test_a_comma_that_could_be_either_is_asked_about(
    server: RunningServer, typed: str
) -> None:
    """1,000 was taken for 1, and was wrong."""
    assert could_be_thousands(typed)
    async with asked(server, THOUSAND) as (app, pilot, teacher):
        await pilot.press(*typed, "enter")
        await until_shown(
            app, f"Do you mean {typed.replace(',', '')} or {typed.replace(',', '.')}?"
        )
        assert (await teacher.snapshot()).assignments[0].answer is None
        await pilot.press("ctrl+u", "1", "0", "0", "0", "enter")
        await until_shown(app, "✓ Correct")


async def test_no_number_is_said(server: RunningServer) -> None:
    async with asked(server, NUMBER) as (app, pilot, _):
        await pilot.press(*"ten", "enter")
        await until_shown(app, "That is not a number")


async def test_a_number_with_a_unit_is_to_be_typed_without(server: RunningServer) -> None:
    """It was told to be no number."""
    async with asked(server, NUMBER) as (app, pilot, _):
        await pilot.press(*"9,81 m/s²", "enter")
        await until_shown(app, "Type only the number")


async def test_an_accepted_pattern_is_told_in_words(server: RunningServer) -> None:
    """Students read `*Shakespeare`."""
    async with asked(server, WORDS) as (app, pilot, _):
        await pilot.press(*"me", "enter")
        await until_shown(app, "…Shakespeare or the *bard*")


async def test_the_dashboard_tells_who_is_partly_right(server: RunningServer) -> None:
    """It said wrong, and no points."""
    async with (
        asked(server, SEVERAL) as (app, pilot, _),
        dashboard(server) as (teacher, keys),
    ):
        await pilot.press("a", "enter")
        await until_shown(app, "◐ Partly right: 1 of 2")
        await until(lambda: cells(teacher, "S001")[0] == "◐ part", "the table's verdict")
        await until_shown(teacher, "right (0)")
        await keys.press("enter")
        await until_shown(teacher, "1 of 2 points")
        assert "◐ part" in text_of(teacher)


@pytest.mark.parametrize(("options", "quits"), [(16, True), (17, False)])
async def test_q_is_told_to_quit_where_it_is_no_option(
    server: RunningServer, options: int, quits: bool
) -> None:
    question = {
        "question": "Which number?",
        "options": [f"({number})" for number in range(options)],
        "correct": 0,
    }
    async with asked(server, question) as (app, pilot, _):
        await until_shown(app, "Keys")
        assert ("Quit" in text_of(app)) is quits
        await pilot.press("q")
        modal = app.screen
        if quits:
            await until_shown(app, "Leave")
        else:
            assert isinstance(modal, QuestionModal)
            await until(lambda: modal.chosen == 16, "the option Q")
