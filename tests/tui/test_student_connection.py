"""A student's terminal whose connection goes, is taken over, or is given up."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from livequiz.client.instructor import InstructorSession
from livequiz.protocol.messages import StudentLeft
from livequiz.protocol.requests import SubmitAnswer
from livequiz.server.quiz.service import utc_now
from livequiz.tui.student.join import JoinScreen
from livequiz.tui.student.waiting import WaitingRoom
from tests.conftest import RunningServer
from tests.freezing import frozen_at_a_commit
from tests.patience import patient
from tests.tui.at_student import (
    asked,
    responses,
    seated,
    state_folder,
    student,
    teacher,
)
from tests.tui.looking import ShiftedClock, text_of, until, until_shown

__all__ = ["state_folder", "teacher"]  # fixtures


async def test_a_reconnect_puts_the_question_back_with_the_choice_already_made(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await teacher.trigger(duration=60)
        modal = await asked(app)
        await server.stop()
        await until_shown(app, "○ no connection, retrying")
        await pilot.press("b")
        await until_shown(
            app, "Choose and press Enter: it will be sent once the connection is back."
        )
        await server.start()
        await until_shown(app, "● connected")
        await until_shown(app, "Press Enter to submit B.")
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
        await until_shown(app, "Not stored yet: will be sent once the connection is back")
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
        await until_shown(app, "Time is up. Your answer will be sent once the connection is back")
        server.policy = replace(server.policy, grace=0)
        await server.start()
        await until_shown(app, "The right answer is A  RIGHT", timeout=patient(15))
        assert "○ Not stored" in text_of(app)
    assert await responses(server) == 0


async def test_an_answer_in_doubt_is_checked_until_the_screen_shows_what_counts(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await server.student("S002")  # keeps the round open
        await teacher.trigger(duration=60)
        await asked(app)
        await pilot.press("a")
        async with frozen_at_a_commit(server.store):
            await pilot.press("enter")
            await until_shown(
                app, "Your answer may have been stored; checking…", timeout=patient(20)
            )
        await until_shown(app, "✓ Correct", timeout=patient(20))
    assert await responses(server) == 1


async def test_the_answer_that_counts_is_named_where_another_one_was_sent_later(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await server.student("S002")
        await teacher.trigger(duration=60)
        question = (await asked(app)).question
        # It was sent from a terminal that was closed before it heard of it.
        first = SubmitAnswer("S001", question.question_id, 1, 1.0, question.round_id)
        await server.service.answers.answer("TEST", first, utc_now())
        await pilot.press("a", "enter")
        await until_shown(app, "✗ Incorrect")
        assert "Your first answer counts: B." in text_of(app)
        assert "✓ right answer" in text_of(app)
        assert "your answer" in text_of(app)


async def test_a_waiting_room_shows_the_lost_connection_too(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app):
        await server.stop()
        await until_shown(app, "○ no connection, retrying (1 s)")
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
            await until_shown(first, "Press Join to continue in this terminal instead.")
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
        await until_shown(app, "if you think this is a mistake.")
        await pilot.press("enter")
        await until_shown(app, "! ")
        assert isinstance(app.screen, JoinScreen)


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
    async with asyncio.timeout(patient(10)):
        async for event in teacher.events():
            if isinstance(event, StudentLeft):
                assert event.reason == "left"
                break


async def test_a_verdict_that_is_shown_keeps_its_points_over_a_reconnect(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await server.student("S002")  # keeps the round open
        await teacher.trigger(duration=60)
        await asked(app)
        await pilot.press("a", "enter")
        await until_shown(app, "+1 point")
        await server.stop()
        await until_shown(app, "○ no connection, retrying")
        await server.start()
        await until_shown(app, "● connected")
        await pilot.pause()
        assert "+1 point" in text_of(app)
