"""The leaderboard in a student's waiting room: what is said, and when it is gone."""

from __future__ import annotations

import pytest

from livequiz.client.event_types import ConnectionBack
from livequiz.client.instructor import InstructorSession
from livequiz.domain.model import NamesAs
from livequiz.protocol.leaderboard import Leaderboard, Place
from livequiz.protocol.messages import NewQuestion, RoundClosed
from livequiz.tui.student.question import QuestionModal
from livequiz.tui.student.waiting import WaitingRoom
from livequiz.tui.widgets.place_rows import PlaceRows
from tests.conftest import RunningServer
from tests.helpers import next_of
from tests.tui.at_student import asked, seated, state_folder, student, teacher
from tests.tui.looking import text_of, until, until_shown

__all__ = ["state_folder", "teacher"]  # fixtures


def rows_of(text: str) -> list[list[str]]:
    """Return the words of each line."""
    return [line.split() for line in text.split("\n")]


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 48)])
async def test_a_student_sees_their_place_after_reading_the_verdict(
    server: RunningServer, teacher: InstructorSession, size: tuple[int, int]
) -> None:
    bob = await server.student("S002", "Bob")
    app = student(server)
    async with seated(app, size) as pilot:
        await teacher.trigger(duration=600)
        question = await next_of(bob, NewQuestion)
        right = question.options.index("RIGHT")
        await bob.answer(question.question_id, question.round_id, right, spent=1)
        modal = await asked(app)
        await pilot.press("abc"[(modal.question.options.index("RIGHT") + 1) % 3], "enter")
        await next_of(teacher, RoundClosed)
        await teacher.show_leaderboard()
        room = app.screen_stack[1]
        await until(lambda: room.query_one(PlaceRows).display, "places in the waiting room")
        assert isinstance(app.screen, QuestionModal)
        assert "Incorrect" in text_of(app)
        assert "You are 2nd" not in text_of(app)
        await pilot.press("x")
        await until_shown(app, "You are 2nd of 2")
        for shown in (["1", "Bob", "1", "point"], ["2", "Alice", "(you)", "0", "points"]):
            assert shown in [row[: len(shown)] for row in rows_of(text_of(app))]
        assert "You are in, Alice." in text_of(app)
        assert "0 of 1 right" in text_of(app)
        await teacher.show_leaderboard(shown=False)
        await until(lambda: "You are 2nd" not in text_of(app) and "Bob" not in text_of(app))
        await teacher.show_leaderboard(top=1, names=NamesAs.NICKNAMES)
        await until_shown(app, ", 2nd of 2")
        assert "Bob" not in text_of(app)
        await teacher.trigger(duration=600)
        await asked(app, 2)
        await teacher.close_round()
        await until_shown(app, "Press any key to go back.")
        await pilot.press("x")
        await until(lambda: isinstance(app.screen, WaitingRoom))
        assert "2nd of 2" not in text_of(app)


async def test_who_comes_late_sees_what_the_class_sees(
    server: RunningServer, teacher: InstructorSession
) -> None:
    bob = await server.student("S002", "Bob")
    await teacher.trigger(duration=600)
    question = await next_of(bob, NewQuestion)
    right = question.options.index("RIGHT")
    await bob.answer(question.question_id, question.round_id, right, spent=1)
    await next_of(teacher, RoundClosed)
    await teacher.show_leaderboard()
    app = student(server)
    async with seated(app):
        await until_shown(app, "You have no place yet")
        assert "(you)" not in text_of(app)


async def test_a_leaderboard_that_was_missed_is_there_after_a_reconnect(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app):
        await until_shown(app, "1 here")
        assert app._link._session is not None
        joined = app._link._session.joined
        assert joined is not None
        joined.leaderboard = Leaderboard("0" * 24, [Place(1, "Alice", 3, 1, own=True)], 21)
        await app.handle(ConnectionBack(joined))
        await until_shown(app, "You are 1st of 21 (up 1)")
        joined.leaderboard = None
        await app.handle(ConnectionBack(joined))
        await until(lambda: "You are 1st" not in text_of(app))


async def test_many_places_scroll_below_the_sentence(
    server: RunningServer, teacher: InstructorSession
) -> None:
    places = [Place(n, f"Student {n}", 90 - n, n % 3 - 1) for n in range(1, 50)]
    places.append(Place(50, "Alice", 40, 1, own=True))
    app = student(server)
    async with seated(app) as pilot:
        await until_shown(app, "1 here")
        await app.handle(Leaderboard("0" * 24, places, 50))
        await until_shown(app, "Student 1 ")
        assert "(you)" not in text_of(app)
        await pilot.press("end")
        await until_shown(app, "Alice (you)")
        assert "You are 50th of 50 (up 1)" in text_of(app)
