"""The figures of the class, and the questions that they lead to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import TextArea

from livequiz.client.event_types import ConnectionBack
from livequiz.client.student import StudentSession
from livequiz.protocol.figures import QuestionRecord
from livequiz.protocol.messages import NewQuestion
from livequiz.tui.instructor.app import InstructorApp
from livequiz.tui.instructor.question_editor import QuestionEditor
from livequiz.tui.instructor.question_record import QuestionRecordScreen
from livequiz.tui.projector.screen import Projector
from livequiz.tui.widgets.confirm import Confirm
from livequiz.tui.widgets.figures_pane import FiguresPane
from tests.conftest import RunningServer
from tests.helpers import Json, bank, documents, next_of
from tests.tui.at_instructor import _meeting, dashboard, state_folder
from tests.tui.looking import text_of, until, until_shown

__all__ = ["_meeting", "state_folder"]  # fixtures

SIZES = [(80, 24), (160, 48)]
NAMES = ["Alice", "Bob", "Carla", "Dan", "Eve", "Finn"]
ONE = {**bank(1)[0], "topics": ["Sums"], "difficulty": "hard", "explanation": "Add them up."}


async def six(server: RunningServer, questions: list[Json]) -> list[StudentSession]:
    await server.import_questions(questions)
    return [await server.student(f"S00{n}", name) for n, name in enumerate(NAMES)]


async def play(
    app: InstructorApp, pilot: Pilot[None], students: list[StudentSession], right: str
) -> None:
    """Play a round: `+` is a right answer, `-` a wrong one, `.` none."""
    await pilot.press("s")
    await until_shown(app, "6 students here")
    await pilot.press("enter")
    await until(lambda: app.board.open, "an open round")
    for sign, student in zip(right, students, strict=True):
        question = await next_of(student, NewQuestion)
        if sign != ".":
            choice = int(sign == "+")
            await student.answer(question.question_id, question.round_id, choice, spent=1)
    await until(lambda: app.board.arrivals == 6 - right.count("."), "the answers")
    if "." in right:
        await pilot.press("c", "c")
    await until(lambda: not app.board.open, "the end of the round")


def lines(app: InstructorApp) -> list[str]:
    """Return what the pane has, also what is scrolled out of sight."""
    pane = app.screen_stack[1].query_one(FiguresPane)
    return [" ".join(pane.list._make(key, 60).plain.split()) for key in pane.list.keys]


def title(app: InstructorApp) -> str:
    return str(app.screen_stack[1].query_one(".pane-title").render())


@pytest.mark.parametrize("size", SIZES)
async def test_topics_times_and_questions_are_counted_while_answers_come(
    server: RunningServer, size: tuple[int, int]
) -> None:
    students = await six(server, [ONE])
    async with dashboard(server, size) as (app, pilot):
        await until_shown(app, "6 students are here")
        await play(app, pilot, students, "+++---")
        await pilot.press("3")
        await until_shown(app, "Figures of this round (f: all rounds)")
        await until_shown(app, "Sums")
        await until(lambda: "Sums - - 50% 6 50% 6" in lines(app), "the topic")
        assert "0-5 s ████████████████████████ 6" in lines(app)
        assert any(line.endswith("3/6 ████──── 50%") for line in lines(app))
        assert not any("Fewer than half right" in line for line in lines(app))


async def test_another_round_adds_up_over_the_meeting_and_over_all_meetings(
    server: RunningServer,
) -> None:
    students = await six(server, [ONE])
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "6 students are here")
        await play(app, pilot, students, "+-----")
        await play(app, pilot, students, "++----")
        await until(lambda: "Sums - - 33% 6 33% 6" in lines(app), "the round")
        await pilot.press("f")
        await until(lambda: "Figures of all rounds" in title(app), "another title")
        await until(lambda: "Sums - - 25% 12 25% 12" in lines(app), "the meeting")
        assert "Fewer than half right, with 5 answers or more" in lines(app)
        other = await server.instructor("OTHER")
        student = await server.student("S001", "Alice", "OTHER")
        await other.trigger(duration=600)
        question = await next_of(student, NewQuestion)
        await student.answer(question.question_id, question.round_id, 1, spent=1)
        await pilot.press("f")
        await until(lambda: "Figures of all meetings" in title(app), "another title")
        await until(lambda: "Sums - - 31% 13 31% 13" in lines(app), "all meetings")
        await play(app, pilot, students, "------")
        await until(lambda: "Sums - - 21% 19 21% 19" in lines(app), "the next round, too")
        await pilot.press("f")
        await until(lambda: "Sums - - 0% 6 0% 6" in lines(app), "the round again")


async def test_students_to_look_at_are_named_with_the_facts(server: RunningServer) -> None:
    students = await six(server, bank(40))
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "6 students are here")
        for _ in range(2):
            await play(app, pilot, students, "+++-+.")
        await until(lambda: "Finn no answer in 2 rounds" in lines(app), "Finn")
        await play(app, pilot, students, "+++-+.")
        await until(lambda: "Dan 0 of 3 right" in lines(app), "Dan")
        await until_shown(app, "0 of 3       0")  # Finn, in "Here"
        await until_shown(app, "3 of 3       3")


async def test_a_question_that_most_answer_wrongly_is_one_key_away(server: RunningServer) -> None:
    students = await six(server, [ONE])
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "6 students are here")
        await play(app, pilot, students, "+-----")
        await opened(app, pilot)
        await until_shown(app, "6 students in 1 meeting")
        shown = text_of(app)
        assert "17 % right" in shown
        assert "Chosen: A 5   B 1   C 0   D 0" in shown
        assert "Add them up." in shown
        await pilot.press("e")
        await until(lambda: isinstance(app.screen, QuestionEditor), "the editor")
        text = app.screen.query_one(TextArea)
        text.text = text.text.replace("Add them up.", "Add them up slowly.")
        await pilot.press("ctrl+s")
        await until_shown(app, "The question is stored")
        (stored,) = await documents(server.store, "questions", {})
        assert stored["explanation"] == "Add them up slowly."


async def test_what_is_written_wrongly_is_said_and_kept(server: RunningServer) -> None:
    async with editing(server) as (app, pilot, text):
        text.text = text.text.replace("correct: 1", "correct: 9")
        await pilot.press("ctrl+s")
        await until(lambda: app.screen.query(".-wrong"), "what is wrong")
        assert "correct: 9" in text.text
        await pilot.press("escape")
        await until_shown(app, "Press Esc again to throw your changes away")
        await pilot.press("escape")
        await until(lambda: not isinstance(app.screen, QuestionEditor), "the dashboard")
        (stored,) = await documents(server.store, "questions", {})
        assert stored["correct"] == 1


async def test_esc_warns_again_after_more_was_written(server: RunningServer) -> None:
    async with editing(server) as (app, pilot, text):
        for more in ("# one", "# two"):
            text.text += more
            await pilot.pause()
            await pilot.press("escape")
            await pilot.pause()
            assert isinstance(app.screen, QuestionEditor)


async def test_a_question_that_comes_late_does_not_cover_the_projector(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    students = await six(server, [ONE])
    of, asked, go_on = server.service.question_records.of, asyncio.Event(), asyncio.Event()

    async def slow(question_id: str) -> QuestionRecord:
        asked.set()
        await go_on.wait()
        return await of(question_id)

    async with dashboard(server) as (app, pilot):
        await until_shown(app, "6 students are here")
        await play(app, pilot, students, "+-----")
        monkeypatch.setattr(server.service.question_records, "of", slow)
        pane = await at_the_low_question(app, pilot)
        pane.list.action_open()
        await asked.wait()
        await pilot.press("p")
        await until(lambda: isinstance(app.screen, Projector), "the projector")
        go_on.set()
        await until(lambda: all(each.is_finished for each in app.workers if each.name == "ask"))
        await pilot.pause()
        assert isinstance(app.screen, Projector)


async def test_figures_are_counted_again_after_the_connection_was_lost(
    server: RunningServer,
) -> None:
    students = await six(server, [ONE])
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "6 students are here")
        await play(app, pilot, students, "+-----")
        await pilot.press("f")
        await until(lambda: "Sums - - 17% 6 17% 6" in lines(app), "the meeting")
        snapshot = await (await server.instructor("TEST")).snapshot()
        app.board.earlier.clear()  # as if another round had begun while it was offline
        await app.handle(ConnectionBack(snapshot))
        await until(lambda: "Sums - - 17% 6 17% 6" in lines(app), "the meeting again")


async def test_a_question_is_retired_after_it_was_asked_twice(server: RunningServer) -> None:
    students = await six(server, [ONE])
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "6 students are here")
        await play(app, pilot, students, "+-----")
        await opened(app, pilot)
        await pilot.press("d")
        await until(lambda: isinstance(app.screen, Confirm), "the question")
        await pilot.press("y")
        await until_shown(app, "The question is retired")
        assert await documents(server.store, "questions", {}) == []


async def at_the_low_question(app: InstructorApp, pilot: Pilot[None]) -> FiguresPane:
    """Choose the question that most answered wrongly, in the figures."""
    await pilot.press("tab", "tab")
    pane = app.screen.query_one(FiguresPane)
    await until(lambda: any("low:" in key for key in pane.list.keys), "a low question")
    await until(lambda: pane.list.has_focus, "the focus")
    pane.list.cursor_index = next(n for n, key in enumerate(pane.list.keys) if "low:" in key)
    return pane


@asynccontextmanager
async def editing(
    server: RunningServer,
) -> AsyncIterator[tuple[InstructorApp, Pilot[None], TextArea]]:
    """Edit the one question of the bank, which most answered wrongly."""
    students = await six(server, [ONE])
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "6 students are here")
        await play(app, pilot, students, "+-----")
        await opened(app, pilot)
        await pilot.press("e")
        await until(lambda: isinstance(app.screen, QuestionEditor), "the editor")
        yield app, pilot, app.screen.query_one(TextArea)


async def opened(app: InstructorApp, pilot: Pilot[None]) -> None:
    """Open the question that most answered wrongly, from the figures."""
    await at_the_low_question(app, pilot)
    await pilot.press("enter")
    await until(lambda: isinstance(app.screen, QuestionRecordScreen), "the question")


async def test_what_is_typed_in_one_burst_with_ctrl_s_is_stored(server: RunningServer) -> None:
    async with editing(server) as (app, _, text):
        place = text.text.index("Add them up")
        row = text.text[:place].count("\n")
        text.move_cursor((row, len(text.text.splitlines()[row]) - 1))
        burst(app, *"XYZ", "ctrl+s")
        await until_shown(app, "The question is stored")
        (stored,) = await documents(server.store, "questions", {})
        assert "XYZ" in stored["explanation"]


async def test_letters_typed_in_one_burst_with_esc_are_not_thrown_away(
    server: RunningServer,
) -> None:
    async with editing(server) as (app, pilot, text):
        burst(app, *"XYZ", "escape")
        await until_shown(app, "Press Esc again to throw your changes away")
        assert "XYZ" in text.text
        await pilot.press("escape")
        await until(lambda: not isinstance(app.screen, QuestionEditor), "the question")


async def test_seconds_typed_in_one_burst_with_enter_are_the_rounds(server: RunningServer) -> None:
    await six(server, [ONE])
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "6 students are here")
        await pilot.press("s")
        await until_shown(app, "6 students here")
        app.screen.query_one("#duration").focus()
        await pilot.pause()
        burst(app, *"20", "enter")
        await until(lambda: app.board.open, "an open round")
        assert app.board.round is not None
        (stored,) = await documents(server.store, "rounds", {})
        assert stored["deadline"] - stored["opened_at"] == timedelta(seconds=20)


def burst(app: InstructorApp, *keys: str) -> None:
    """Press keys that arrive together, as they do over a slow line."""
    for key in keys:
        character = key if len(key) == 1 else None
        app.post_message(Key(key, character))
