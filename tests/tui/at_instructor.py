"""An instructor's terminal for tests: a dashboard, and how to send a round from it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from livequiz.client.student import StudentSession
from livequiz.protocol.messages import NewQuestion
from livequiz.tui.instructor.app import InstructorApp
from livequiz.tui.instructor.dashboard import Dashboard
from livequiz.tui.instructor.send import SendDialog
from livequiz.tui.widgets.response_table import ResponseTable
from tests.conftest import RunningServer
from tests.helpers import next_of
from tests.tui.looking import until, until_shown

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
