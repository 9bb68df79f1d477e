"""What a student's terminal keeps of a join that it never heard of."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from livequiz.client import remembered
from livequiz.client.event_types import Event
from livequiz.client.join_entry import JoinEntry
from livequiz.client.session_runner import SessionRunner
from livequiz.domain.errors import Code, QuizError
from livequiz.protocol.messages import Joined
from livequiz.server.quiz.participants import token_hash
from tests.conftest import RunningServer
from tests.helpers import documents
from tests.server.bare import eventually
from tests.server.tap import Tap


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path))


class Terminal:
    """Takes what a runner tells, and gives up at once."""

    def __init__(self) -> None:
        self.heard: list[Joined | Event] = []
        self.refused: list[QuizError] = []
        self.runner = SessionRunner(self.deliver, self.refuse)

    async def deliver(self, event: Joined | Event) -> None:
        self.heard.append(event)

    def refuse(self, error: QuizError) -> bool:
        self.refused.append(error)
        return False


async def test_a_terminal_that_was_closed_before_its_first_join_was_answered_joins_again(
    server: RunningServer,
) -> None:
    await server.instructor()
    async with Tap(server.port) as tap:
        entry = JoinEntry(tap.url, "TEST", "S001", "Alice")
        closed = Terminal()
        tap.cut_at(b"resume_token")
        await closed.runner.run(entry)
        assert [error.code for error in closed.refused] == [Code.UNAVAILABLE]
        (stored,) = await documents(server.store, "participants")
        token = remembered.load().token(tap.url, "TEST", "S001")
        assert token_hash(token or "") == stored["resume_token_hash"]

        tap.mend()
        opened = Terminal()
        staying = asyncio.create_task(opened.runner.run(entry))
        await eventually(lambda: bool(opened.heard or opened.refused))
        staying.cancel()
        assert isinstance(opened.heard[0], Joined)
        assert opened.heard[0].resume_token == token
