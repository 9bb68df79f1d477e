"""A student's terminal for tests: a class to join, and how to get to a question."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from livequiz.client import session_runner
from livequiz.client.instructor import InstructorSession
from livequiz.tui.student import question
from livequiz.tui.student.app import StudentApp
from livequiz.tui.student.question import QuestionModal
from livequiz.tui.widgets.answer_options import AnswerOptions
from tests.conftest import RunningServer
from tests.tui.looking import text_of, until, until_shown

HOSTILE = "[/] [red]x[/red] [b \x1b[31mred\x1b[0m\x9b2J \u202eright\u200b"
ANSWERS = ["RIGHT", "WRONG", "OTHER"]


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep what the app remembers and logs out of the home folder, and let it hurry."""
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr(session_runner, "RETRY", 0.1)
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
    await Pilot(app).pause()  # laid out, too
    assert isinstance(app.screen, QuestionModal)
    return app.screen


async def responses(server: RunningServer) -> int:
    return len(await server.store.rounds.meeting_responses("TEST"))
