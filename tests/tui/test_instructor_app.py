"""The instructor's app against a real server and real students, by keyboard alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from livequiz.client.student import StudentSession
from livequiz.domain.model import Reveal
from livequiz.protocol.messages import NewQuestion, Removed
from livequiz.tui.instructor.app import InstructorApp
from livequiz.tui.instructor.dashboard import Dashboard
from livequiz.tui.instructor.detail import DetailScreen
from livequiz.tui.instructor.join import InstructorJoin
from livequiz.tui.instructor.remove import RemoveDialog
from livequiz.tui.instructor.send import SendDialog
from livequiz.tui.widgets.choice import Choice
from livequiz.tui.widgets.response_table import ResponseTable
from livequiz.tui.widgets.roster import Roster
from tests.conftest import RunningServer
from tests.helpers import bank, next_of
from tests.tui.looking import StoppedClock, text_of, until, until_shown

WIDE = (140, 40)
NAMES = ("Alice", "Bob", "Carol")


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep what the app remembers and logs out of the home folder."""
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture(autouse=True)
async def _meeting(server: RunningServer) -> None:
    """Open the meeting, so that students can join before the dashboard."""
    await server.instructor("TEST")


@asynccontextmanager
async def dashboard(
    server: RunningServer, size: tuple[int, int] = WIDE
) -> AsyncIterator[tuple[InstructorApp, Pilot[None]]]:
    app = InstructorApp(server.url, "TEST", "teacher", server.token)
    async with app.run_test(size=size) as pilot:
        await until(lambda: isinstance(app.screen, Dashboard), "the dashboard")
        await until_shown(app, "● connected")
        yield app, pilot


async def send(app: InstructorApp, pilot: Pilot[None]) -> None:
    await pilot.press("s")
    await until(lambda: isinstance(app.screen, SendDialog), "the dialog")
    await until_shown(app, "different one")
    await pilot.press("enter")
    await until(lambda: app.board.open, "an open round")


async def answer(session: StudentSession, place: int) -> None:
    question = await next_of(session, NewQuestion)
    await session.answer(question.question_id, question.round_id, place, spent=1, patience=5)


def table(app: InstructorApp) -> ResponseTable:
    return app.screen.query_one(ResponseTable)


def cells(app: InstructorApp, student_id: str) -> list[str]:
    row = table(app).words(student_id)
    assert row is not None
    return [row.verdict, row.name, row.question, row.answer, row.time]


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

        await until_shown(app, "everybody has answered")
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


async def test_the_dialog_says_before_sending_who_would_share(server: RunningServer) -> None:
    await server.import_questions(bank(2))
    async with dashboard(server) as (app, pilot):
        for number in range(3):
            await server.student(f"S00{number}")
        await pilot.press("s")
        await until_shown(app, "3 students here, 2 questions match: 1 will share one.")
        assert not app.board.open


async def test_the_dialog_cannot_send_to_nobody_nor_from_an_empty_bank(
    server: RunningServer,
) -> None:
    async with dashboard(server) as (app, pilot):
        await pilot.press("s")
        await until_shown(app, "livequiz questions import FILE")
        await pilot.press("enter")
        assert isinstance(app.screen, SendDialog)
        await pilot.press("escape")
        await server.import_questions(bank(2))
        await pilot.press("s")
        await until_shown(app, "Nobody is here yet")
        await server.student("S001")
        await until_shown(app, "1 student here")


async def test_a_number_typed_after_s_is_the_seconds(server: RunningServer) -> None:
    """The button had the focus, and typing a number did nothing."""
    await server.import_questions(bank(3))
    alice = await server.student("S001")
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "1 student is here")
        await pilot.press("s", "3", "0", "enter")
        question = await next_of(alice, NewQuestion)
        assert question.duration == 30
        await alice.answer(question.question_id, question.round_id, 1, spent=1, patience=5)
        await until_shown(app, "everybody has answered")
        await pilot.press("s", "enter")
        assert (await next_of(alice, NewQuestion)).duration == 30


async def test_when_the_right_answer_is_shown_can_be_chosen(server: RunningServer) -> None:
    await server.import_questions(bank(3))
    await server.student("S001")
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "1 student is here")
        await pilot.press("s")
        await until_shown(app, "different one")
        choice = app.screen.query_one("#reveal", Choice)
        while app.screen.focused is not choice:
            await pilot.press("tab")
        await pilot.press("enter")
        await until(lambda: choice.expanded, "the open list")
        await pilot.press("end", "enter")
        await until_shown(app, "after the round")
        await until(lambda: not choice.expanded, "the closed list")
        await pilot.press("tab", "enter")
        await until(lambda: app.board.open, "an open round")
        snapshot = await (await server.instructor()).snapshot()
        assert snapshot.round is not None
        assert snapshot.round.reveal is Reveal.AFTER_ROUND


async def test_the_dialog_says_what_is_left_out_since_the_last_round(
    server: RunningServer,
) -> None:
    await server.import_questions(bank(3, topics=["[/] Maths"], difficulty="hard"))
    await server.student("S001")
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "1 student is here")
        await pilot.press("s")
        await until_shown(app, "different one")
        assert "Only:" not in text_of(app)
        await pilot.press("tab", "enter", "end", "enter", "tab", "space")
        await until_shown(app, "Only: [/] Maths, hard")
        await pilot.press("enter")
        await until(lambda: app.board.open, "an open round")
        await pilot.press("c", "c")
        await until_shown(app, "closed by you")
        await pilot.press("s")
        await until_shown(app, "Only: [/] Maths, hard")


async def test_topics_narrow_down_what_is_sent(server: RunningServer) -> None:
    await server.import_questions(bank(3, topics=["[/] Maths"]))
    await server.import_questions([{**q, "question": f"Other {q['question']}"} for q in bank(2)])
    await server.student("S001")
    async with dashboard(server) as (app, pilot):
        await pilot.press("s")
        await until_shown(app, "5 questions match")
        await pilot.click("#topics Mark")
        await until_shown(app, "3 questions match")
        await until_shown(app, "[x]")
        assert "[/] Maths" in text_of(app)


@pytest.mark.parametrize("choose", ["enter", "space"])
async def test_choosing_a_difficulty_by_key_sends_nothing_until_enter_is_pressed_again(
    server: RunningServer, choose: str
) -> None:
    """Enter in the open list once sent the round, with the filter ignored."""
    await server.import_questions(bank(3, difficulty="easy"))
    await server.import_questions([{**q, "question": f"Other {q['question']}"} for q in bank(2)])
    await server.student("S001")
    async with dashboard(server) as (app, pilot):
        await pilot.press("s")
        await until_shown(app, "5 questions match")
        difficulty = app.screen.query_one("#difficulty", Choice)
        while app.screen.focused is not difficulty:
            await pilot.press("tab")
        await pilot.press(choose)
        await until(lambda: difficulty.expanded, "the open list")
        await pilot.press("down", choose)
        await until(lambda: not difficulty.expanded, "the closed list")
        await until_shown(app, "3 questions match")
        assert isinstance(app.screen, SendDialog)
        await pilot.press("tab", "enter")
        await until(lambda: app.board.open, "an open round")


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
        await until_shown(app, "1 has not answered: c again closes the round.")
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
        await until_shown(app, "c again closes the round")
        clock.now += 3.1
        await until(lambda: "c again" not in text_of(app), "a quiet news line")
        await pilot.press("c")
        await until_shown(app, "c again closes the round")
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
            await until_shown(app, "No round is open: s sends one.")
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
        await until_shown(app, "● connected", timeout=20)
        await until(lambda: "can't be reached" not in text_of(app), "a quiet news line")


async def test_a_class_that_changed_between_two_rounds_is_shown(server: RunningServer) -> None:
    await server.import_questions(bank(9))
    ann, bob = await server.student("S001", "Ann"), await server.student("S002", "Bob")
    async with dashboard(server) as (app, pilot):
        await send(app, pilot)
        for student in (ann, bob):
            await answer(student, 1)
        await until_shown(app, "everybody has answered")
        await bob.leave()
        # A longer name makes its column wider while the rows of the last round are drawn still.
        await server.student("S003", "Maximiliane von Hohenberg")
        await until_shown(app, "2 here")
        await send(app, pilot)
        await until(lambda: list(app.screen.query_one(ResponseTable).rows.keys) == ["S001", "S003"])
        await until(lambda: cells(app, "S003")[1].startswith("Maximiliane"))


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
        await until_shown(app, "⊘ ban   Alice Johnson")
        await pilot.press("c", "2")
        await pilot.press("x")
        await until_shown(app, "Let Alice Johnson (S001) join again?")
        await pilot.press("y")
        await until_shown(app, "○ away  Alice Johnson")
        await server.student("S001", "Alice Johnson")
        await until(lambda: app.board.people["S001"].here, "Alice to be back")


async def test_who_was_banned_before_the_dashboard_can_be_let_in(server: RunningServer) -> None:
    await server.student("S001", "Alice Johnson")
    teacher = await server.instructor()
    await teacher.remove_student("S001", ban=True)
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "⊘ ban")
        await pilot.press("x", "y")
        await until_shown(app, "○ away")
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
        await until_shown(app, "How much time does Alice Johnson (S001) get?")
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
        assert "○ away  Alice" in text_of(app)


async def test_leaving_an_open_round_is_asked_back(server: RunningServer) -> None:
    await server.import_questions(bank(3))
    await server.student("S001")
    async with dashboard(server) as (app, pilot):
        await send(app, pilot)
        await pilot.press("q")
        await until_shown(app, "The round goes on without you. Leave?")
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


async def test_the_meeting_is_locked_and_unlocked(server: RunningServer) -> None:
    async with dashboard(server) as (app, pilot):
        await pilot.press("l")
        await until_shown(app, "locked")
        await pilot.press("l")
        await until(lambda: not app.board.locked, "an unlocked meeting")


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
        await until_shown(app, "● connected", timeout=20)
        assert cells(app, "S001")[0] == "✓ right"
        assert app.board.open
        await pilot.press("e")
        await until_shown(app, "+30 s more time")


async def test_without_seconds_a_question_has_its_own(server: RunningServer) -> None:
    await server.import_questions(bank(3, time_limit=25))
    alice = await server.student("S001")
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "1 student is here")
        await pilot.press("s")
        await until_shown(app, "each question's own time limit")
        await pilot.press("0")
        await until_shown(app, "a number from 1 to 86400")
        await pilot.press("enter")
        assert isinstance(app.screen, SendDialog)
        await pilot.press("backspace", "enter")
        assert (await next_of(alice, NewQuestion)).duration == 25


async def test_enter_after_s_in_an_open_round_shows_no_key(server: RunningServer) -> None:
    """It opened the chosen row: the right answer, on the projector."""
    await server.import_questions(bank(3))
    await server.student("S001")
    async with dashboard(server) as (app, pilot):
        app.dashboard._clock = clock = StoppedClock()
        await send(app, pilot)
        await until(lambda: app.focused is table(app).rows, "the focus on the table")
        await pilot.press("s", "enter")
        await until_shown(app, "A round is open")
        await pilot.pause()
        assert app.screen is app.dashboard
        clock.now += 2.1
        await pilot.press("enter")
        await until_shown(app, "right answer")
