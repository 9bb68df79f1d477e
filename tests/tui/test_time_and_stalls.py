"""The dashboard on extra time, and on a server or database that was away."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from livequiz.protocol.messages import MeetingUpdated, NewQuestion, RoundExtended
from livequiz.tui.instructor.extra_time import ExtraTimeDialog
from tests.conftest import RunningServer
from tests.helpers import bank, documents, next_of
from tests.tui.at_instructor import dashboard, send
from tests.tui.looking import text_of, until, until_shown


@pytest.fixture(autouse=True)
async def _meeting(server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path / "state"))
    await server.instructor("TEST")


async def test_a_student_is_given_extra_time_by_keyboard(server: RunningServer) -> None:
    await server.import_questions(bank(3))
    alice = await server.student("S001", "Alice Johnson")
    async with dashboard(server) as (app, pilot):
        await send(app, pilot)
        question = await next_of(alice, NewQuestion)
        await pilot.press("t")
        await until(lambda: isinstance(app.screen, ExtraTimeDialog), "the dialog")
        await until_shown(app, "How much time should Alice Johnson")
        await pilot.press("right", "right", "right", "enter")
        extended = await next_of(alice, RoundExtended)
        assert extended.remaining > question.duration
        await until(lambda: app.board.people["S001"].time_factor == 2, "twice the time")
        await until_shown(app, "×2")
    (stored,) = await documents(server.store, "participants")
    assert stored["time_factor"] == 2


async def test_a_database_that_is_away_is_said_until_it_is_back(server: RunningServer) -> None:
    async with dashboard(server) as (app, _):
        await app.handle(MeetingUpdated(meeting_id="TEST", locked=False, database_away=3.0))
        await until_shown(app, "MongoDB is not responding (3 s); answers wait")
        later = re.compile(r"MongoDB is not responding \(([4-9]|\d\d+) s\)")
        await until(lambda: later.search(text_of(app)), "a longer time")  # it grows by itself
        await app.handle(MeetingUpdated(meeting_id="TEST", locked=False, moved=9.6))
        await until_shown(app, "was unresponsive for 10 s; everyone got that time back")
