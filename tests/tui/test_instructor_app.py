"""The instructor's app against a real server and real students, by keyboard alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from livequiz.tui.instructor.app import InstructorApp
from livequiz.tui.instructor.dashboard import Dashboard
from livequiz.tui.instructor.detail_screen import DetailScreen
from livequiz.tui.instructor.join import InstructorJoin
from tests.conftest import RunningServer
from tests.helpers import bank
from tests.patience import patient
from tests.tui.at_instructor import (
    WIDE,
    _meeting,
    answer,
    cells,
    dashboard,
    send,
    state_folder,
    table,
)
from tests.tui.looking import StoppedClock, text_of, until, until_shown

__all__ = ["_meeting", "state_folder"]  # fixtures


async def test_a_whole_round_is_sent_answered_and_summed_up(server: RunningServer) -> None:
    await server.import_questions(bank(5))
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "Nobody is here yet")
        assert f"livequiz student {server.url} --meeting TEST" in text_of(app)
        alice = await server.student("S001", "Alice Johnson")
        bob = await server.student("S002", "Bob Smith")
        await until_shown(app, "2 students are here")

        await send(app, pilot)
        await until_shown(app, "Alice Johnson")
        assert cells(app, "S001")[0] == "…"
        await answer(alice, 1)
        await until(lambda: cells(app, "S001")[0] == "✓ right", "Alice's verdict")
        assert cells(app, "S001")[3] == "B b"
        assert cells(app, "S002")[0] == "…"
        await answer(bob, 0)
        await until(lambda: cells(app, "S002")[0] == "✗ wrong", "Bob's verdict")

        await until_shown(app, "everyone has answered")
        assert app.board.round_stats.accuracy == 50.0
        await until_shown(app, "1/1")


async def test_the_form_asks_for_what_is_missing_and_says_what_is_wrong(
    server: RunningServer,
) -> None:
    app = InstructorApp(server.url)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: isinstance(app.screen, InstructorJoin), "the form")
        await pilot.press(*"test", "enter")
        await pilot.press(*"wrong", "enter")
        await until_shown(app, "token is missing or wrong")
        assert "wrong-token" not in text_of(app)
        app.screen.query_one("#token", Input).value = server.token
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, Dashboard), "the dashboard")
        assert app.board.meeting_id == "TEST"


async def test_the_token_is_neither_shown_nor_remembered(
    server: RunningServer, state_folder: Path
) -> None:
    async with dashboard(server) as (app, _):
        assert server.token not in text_of(app)
        await until((state_folder / "remembered.json").exists, "the memory")
        assert server.token not in (state_folder / "remembered.json").read_text()


async def test_a_round_is_extended_and_closed_by_key(server: RunningServer) -> None:
    await server.import_questions(bank(3))
    await server.student("S001")
    async with dashboard(server) as (app, pilot):
        await send(app, pilot)
        await pilot.press("e")
        await until_shown(app, "+30 s more time")
        await pilot.press("s")
        await until_shown(app, "A round is open")
        await pilot.press("c")
        await until_shown(app, "1 has not answered yet. Press c again to close the round.")
        assert app.board.open
        await pilot.press("c")
        await until_shown(app, "closed by you")
        assert not app.board.open
        await until_shown(app, "1 did not answer")


async def test_a_second_thought_comes_too_late_after_three_seconds(server: RunningServer) -> None:
    await server.import_questions(bank(3))
    await server.student("S001")
    async with dashboard(server) as (app, pilot):
        app.clock = clock = StoppedClock()
        await send(app, pilot)
        await pilot.press("c")
        await until_shown(app, "Press c again to close the round")
        clock.now += 3.1
        await until(lambda: "c again" not in text_of(app), "a quiet news line")
        await pilot.press("c")
        await until_shown(app, "Press c again to close the round")
        assert app.board.open


async def test_a_round_that_waits_for_nobody_here_is_closed_at_once(server: RunningServer) -> None:
    await server.import_questions(bank(3))
    alice = await server.student("S001")
    async with dashboard(server) as (app, pilot):
        await send(app, pilot)
        await alice.close()
        await until_shown(app, "Here 0, away 1")
        await pilot.press("c")
        await until_shown(app, "closed by you")


async def test_keys_for_an_open_round_say_that_there_is_none(server: RunningServer) -> None:
    """They were dim, and silent."""
    async with dashboard(server) as (app, pilot):
        for key in ("c", "e"):
            await pilot.press(key)
            await until_shown(app, "No round is open. Press s to send one.")
            app.dashboard.withdraw()
            await until(lambda: "No round" not in text_of(app), "a quiet news line")


async def test_a_refusal_goes_when_the_connection_is_back(server: RunningServer) -> None:
    await server.import_questions(bank(3))
    await server.student("S001")
    async with dashboard(server) as (app, pilot):
        await send(app, pilot)
        await server.stop()
        await until_shown(app, "no connection")
        await pilot.press("e")
        await until_shown(app, "The server can't be reached right now.")
        await server.start()
        await until_shown(app, "● connected", timeout=patient(20))
        await until(lambda: "can't be reached" not in text_of(app), "a quiet news line")


async def test_a_row_opens_with_the_whole_question_and_its_key(server: RunningServer) -> None:
    await server.import_questions(bank(1, explanation="Because it is so."))
    alice = await server.student("S001", "Alice Johnson")
    async with dashboard(server) as (app, pilot):
        await send(app, pilot)
        await answer(alice, 0)
        await until(lambda: cells(app, "S001")[3] == "A a", "the answer")
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, DetailScreen), "the detail")
        await until_shown(app, "right answer")
        assert "Alice Johnson (S001)" in text_of(app)
        assert "A  a   <- chosen" in text_of(app)
        assert "Because it is so." in text_of(app)


async def test_leaving_an_open_round_is_asked_back(server: RunningServer) -> None:
    await server.import_questions(bank(3))
    await server.student("S001")
    async with dashboard(server) as (app, pilot):
        await send(app, pilot)
        await pilot.press("q")
        await until_shown(app, "The round continues without you. Leave?")
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, Dashboard), "the dashboard")
        await pilot.press("q", "y")
        await until(lambda: not app.is_running, "the end")


async def test_leaving_between_rounds_needs_no_question(server: RunningServer) -> None:
    async with dashboard(server) as (app, pilot):
        await pilot.press("q")
        await until(lambda: not app.is_running, "the end")


async def test_a_question_takes_the_room_that_there_is(server: RunningServer) -> None:
    """At 160 columns it was cut after about 35 of them, beside empty ones."""
    question = "Which of these is fifty columns long, or almost so?"
    await server.import_questions([{"question": question, "options": ["a", "b"], "correct": 0}])
    await server.student("S001", "Alice")
    async with dashboard(server, (160, 48)) as (app, pilot):
        await until_shown(app, "1 student is here")
        await send(app, pilot)
        await until_shown(app, f"{question}  ")
        await pilot.resize_terminal(80, 24)
        await until_shown(app, "Which of these is fifty colum…")
        await pilot.resize_terminal(160, 48)
        await until_shown(app, f"{question}  ")


async def test_the_command_palette_lists_nothing_twice(server: RunningServer) -> None:
    """It listed "Keys" as its own command and as the dashboard's."""
    async with dashboard(server) as (app, _):
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert sorted(titles) == sorted(set(titles))
        assert {"Keys", "Quit", "Send", "Lock"} <= set(titles)


async def test_the_table_is_filtered_and_sorted_on_request(server: RunningServer) -> None:
    await server.import_questions(bank(5))
    zoe = await server.student("S001", "Zoe")
    await server.student("S002", "Adam")
    async with dashboard(server) as (app, pilot):
        await send(app, pilot)
        assert table(app).rows.keys == ["S001", "S002"]
        await answer(zoe, 1)
        await until(lambda: cells(app, "S001")[0] == "✓ right", "Zoe's verdict")
        await pilot.press("r", "r")
        await until_shown(app, "Sorted: student")
        assert table(app).rows.keys == ["S002", "S001"]
        await pilot.press("slash", *"zoe", "enter")
        await until(lambda: len(table(app).rows.keys) == 1, "one row")
        await pilot.press("escape")
        await until(lambda: len(table(app).rows.keys) == 2, "both rows")


@pytest.mark.parametrize("size", [(80, 24), WIDE])
async def test_hostile_names_and_questions_are_shown_as_text(
    server: RunningServer, size: tuple[int, int]
) -> None:
    await server.import_questions(
        [{"question": "[/b] [red]Q[/red]?", "options": ["[x]", "[/]"], "correct": 0}]
    )
    student = await server.student("S001", "[/] [red]x")
    async with dashboard(server, size) as (app, pilot):
        await until_shown(app, "1 student is here")
        await send(app, pilot)
        await answer(student, 1)
        await until(lambda: cells(app, "S001")[3] == "B [/]", "the answer")
        assert cells(app, "S001")[1] == "[/] [red]x"
        for view in ("2", "3", "1"):
            await pilot.press(view)
        await pilot.press("enter")
        await until_shown(app, "[red]Q[/red]?")


async def test_a_lost_server_is_said_and_its_return_brings_everything_back(
    server: RunningServer,
) -> None:
    await server.import_questions(bank(5))
    alice = await server.student("S001", "Alice Johnson")
    await server.student("S002", "Bob Smith")
    async with dashboard(server) as (app, pilot):
        await send(app, pilot)
        await answer(alice, 1)
        await until(lambda: cells(app, "S001")[0] == "✓ right", "Alice's verdict")
        await server.stop()
        await until_shown(app, "no connection")
        await server.start()
        await until_shown(app, "● connected", timeout=patient(20))
        assert cells(app, "S001")[0] == "✓ right"
        assert app.board.open
        await pilot.press("e")
        await until_shown(app, "+30 s more time")


async def test_a_document_that_can_not_be_read_is_named_above_the_table(
    server: RunningServer,
) -> None:
    await server.student("S001", "Alice")
    await server.student("S002", "Bob")
    participants = server.store._database["participants"]
    await participants.update_one(
        {"student_id": "S002"}, {"$unset": {"name": ""}}, bypass_document_validation=True
    )
    async with dashboard(server) as (app, _):
        await until_shown(app, "A document can't be read: participants")
        await until_shown(app, "`name` is missing")
        await until_shown(app, "Alice")
