"""The lesson that bad input is tried in."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.conftest import Connect, RunningServer
from tests.helpers import RawClient, bank
from tests.server.lesson import Lesson


@pytest.fixture
async def lesson(server: RunningServer, teacher: RawClient, join: Connect) -> Lesson:
    await server.import_questions(bank(3))
    student, other = await join("S001"), await join("S002")
    await teacher.trigger(duration=60)
    questions = [await client.next("NEW_QUESTION") for client in (student, other)]
    return Lesson(server, student, teacher, other, *questions)


@pytest.fixture
def no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Bad input is nothing that a log has to tell of as an error."""
    yield
    loud = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert not loud, [record.getMessage() for record in loud]
