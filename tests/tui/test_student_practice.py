"""A student looks back at their answers, and practises what they missed, on the real server."""

from __future__ import annotations

import asyncio

import pytest
from textual.pilot import Pilot

from livequiz.client.instructor import InstructorSession
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Student
from livequiz.protocol.practice import OwnHistory
from livequiz.server.quiz.service import Policy, utc_now
from livequiz.tui.student.app import StudentApp
from livequiz.tui.student.join import JoinScreen
from livequiz.tui.student.my_answers import MyAnswers
from livequiz.tui.student.practice import PracticeModal
from livequiz.tui.student.question import Phase, QuestionModal
from livequiz.tui.student.waiting import WaitingRoom
from livequiz.tui.widgets.countdown import Countdown
from livequiz.tui.widgets.footer import Footer
from tests.conftest import PROJECTOR, TOKEN, RunningServer
from tests.helpers import stored
from tests.tui.at_student import asked, responses, seated, state_folder, student, teacher
from tests.tui.looking import text_of, until, until_shown

__all__ = ["state_folder", "teacher"]  # fixtures

SIZES = [(60, 20), (80, 24), (160, 48)]
NUMERIC = {"question": "What is g?", "type": "numeric", "correct": 9.81}


@pytest.fixture
def policy() -> Policy:
    return Policy(TOKEN, PROJECTOR, practice=True)


def keys_of(app: StudentApp) -> str:
    return str(app.screen.query_one(Footer).render())


async def waiting(app: StudentApp) -> None:
    await until(lambda: isinstance(app.screen, WaitingRoom), f"waiting, not\n{text_of(app)}")


async def answer(
    teacher: InstructorSession, app: StudentApp, pilot: Pilot[None], number: int, *keys: str
) -> None:
    """Answer a round by keys, the only student, and go back to the waiting room."""
    await teacher.trigger(duration=60)
    await asked(app, number)
    await pilot.press(*keys, "enter")
    await until(lambda: app.screen.query_one("#verdict").display, "a verdict")
    await until_shown(app, "Press any key")
    await pilot.press("x")
    await waiting(app)


async def practising(app: StudentApp, place: str) -> PracticeModal:
    await until(lambda: isinstance(app.screen, PracticeModal), f"practice on\n{text_of(app)}")
    await until_shown(app, place)
    await Pilot(app).pause()
    assert isinstance(app.screen, PracticeModal)
    return app.screen


@pytest.mark.parametrize("size", SIZES)
async def test_my_answers_show_each_question_with_the_answer_the_key_and_why(
    server: RunningServer, teacher: InstructorSession, size: tuple[int, int]
) -> None:
    app = student(server)
    async with seated(app, size) as pilot:
        assert "My answers" not in keys_of(app)
        await answer(teacher, app, pilot, 1, "a")
        await answer(teacher, app, pilot, 2, "b")
        assert "h My answers" in keys_of(app)
        await pilot.press("h")
        await until_shown(app, "1 of 2 right")
        assert isinstance(app.screen, MyAnswers)
        await until_shown(app, "B  WRONG   <- your answer")
        shown = text_of(app)
        assert "✓ A  RIGHT   <- right answer" in shown
        assert "Doubling is adding twice." in shown
        await pilot.press("down")
        await until_shown(app, "✓ A  RIGHT   <- right answer, your answer")
        await pilot.press("escape")
        await waiting(app)


@pytest.mark.parametrize("size", SIZES)
async def test_what_was_missed_is_practised_one_after_the_other_without_time(
    server: RunningServer, teacher: InstructorSession, size: tuple[int, int]
) -> None:
    app = student(server)
    async with seated(app, size) as pilot:
        await answer(teacher, app, pilot, 1, "a")
        assert "Practise" not in keys_of(app)  # there is nothing to practise
        await answer(teacher, app, pilot, 2, "b")
        await answer(teacher, app, pilot, 3, "c")
        assert "p Practise" in keys_of(app)
        await pilot.press("p")
        modal = await practising(app, "Practice 1 of 2")
        assert "Your teacher sees only how many you practise." in text_of(app)
        assert not modal.query_one(Countdown).display
        await pilot.press("a", "enter")
        await until_shown(app, "✓ Correct")
        await until_shown(app, "Doubling is adding twice.")
        assert "Press Enter to go on." in text_of(app)
        await pilot.press("x")  # no other key goes on
        await pilot.press("enter")
        await practising(app, "Practice 2 of 2")
        assert "Correct" not in text_of(app)
        await pilot.press("b", "enter")
        await until_shown(app, "✗ Incorrect")
        assert "The right answer is A  RIGHT" in text_of(app)
        assert "Press Enter to finish." in text_of(app)
        await pilot.press("enter")
        await waiting(app)
        await until_shown(app, "You practised 2 questions and got 1 right.")
    assert await responses(server) == 3
    await stored(server.store, "participants", {"student_id": "S001", "practised": 2})


async def test_escape_ends_practice_at_any_time(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await answer(teacher, app, pilot, 1, "b")
        for keys in ([], ["c"], ["c", "enter"]):
            await pilot.press("p")
            await practising(app, "Practice 1 of 1")
            await pilot.press(*keys)
            if "enter" in keys:
                await until_shown(app, "✗ Incorrect")
            await pilot.press("escape")
            await waiting(app)
        await until_shown(app, "You practised 1 question and got 0 right.")


async def test_a_round_takes_over_and_practice_goes_on_after_it(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await answer(teacher, app, pilot, 1, "b")
        await answer(teacher, app, pilot, 2, "b")
        await pilot.press("p")
        await practising(app, "Practice 1 of 2")
        await pilot.press("a", "enter")
        await until_shown(app, "✓ Correct")
        await pilot.press("enter")
        await practising(app, "Practice 2 of 2")
        await pilot.press("c")
        await teacher.trigger(duration=60)
        modal = await asked(app, 3)
        assert not isinstance(modal, PracticeModal)
        assert modal.query_one(Countdown).display
        await pilot.press("a", "enter")
        await until_shown(app, "✓ Correct")
        await pilot.press("x")
        again = await practising(app, "Practice 2 of 2")
        assert again.chosen == 2
        await until(lambda: again._settled, "time to look")
        await pilot.press("a", "enter")
        await until_shown(app, "✓ Correct")
        await pilot.press("enter")
        await until_shown(app, "You practised 2 questions and got 2 right.")
    assert await responses(server) == 3


async def test_a_double_enter_on_a_verdict_submits_no_practice(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await answer(teacher, app, pilot, 1, "b")
        await pilot.press("p")
        await practising(app, "Practice 1 of 1")
        await pilot.press("c")
        await teacher.trigger(duration=60)
        await asked(app, 2)
        await pilot.press("a", "enter")
        await until_shown(app, "Press any key")
        await pilot.press("enter", "enter")
        modal = await practising(app, "Practice 1 of 1")
        assert modal.phase is Phase.CHOOSING
        await until(lambda: modal._settled, "time to look")
        await pilot.press("enter")
        await until_shown(app, "✗ Incorrect")


async def test_who_is_removed_while_their_answers_are_read_sees_the_form(
    server: RunningServer, teacher: InstructorSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await answer(teacher, app, pilot, 1, "b")
        asked_for, go_on = asyncio.Event(), asyncio.Event()

        async def slow(_: Student) -> OwnHistory:
            asked_for.set()
            await go_on.wait()
            raise QuizError(Code.UNAVAILABLE, "The database can't be reached.")

        monkeypatch.setattr(server.service.practice, "history", slow)
        await pilot.press("h")
        await asked_for.wait()
        await teacher.remove_student("S001")
        await until(lambda: isinstance(app.screen, JoinScreen), "the form")
        go_on.set()
        await until(lambda: all(each.is_finished for each in app.workers if each.name == "own"))
        await pilot.pause()
        assert app.is_running
        assert isinstance(app.screen, JoinScreen)


async def test_a_round_takes_over_from_my_answers(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await answer(teacher, app, pilot, 1, "b")
        await pilot.press("h")
        await until_shown(app, "0 of 1 right")
        await teacher.trigger(duration=60)
        await asked(app, 2)
        await pilot.press("a", "enter")
        await until_shown(app, "✓ Correct")
        await pilot.press("x")
        await waiting(app)


async def test_a_number_is_typed_and_practised(
    server: RunningServer, teacher: InstructorSession
) -> None:
    await server.store.questions.retire(
        [q.id for q in await server.store.questions.page(None, 99)], utc_now()
    )
    await server.import_questions([NUMERIC])
    app = student(server)
    async with seated(app) as pilot:
        await teacher.trigger(duration=60)
        await until_shown(app, "Question 1 ")
        await teacher.close_round()
        await until_shown(app, "Press any key")
        await pilot.press("x")
        await waiting(app)
        await pilot.press("p")
        await practising(app, "Practice 1 of 1")
        await pilot.press(*"9.8", "enter")
        await until_shown(app, "✗ Incorrect")
        assert "The right answer is 9.81" in text_of(app)
        await pilot.press("escape")
        await waiting(app)
        await pilot.press("h")
        await until_shown(app, "✓ 9.81   <- right answer")


async def test_without_the_teachers_leave_there_is_no_practice(
    server: RunningServer, teacher: InstructorSession
) -> None:
    await server.stop()
    server.policy = Policy(TOKEN)
    await server.start()
    colleague = await server.instructor()
    app = student(server)
    async with seated(app) as pilot:
        await answer(colleague, app, pilot, 1, "b")
        assert "h My answers" in keys_of(app)
        assert "Practise" not in keys_of(app)
        await pilot.press("p")
        await pilot.pause()
        assert isinstance(app.screen, WaitingRoom)


async def test_an_answer_that_could_not_be_checked_is_kept_and_sent_again(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await answer(teacher, app, pilot, 1, "b")
        await pilot.press("p")
        modal = await practising(app, "Practice 1 of 1")
        await server.stop()
        await until_shown(app, "no connection")
        await pilot.press("a", "enter")
        await until_shown(app, "Not checked. The server can't be reached right now.")
        assert modal.chosen == 0
        await server.start()
        await until_shown(app, "● connected")
        await pilot.press("enter")
        await until_shown(app, "✓ Correct")


async def test_a_question_that_was_taken_out_is_passed_over(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await answer(teacher, app, pilot, 1, "b")
        await answer(teacher, app, pilot, 2, "b")
        await pilot.press("p")
        modal = await practising(app, "Practice 1 of 2")
        await server.store.questions.retire([modal.progress.current.question_id], utc_now())
        await pilot.press("a", "enter")
        await until_shown(app, "Your teacher has taken this question out.")
        await pilot.press("enter")
        await practising(app, "Practice 2 of 2")


async def test_a_refusal_is_said_in_the_waiting_room(
    server: RunningServer, teacher: InstructorSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise QuizError(Code.UNAVAILABLE, "The database is not responding. Please try again.")

    app = student(server)
    async with seated(app) as pilot:
        await answer(teacher, app, pilot, 1, "b")
        monkeypatch.setattr(server.service.store.history, "of_students", refuse)
        for key in ("h", "p"):
            await pilot.press(key)
            await until_shown(app, "The database is not responding.")
            assert isinstance(app.screen, WaitingRoom)
        assert not isinstance(app.screen, QuestionModal)
