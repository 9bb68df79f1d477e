"""A student answers: every state of a question, by keyboard alone, on the real server."""

from __future__ import annotations

import pytest

from livequiz.client.instructor import InstructorSession
from livequiz.domain.model import CloseReason, Reveal
from livequiz.protocol.events import TRIGGER_QUESTIONS
from livequiz.protocol.messages import QuestionsSent
from livequiz.protocol.requests import TriggerQuestions
from livequiz.tui.student import question
from livequiz.tui.student.app import StudentApp
from livequiz.tui.student.question import Phase, QuestionModal
from livequiz.tui.student.waiting import WaitingRoom
from livequiz.tui.widgets.confirm import Confirm
from tests.conftest import RunningServer
from tests.tui.at_student import (
    asked,
    responses,
    seated,
    state_folder,
    student,
    teacher,
)
from tests.tui.looking import ShiftedClock, StoppedClock, text_of, until, until_shown

__all__ = ["state_folder", "teacher"]  # fixtures


async def test_a_right_answer_is_called_correct_and_kept_in_the_history(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await server.student("S002")  # keeps the round open
        await teacher.trigger(duration=30)
        await asked(app)
        await pilot.press("a", "enter")
        await until_shown(app, "✓ Correct")
        shown = text_of(app)
        assert "+1 point" in shown
        assert "✓ right answer, your answer" in shown
        await until_shown(app, "Doubling is adding twice.")
        await pilot.press("x")
        await until(lambda: isinstance(app.screen, WaitingRoom))
        assert "1 of 1 right     streak 1     1 point" in text_of(app)
        assert "✓ right" in text_of(app)
    assert await responses(server) == 1


async def test_a_wrong_answer_is_called_incorrect_and_shows_the_key(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await teacher.trigger(duration=30)
        await asked(app)
        await pilot.press("down", "down", "enter")
        await until_shown(app, "✗ Incorrect")
        assert "The right answer is A  RIGHT" in text_of(app)
        await pilot.press("space")
        await until(lambda: isinstance(app.screen, WaitingRoom))
        assert "0 of 1 right" in text_of(app)
        assert "Right answer: RIGHT" in text_of(app)


async def test_time_up_shows_the_key_and_any_key_goes_back(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await teacher.trigger(duration=1)
        await asked(app)
        await until_shown(app, "Time is up")
        await until_shown(app, "The right answer is A  RIGHT")
        assert "✓ right answer" in text_of(app)
        await until_shown(app, "Doubling is adding twice.")
        await pilot.press("z")
        await until(lambda: isinstance(app.screen, WaitingRoom))
        assert "– no answer" in text_of(app)


async def test_a_round_that_the_teacher_closes_is_not_called_time_up(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await teacher.trigger(duration=30)
        await asked(app)
        await pilot.press("b")
        await teacher.close_round()
        await until_shown(app, "The round is over")
        assert "Your choice was not submitted.  The right answer is A  RIGHT" in text_of(app)


async def test_enter_without_a_choice_submits_nothing(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await teacher.trigger(duration=30)
        modal = await asked(app)
        await pilot.press("enter", "enter", "enter")
        await until_shown(app, "Choose an answer first.")
        assert modal.phase is Phase.CHOOSING
        await pilot.press("b")
        await until_shown(app, "Press Enter to submit B.")
    assert await responses(server) == 0


async def test_enter_that_was_meant_for_the_screen_before_does_not_submit(
    server: RunningServer, teacher: InstructorSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(question, "SETTLE_AT_FIRST", 0.3)
    clock = StoppedClock()
    app = StudentApp(server.url, "TEST", "S001", "Alice", clock=clock)
    async with seated(app) as pilot:
        await teacher.trigger(duration=30)
        modal = await asked(app)
        clock.now += 0.29
        await pilot.press("b", "enter")
        assert modal.phase is Phase.CHOOSING
        clock.now += 0.02
        await pilot.press("enter")
        await until_shown(app, "Incorrect")


async def test_a_key_pressed_as_the_verdict_appears_does_not_put_it_away(
    server: RunningServer, teacher: InstructorSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(question, "SETTLE_VERDICT", 0.7)
    clock = StoppedClock()
    app = StudentApp(server.url, "TEST", "S001", "Alice", clock=clock)
    async with seated(app) as pilot:
        await teacher.trigger(duration=30)
        await asked(app)
        await pilot.press("a", "enter")
        await until_shown(app, "Correct")
        await pilot.press("enter", "x")
        assert isinstance(app.screen, QuestionModal)
        clock.now += 1
        await pilot.press("x")
        await until(lambda: isinstance(app.screen, WaitingRoom))


async def test_a_new_question_replaces_whatever_is_in_front(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await teacher.trigger(duration=30)
        await asked(app)
        await pilot.press("q")
        await until(lambda: isinstance(app.screen, Confirm))
        await teacher.close_round()
        await teacher.trigger(duration=30)
        await asked(app, 2)
        assert len(app.screen_stack) == 3
        await pilot.press("a", "enter")
        await until_shown(app, "Correct")


async def test_nothing_behind_a_question_can_be_reached(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await teacher.trigger(duration=30)
        modal = await asked(app)
        await pilot.press("escape", "tab", "shift+tab", "escape")
        assert app.screen is modal
        await pilot.press("c")
        assert modal.chosen == 2


async def test_an_extension_is_announced_and_reopens_a_question_that_was_over(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    app.clock = clock = ShiftedClock()
    async with seated(app) as pilot:
        await teacher.trigger(duration=60)
        await asked(app)
        await pilot.press("a")
        clock.ahead += 60  # this terminal is ahead of the server
        await until_shown(app, "Time is up")
        await teacher.extend_round(30)
        await until_shown(app, "s more time")
        assert "Time is up" not in text_of(app)
        await pilot.press("enter")
        await until_shown(app, "Correct")


async def test_what_happens_to_a_round_after_going_back_disturbs_nobody(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await server.student("S002")
        await teacher.trigger(duration=30)
        await asked(app)
        await pilot.press("a", "enter")
        await until_shown(app, "Correct")
        await pilot.press("x")
        await until(lambda: isinstance(app.screen, WaitingRoom))
        # It used to end the app: the question's screen was told although it was gone.
        await teacher.extend_round(30)
        await teacher.close_round()
        await teacher.trigger(duration=30)
        await asked(app, 2)


async def test_a_question_put_away_after_its_time_comes_back_with_an_extension(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    app.clock = clock = ShiftedClock()
    async with seated(app) as pilot:
        await teacher.trigger(duration=60)
        await asked(app)
        await pilot.press("a")
        clock.ahead += 60  # this terminal is ahead of the server
        await until_shown(app, "Time is up")
        await pilot.press("x")
        await teacher.extend_round(30)
        modal = await asked(app)
        assert modal.chosen == 0, "the choice was lost"
        await pilot.press("enter")
        await until_shown(app, "Correct")


async def test_an_answer_that_comes_too_late_is_said_not_to_be_stored(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await server.student("S002")
        await teacher.trigger(duration=30)
        modal = await asked(app)
        await pilot.press("a")
        await server.service.rounds.close("TEST", CloseReason.INSTRUCTOR)
        modal.phase = Phase.CHOOSING  # as if Enter had been pressed before the news came
        await pilot.press("enter")
        await until(lambda: modal.phase is Phase.JUDGED)
        assert "✓ Correct" not in text_of(app)
    assert await responses(server) == 0


async def test_a_verdict_that_is_kept_back_comes_after_the_round(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await server.student("S002")
        request = TriggerQuestions(meeting_id="TEST", duration=30, reveal=Reveal.AFTER_ROUND)
        await teacher.call(TRIGGER_QUESTIONS, request, QuestionsSent)
        await asked(app)
        await pilot.press("b", "enter")
        await until_shown(app, "● Stored")
        assert "Your teacher will show the answer after the round." in text_of(app)
        assert "✓ right answer" not in text_of(app)
        await pilot.press("x")
        await until(lambda: isinstance(app.screen, WaitingRoom))
        assert "● stored" in text_of(app)
        assert "streak" not in text_of(app)  # it would be said to be over
        await teacher.close_round()
        await until_shown(app, "✗ Incorrect")
        assert "The right answer is A  RIGHT" in text_of(app)
