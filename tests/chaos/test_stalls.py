"""A database or a server that stands still for a while, in a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from livequiz.client.instructor import InstructorSession
from livequiz.client.student import StudentSession
from livequiz.domain.errors import Code, QuizError
from livequiz.protocol.messages import MeetingUpdated, NewQuestion, RoundExtended
from tests.chaos.host import MEETING, Host
from tests.freezing import freeze
from tests.helpers import bank, next_of
from tests.patience import PATIENCE

DURATION = 5.0  # seconds


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Host]:
    host = Host(tmp_path / "data", bank(3))
    await host.start()
    yield host
    await host.stop()


@pytest.fixture
async def teacher(host: Host) -> AsyncIterator[InstructorSession]:
    session = InstructorSession(host.url)
    await session.open()
    await session.join("teacher", MEETING, host.token)
    yield session
    await session.close()


@pytest.fixture
async def other(host: Host, teacher: InstructorSession) -> AsyncIterator[StudentSession]:
    """A student who never answers, so that no round is complete."""
    session = StudentSession(host.url)
    await session.open()
    await session.join("S002", MEETING, "Bob")
    yield session
    await session.close()


@pytest.fixture
async def student(host: Host, teacher: InstructorSession) -> AsyncIterator[StudentSession]:
    session = StudentSession(host.url)
    await session.open()
    await session.join("S001", MEETING, "Alice")
    yield session
    await session.close()


async def told_of(teacher: InstructorSession, field: str) -> float:
    """Return the field of the next `meeting_updated` that has it."""
    while True:
        value = getattr(await next_of(teacher, MeetingUpdated), field)
        if value is not None:
            return float(value)


async def test_a_frozen_database_costs_nobody_time_and_no_answer(
    host: Host, teacher: InstructorSession, student: StudentSession, other: StudentSession
) -> None:
    await teacher.trigger(duration=DURATION)
    question = await next_of(student, NewQuestion)
    mongod = host.mongod
    await asyncio.to_thread(freeze, mongod)
    try:
        answering = asyncio.create_task(
            student.answer(question.question_id, question.round_id, 1, spent=1)
        )
        assert await told_of(teacher, "database_away") > 0
        with pytest.raises(QuizError) as refusal:  # bounded in time, and said in words
            await teacher.trigger(duration=DURATION)
        assert refusal.value.code in {Code.UNAVAILABLE, Code.CONFLICT}
        # A time and no event: past the deadline and the grace nothing may happen.
        await asyncio.sleep(DURATION + 2)
        assert not answering.done()
    finally:
        os.kill(mongod, signal.SIGCONT)
    moved = await told_of(teacher, "moved")
    assert moved > DURATION
    extended = await next_of(other, RoundExtended)
    assert 0 < extended.remaining <= DURATION
    result = await asyncio.wait_for(answering, PATIENCE * 2)
    assert result.correct is True
    # The write may have come through unheard, but it counts once.
    snapshot = await teacher.snapshot()
    assert snapshot.round is not None
    assert (snapshot.round.stats.answered, snapshot.round.stats.correct) == (1, 1)
    assert {row.student_id: row.answer for row in snapshot.assignments} == {"S001": 1, "S002": None}


async def test_a_paused_server_gives_the_time_back(
    host: Host, teacher: InstructorSession, student: StudentSession, other: StudentSession
) -> None:
    await teacher.trigger(duration=DURATION)
    question = await next_of(student, NewQuestion)
    host.pause()
    await asyncio.sleep(DURATION + 2)  # how long it stands still; nobody could tell of its end
    answering = asyncio.create_task(
        student.answer(question.question_id, question.round_id, 1, spent=1)
    )
    host.go_on()
    assert await told_of(teacher, "moved") > DURATION
    assert (await asyncio.wait_for(answering, PATIENCE)).correct is True
