"""The lesson that bad input is tried in, and a store that is listened to."""

from __future__ import annotations

import logging
import uuid
from collections.abc import AsyncIterator, Iterator

import pytest

from livequiz.db.store import Store
from tests.conftest import Connect, RunningServer
from tests.helpers import RawClient, bank
from tests.server.commands import Listener
from tests.server.lesson import Lesson


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
async def listened_store(mongo_url: str, listener: Listener) -> AsyncIterator[Store]:
    """A store whose commands a listener hears."""
    store = Store(mongo_url, f"livequiz_{uuid.uuid4().hex}", [listener])
    await store.prepare()
    yield store
    await store.drop()
    store.close()


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
