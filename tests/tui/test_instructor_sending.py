"""The instructor sends a round: the dialog, by keyboard alone, on the real server."""

from __future__ import annotations

import pytest
from textual.events import Key

from livequiz.domain.model import DrawRule, PointsFor, Reveal
from livequiz.protocol.messages import NewQuestion
from livequiz.tui.instructor.dashboard import Dashboard
from livequiz.tui.instructor.send import SendDialog
from livequiz.tui.widgets.choice import Choice
from tests.conftest import Connect, RunningServer
from tests.helpers import Json, RawClient, bank, next_of
from tests.tui.at_instructor import (
    _meeting,
    dashboard,
    send,
    state_folder,
    table,
)
from tests.tui.looking import StoppedClock, text_of, until, until_shown

__all__ = ["_meeting", "state_folder"]  # fixtures


async def test_the_dialog_says_before_sending_who_would_share(server: RunningServer) -> None:
    await server.import_questions(bank(2))
    async with dashboard(server) as (app, pilot):
        for number in range(3):
            await server.student(f"S00{number}")
        await pilot.press("s")
        await until_shown(app, "3 students here, 2 questions match: 1 will share a question.")
        assert not app.board.open


SEVERAL: Json = {"type": "multiple", "options": ["a", "b"], "correct": [0, 1]}


async def join_plainly(connect: Connect, student_id: str, name: str, **more: str) -> RawClient:
    """Join with a client of the original design, which says nothing of types."""
    client = await connect()
    request = {"student_id": student_id, "meeting_id": "TEST", "name": name, **more}
    await client.ok("join_student", request)
    return client


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_the_dialog_names_who_can_be_shown_no_question_before_sending(
    server: RunningServer, connect: Connect, size: tuple[int, int]
) -> None:
    await server.import_questions([{"question": f"{n}?", **SEVERAL} for n in range(3)])
    bob = await join_plainly(connect, "S001", "Bob Smith")
    async with dashboard(server, size) as (app, pilot):
        await until_shown(app, "1 student is here")
        await pilot.press("s")
        await until_shown(app, "1 student here, 3 questions match.")
        await until_shown(app, "Bob Smith gets no question")
        await until_shown(app, "such questions.")
        await pilot.press("enter")
        assert isinstance(app.screen, SendDialog)
        alice = await server.student("S002")
        await until_shown(app, "everyone else gets a different one.")
        await until_shown(app, "Bob Smith gets no question")
        await until_shown(app, "Send")
        await pilot.press("enter")
        await next_of(alice, NewQuestion)
        await until_shown(app, "Bob Smith gets no question")  # as the news of the round
        await bob.nothing_more("NEW_QUESTION")


async def test_the_dashboard_says_at_once_that_a_late_joiner_gets_no_question(
    server: RunningServer, connect: Connect
) -> None:
    await server.import_questions([{"question": f"{n}?", **SEVERAL} for n in range(3)])
    await server.student("S002")
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "1 student is here")
        await send(app, pilot)
        await join_plainly(connect, "S001", "Bob Smith")
        await until_shown(app, "Bob Smith gets no question")
        assert app.board.open
        assert list(app.board.rows) == ["S002"]


async def test_here_says_whose_client_can_not_show_the_question_that_they_hold(
    server: RunningServer, connect: Connect
) -> None:
    await server.import_questions([{"question": "Which?", **SEVERAL}])
    alice = await server.student("S001", "Alice")
    assert alice.joined is not None
    token = alice.joined.resume_token
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "1 student is here")
        await send(app, pilot)
        await next_of(alice, NewQuestion)
        phone = await join_plainly(connect, "S001", "Alice", resume_token=token)
        await phone.next("NEW_QUESTION")
        await until_shown(app, "Alice can't show it")
        back = await connect()
        await back.join("S001", "Alice", resume_token=token)
        await until(lambda: "can't show it" not in text_of(app), "no note")


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
        await until_shown(app, "everyone has answered")
        await pilot.press("s", "enter")
        assert (await next_of(alice, NewQuestion)).duration == 30


async def test_enter_in_one_burst_with_s_sends_and_opens_nothing(server: RunningServer) -> None:
    """The dashboard was still there for Enter, and showed a row with its right answer."""
    await server.import_questions(bank(3))
    alice = await server.student("S001")
    async with dashboard(server) as (app, pilot):
        await send(app, pilot)
        question = await next_of(alice, NewQuestion)
        await alice.answer(question.question_id, question.round_id, 1, spent=1, patience=5)
        await until_shown(app, "everyone has answered")
        for key in ("s", "enter"):
            app.post_message(Key(key, None))
        assert (await next_of(alice, NewQuestion)).round_number == 2
        await until(lambda: isinstance(app.screen, Dashboard), "the dashboard")


async def test_without_seconds_a_question_has_its_own(server: RunningServer) -> None:
    await server.import_questions(bank(3, time_limit=25))
    alice = await server.student("S001")
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "1 student is here")
        await pilot.press("s")
        await until_shown(app, "each question's own limit")
        await pilot.press("0")
        await until_shown(app, "a number from 1 to 86400")
        await pilot.press("enter")
        assert isinstance(app.screen, SendDialog)
        await pilot.press("backspace", "enter")
        assert (await next_of(alice, NewQuestion)).duration == 25


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
        points = app.screen.query_one("#points", Choice)
        await pilot.press("tab", "enter")
        await until(lambda: points.expanded, "the open list of points")
        await pilot.press("end", "enter")
        await until(lambda: not points.expanded, "the closed list of points")
        await pilot.press("tab", "enter")
        await until(lambda: app.board.open, "an open round")
        snapshot = await (await server.instructor()).snapshot()
        assert snapshot.round is not None
        assert snapshot.round.reveal is Reveal.AFTER_ROUND
        assert snapshot.round.points_for is PointsFor.NOTHING


async def test_what_the_draw_prefers_can_be_chosen_and_is_kept(server: RunningServer) -> None:
    await server.import_questions(bank(3))
    await server.student("S001")
    async with dashboard(server, (80, 24)) as (app, pilot):
        await until_shown(app, "1 student is here")
        await pilot.press("s")
        await until_shown(app, "different one")
        choice = app.screen.query_one("#draw", Choice)
        while app.screen.focused is not choice:
            await pilot.press("tab")
        await pilot.press("enter")
        await until(lambda: choice.expanded, "the open list")
        await until_shown(app, "topics in turn")
        await pilot.press("end", "enter")
        await until(lambda: not choice.expanded, "the closed list")
        await until_shown(app, "cover, missed")
        await until_shown(app, "Send")
        while app.screen.focused is None or app.screen.focused.id != "send":
            await pilot.press("tab")
        await pilot.press("enter")
        await until(lambda: app.board.open, "an open round")
        (quiz_round,) = await server.store.rounds.page("TEST", 0, 1)
        assert quiz_round.filters.draw_rules == (DrawRule.COVER, DrawRule.CARRY_OVER)
        await pilot.press("c", "c")
        await until_shown(app, "closed by you")
        await pilot.press("s")
        await until_shown(app, "cover, missed")


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
