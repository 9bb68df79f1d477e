"""A class of raw clients on the server of a test."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import msgspec
import pytest

from livequiz.bench.classes import MeasuredClass
from livequiz.bench.questions import questions
from livequiz.bench.stored import stored_by
from livequiz.bench.subject import Subject
from tests.conftest import RunningServer

SIZE = 8


@pytest.fixture
def subject(server: RunningServer, mongo_url: str) -> Subject:
    """The server of this test, as the benchmark sees one."""
    return Subject(
        name="LiveQuiz",
        url=server.url,
        pid=os.getpid(),
        meeting="TEST",
        mongo_url=mongo_url,
        database=server.store._database.name,
        token=server.token,
    )


@pytest.fixture
async def group(server: RunningServer, subject: Subject) -> AsyncIterator[MeasuredClass]:
    """A class that has joined."""
    await server.import_questions(msgspec.to_builtins(questions(30)))
    async with stored_by(subject) as stored:
        group = MeasuredClass(subject, SIZE, stored)
        await group.join()
        yield group
        group.leave()
