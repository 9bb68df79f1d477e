"""The student's app against a real server: every state of its screens, by keyboard alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from livequiz.client.instructor import InstructorSession
from livequiz.domain.model import CloseReason, Draft, Reveal
from livequiz.protocol.events import TRIGGER_QUESTIONS
from livequiz.protocol.messages import QuestionsSent, StudentLeft
from livequiz.protocol.requests import TriggerQuestions
from livequiz.server.service import utc_now
from livequiz.tui.student import link, question
from livequiz.tui.student.app import StudentApp
from livequiz.tui.student.join import JoinScreen
from livequiz.tui.student.question import Phase, QuestionModal
from livequiz.tui.student.waiting import WaitingRoom
from livequiz.tui.widgets.answer_options import AnswerOptions
from livequiz.tui.widgets.confirm import Confirm
from tests.conftest import RunningServer
from tests.tui.looking import ShiftedClock, StoppedClock, text_of, until, until_shown

HOSTILE = "[/] [red]x[/red] [b \x1b[31mred\x1b[0m\x9b2J \u202eright\u200b"
ANSWERS = ["RIGHT", "WRONG", "OTHER"]


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep what the app remembers and logs out of the home folder, and let it hurry."""
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr(link, "RETRY", 0.1)
    monkeypatch.setattr(question, "SETTLE_AT_FIRST", 0.0)
    monkeypatch.setattr(question, "SETTLE_VERDICT", 0.0)
    return tmp_path / "state"


@pytest.fixture
async def teacher(server: RunningServer) -> InstructorSession:
    """An instructor, and a bank of questions whose first option is right."""
    await server.import_questions(
        [
            {
                "question": f"What is {n} + {n}?",
                "options": ANSWERS,
                "correct": 0,
                "explanation": "Doubling is adding twice.",
            }
            for n in range(6)
        ]
    )
    return await server.instructor()


def student(server: RunningServer, student_id: str = "S001", name: str = "Alice") -> StudentApp:
    return StudentApp(server.url, "TEST", student_id, name)


@asynccontextmanager
async def seated(app: StudentApp, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    """Run an app that joins at once, and wait until it is in."""
    async with app.run_test(size=size) as pilot:
        await until_shown(app, "You are in")
        yield pilot


async def asked(app: StudentApp, number: int = 1) -> QuestionModal:
    """Wait for a round's question, and return its screen."""
    await until(lambda: isinstance(app.screen, QuestionModal), f"a question on\n{text_of(app)}")
    await until_shown(app, f"Question {number} ")
    await until(lambda: isinstance(app.focused, AnswerOptions), "options that take keys")
    assert isinstance(app.screen, QuestionModal)
    return app.screen


async def responses(server: RunningServer) -> int:
    return len(await server.store.rounds.meeting_responses("TEST"))


# --- joining ---------------------------------------------------------------------------------


async def test_a_student_types_the_form_and_is_in(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = StudentApp()
    async with app.run_test() as pilot:
        await until_shown(app, "Join your class")
        for typed in (server.url, "test", "S001", "Alice Johnson"):
            await pilot.press(*typed, "enter")
        await until_shown(app, "You are in, Alice Johnson.")
        assert "TEST" in text_of(app)
        assert "● connected" in text_of(app)
    snapshot = await teacher.snapshot()
    assert [row.name for row in snapshot.students] == ["Alice Johnson"]


async def test_keys_that_are_typed_ahead_reach_the_field_they_were_meant_for() -> None:
    app = StudentApp("http://host:5000")
    async with app.run_test():
        await until(lambda: app.focused is not None and app.focused.id == "meeting_id")
        for character in "TEST\rS001\rAl":  # all at once, as a terminal delivers them after a stall
            app.post_message(events.Key("enter" if character == "\r" else character, character))
        await until(lambda: app.screen.query_one("#name", Input).value == "Al", text_of(app))
        assert app.screen.query_one("#meeting_id", Input).value == "TEST"
        assert app.screen.query_one("#student_id", Input).value == "S001"


@pytest.mark.parametrize(
    ("values", "field", "why"),
    [
        (("", "TEST", "S1", "Al"), "url", "Type the address"),
        (("http://", "TEST", "S1", "Al"), "url", "'http://' is not an address"),
        (("a b", "TEST", "S1", "Al"), "url", "'a b' is not an address"),
        (("host", "", "S1", "Al"), "meeting_id", "Type the code"),
        (("host", "a/b", "S1", "Al"), "meeting_id", "Only letters, digits"),
        (("host", "TEST", "S 1", "Al"), "student_id", "Only letters, digits"),
        (("host", "TEST", "[/]", "Al"), "student_id", "Only letters, digits"),
        (("host", "TEST", "S1", "\u200b"), "name", "Type your name"),
        (("host", "TEST", "S1", "x" * 81), "name", "A name has at most 80 characters"),
    ],
)
async def test_a_wrong_field_says_why_beside_itself_and_gets_the_focus(
    values: tuple[str, str, str, str], field: str, why: str
) -> None:
    app = StudentApp()
    async with app.run_test() as pilot:
        for name, value in zip(("url", "meeting_id", "student_id", "name"), values, strict=True):
            app.screen.query_one(f"#{name}", Input).value = value
        app.screen.query_one("#join").focus()
        await pilot.press("enter")
        await until_shown(app, f"! {why}")
        assert app.focused is not None
        assert app.focused.id == field


async def test_the_form_begins_at_the_first_field_that_is_missing() -> None:
    app = StudentApp("http://host:5000", None, "S001")
    async with app.run_test() as pilot:
        await until(lambda: app.focused is not None and app.focused.id == "meeting_id")
        assert "http://host:5000" in text_of(app)
        await pilot.press(*"TEST", "enter")
        assert app.focused is not None
        assert app.focused.id == "name", "a field that is filled in was not skipped"


async def test_arrows_move_between_the_fields() -> None:
    app = StudentApp("http://host:5000")
    async with app.run_test() as pilot:
        await until(lambda: app.focused is not None and app.focused.id == "meeting_id")
        await pilot.press("down")
        assert app.focused is not None
        assert app.focused.id == "student_id"
        await pilot.press("up", "up")
        assert app.focused.id == "url"


async def test_no_server_is_said_beside_the_address_and_tried_again(server: RunningServer) -> None:
    url = server.url
    await server.stop()
    app = StudentApp(url, "TEST", "S001", "Alice")
    async with app.run_test():
        await until_shown(app, "! No LiveQuiz server answers")
        await server.start()
        await server.instructor()
        await until_shown(app, "You are in, Alice.")


async def test_a_meeting_that_is_not_open_yet_is_waited_for(server: RunningServer) -> None:
    app = student(server)
    async with app.run_test():
        await until_shown(app, "There is no meeting TEST yet.")
        await server.instructor()
        await until_shown(app, "You are in, Alice.")


async def test_waiting_ends_when_the_student_changes_the_form(server: RunningServer) -> None:
    app = student(server)
    async with app.run_test() as pilot:
        await until_shown(app, "There is no meeting")
        app.screen.query_one("#meeting_id", Input).focus()
        await pilot.press("X")
        await until(lambda: "waiting" not in text_of(app))
        await until(lambda: not [worker for worker in app.workers if worker.is_running])
        assert isinstance(app.screen, JoinScreen)


async def test_waiting_ends_with_escape(server: RunningServer) -> None:
    app = student(server)
    async with app.run_test() as pilot:
        await until_shown(app, "There is no meeting")
        await pilot.press("escape")
        await until_shown(app, "Press Join to try again.")
        await server.instructor()
        app.screen.query_one("#join").focus()
        await pilot.press("enter")
        await until_shown(app, "You are in, Alice.")


async def test_an_id_that_is_in_use_is_said_beside_it(
    server: RunningServer, teacher: InstructorSession
) -> None:
    await server.student("S001")
    app = student(server)
    async with app.run_test():
        await until(lambda: "! " in text_of(app))
        assert app.focused is not None
        assert app.focused.id == "student_id"


async def test_a_locked_meeting_says_what_to_do(
    server: RunningServer, teacher: InstructorSession
) -> None:
    await teacher.lock(True)
    app = student(server)
    async with app.run_test():
        await until_shown(app, "This meeting is locked. Ask your teacher to unlock it.")


async def test_a_second_start_takes_the_same_seat(
    server: RunningServer, teacher: InstructorSession
) -> None:
    async with seated(student(server)) as pilot:
        await pilot.press("q")
    again = StudentApp(server.url, "TEST")
    async with seated(again):
        assert "You are in, Alice." in text_of(again)
    assert len((await teacher.snapshot()).students) == 1


async def test_what_is_only_remembered_fills_the_form_but_joins_nobody(
    server: RunningServer, teacher: InstructorSession
) -> None:
    async with seated(student(server)):
        pass
    app = StudentApp()
    async with app.run_test() as pilot:
        await until(lambda: app.focused is not None and app.focused.id == "join")
        assert "Alice" in text_of(app)
        await pilot.press("enter")
        await until_shown(app, "You are in, Alice.")


# --- answering -------------------------------------------------------------------------------


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
        assert "The right answer is A  RIGHT" in text_of(app)


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
        await until_shown(app, "Enter submits B.")
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
        first = await asked(app)
        await pilot.press("q")
        await until(lambda: isinstance(app.screen, Confirm))
        await teacher.close_round()
        await teacher.trigger(duration=30)
        second = await asked(app, 2)
        assert second is not first
        assert first not in app.screen_stack
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
        request = TriggerQuestions("TEST", 30, reveal=Reveal.AFTER_ROUND)
        await teacher.call(TRIGGER_QUESTIONS, request, QuestionsSent)
        await asked(app)
        await pilot.press("b", "enter")
        await until_shown(app, "● Stored")
        assert "Your teacher shows the answer after the round." in text_of(app)
        assert "✓ right answer" not in text_of(app)
        await pilot.press("x")
        await until(lambda: isinstance(app.screen, WaitingRoom))
        assert "● stored" in text_of(app)
        await teacher.close_round()
        await until_shown(app, "✗ Incorrect")
        assert "The right answer is A  RIGHT" in text_of(app)


# --- the connection --------------------------------------------------------------------------


async def test_a_reconnect_puts_the_question_back_with_the_choice_already_made(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await teacher.trigger(duration=60)
        modal = await asked(app)
        await server.stop()
        await until_shown(app, "○ no connection, trying again")
        await pilot.press("b")
        await until_shown(app, "Choose and press Enter: it is sent when the connection is back.")
        await server.start()
        await until_shown(app, "● connected")
        await until_shown(app, "Enter submits B.")
        assert app.screen is modal
        await pilot.press("enter")
        await until_shown(app, "✗ Incorrect")


async def test_an_answer_given_without_a_connection_is_sent_on_return(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await teacher.trigger(duration=60)
        await asked(app)
        await server.stop()
        await until_shown(app, "○ no connection")
        await pilot.press("a", "enter")
        await until_shown(app, "Not stored yet: sent when the connection is back")
        await server.start()
        await until_shown(app, "✓ Correct")
    assert await responses(server) == 1


async def test_an_answer_that_could_not_be_sent_in_time_is_said_not_to_be_stored(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    app.clock = clock = ShiftedClock()
    async with seated(app) as pilot:
        await teacher.trigger(duration=60)
        await asked(app)
        await server.stop()
        await until_shown(app, "○ no connection")
        await pilot.press("a", "enter")
        await until_shown(app, "Not stored yet")
        clock.ahead += 60
        overdue = {"$set": {"deadline": utc_now() - timedelta(seconds=30)}}
        for collection in ("rounds", "student_questions"):
            await server.store._database[collection].update_many({}, overdue)
        await until_shown(app, "Time is up. Your answer is sent when the connection is back")
        server.policy = replace(server.policy, grace=0)
        await server.start()
        await until_shown(app, "The right answer is A  RIGHT", timeout=15)
        assert "○ Not stored" in text_of(app)
    assert await responses(server) == 0


async def test_a_waiting_room_shows_the_lost_connection_too(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app):
        await server.stop()
        await until_shown(app, "○ no connection, trying again (1 s)")
        await server.start()
        await until_shown(app, "● connected")
        assert isinstance(app.screen, WaitingRoom)


async def test_another_terminal_takes_over_and_this_one_says_so(
    server: RunningServer, teacher: InstructorSession
) -> None:
    first, second = student(server), student(server)
    async with seated(first):
        await teacher.trigger(duration=30)
        await asked(first)
        async with second.run_test():
            await asked(second)
            await until_shown(first, "Press Join to go on in this terminal instead.")
            await until(lambda: not [worker for worker in first.workers if worker.is_running])
            assert isinstance(first.screen, JoinScreen)
            await teacher.close_round()
            await until_shown(second, "The round is over")


async def test_a_removed_student_is_told_and_can_come_back(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await teacher.trigger(duration=30)
        await asked(app)
        await teacher.remove_student("S001")
        await until_shown(app, "Your teacher has removed you")
        assert "Alice" in text_of(app)
        await until(lambda: app.focused is not None and app.focused.id == "join")
        await pilot.press("enter")
        await until(lambda: not isinstance(app.screen, JoinScreen))


async def test_a_banned_student_is_told_and_stays_out(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await teacher.remove_student("S001", ban=True)
        await until_shown(app, "if you think that is a mistake.")
        await pilot.press("enter")
        await until_shown(app, "! ")
        assert isinstance(app.screen, JoinScreen)


# --- leaving ---------------------------------------------------------------------------------


async def test_quitting_an_open_question_asks_back(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await teacher.trigger(duration=30)
        modal = await asked(app)
        await pilot.press("q")
        await until_shown(app, "Your question is still open.")
        await pilot.press("enter")
        await until(lambda: app.screen is modal)
        await pilot.press("ctrl+q")
        await until_shown(app, "Your question is still open.")
        await pilot.press("y")
        await until(lambda: not app.is_running)


async def test_quitting_the_waiting_room_tells_the_server(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await pilot.press("q")
        await until(lambda: not app.is_running)
    async with asyncio.timeout(10):
        async for event in teacher.events():
            if isinstance(event, StudentLeft):
                assert event.reason == "left"
                break


# --- what people type ------------------------------------------------------------------------


async def test_hostile_questions_and_options_are_only_text(
    server: RunningServer, teacher: InstructorSession
) -> None:
    # Straight into the store: an import refuses it, but the screen has to hold without that.
    await server.store.questions.add(
        [
            Draft(
                text=f"{HOSTILE} in the question",
                options=(f"{HOSTILE} 1", f"{HOSTILE} 2", "[bold"),
                correct=0,
                explanation=f"{HOSTILE} in the explanation",
                topics=("[hostile]",),
            )
        ],
        utc_now(),
    )
    app = student(server, name="[/] [red]x")
    async with seated(app) as pilot:
        assert "You are in, [/] [red]x." in text_of(app)
        await teacher.trigger(duration=30, topics=["[hostile]"])
        await asked(app)
        assert "[/] [red]x[/red] [b " in text_of(app)
        assert "[bold" in text_of(app)
        await pilot.press("b", "enter")
        await until_shown(app, "Incorrect")
        assert "in the explanation" in text_of(app)
        verdict = text_of(app)
        await pilot.press("x")
        await until(lambda: isinstance(app.screen, WaitingRoom))
        for shown in (verdict, text_of(app)):
            assert not set(shown) & set("\x1b\x9b\u202e\u200b")


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 48)])
async def test_a_long_question_with_many_options_can_be_answered_at_every_size(
    server: RunningServer, teacher: InstructorSession, size: tuple[int, int]
) -> None:
    options = [f"Option {n} is one with quite a lot of words in it, {n}" for n in range(1, 13)]
    await server.import_questions(
        [{"question": "Why? " * 60, "options": options, "correct": 11, "topics": ["long"]}]
    )
    app = student(server)
    async with seated(app, size) as pilot:
        await teacher.trigger(duration=30, topics=["long"])
        modal = await asked(app)
        await until_shown(app, "Why?")  # a question is read from its beginning
        await pilot.press("up")
        assert modal.chosen == 11
        await until_shown(app, "❯")
        await until_shown(app, "Enter submits L.")
        await pilot.press("enter")
        await until_shown(app, "✓ Correct")


async def test_every_key_of_the_footer_is_in_the_command_palette(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await teacher.trigger(duration=30)
        await asked(app)
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert {"Choose", "Submit", "Quit", "Keys", "Dark or light"} <= titles
        await pilot.press("b", "ctrl+p", *"submit", "enter")
        await until_shown(app, "✗ Incorrect")
