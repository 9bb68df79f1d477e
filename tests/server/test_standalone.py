"""A MongoDB that is no replica set: it has no transactions, so one server works on it alone."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from livequiz.db.mongod.binary import child_environment, find_mongod
from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Counts
from livequiz.protocol.messages import RoundClosed
from livequiz.server.quiz.service import Policy
from tests.chaos.host import free_port
from tests.conftest import RunningServer
from tests.helpers import bank, next_of
from tests.patience import PATIENCE


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    port, binary = free_port(), find_mongod()
    process = subprocess.Popen(
        [
            *(str(binary.path), "--dbpath", str(tmp_path), "--port", str(port)),
            *("--bind_ip", "127.0.0.1", "--nounixsocket", "--wiredTigerCacheSizeGB", "0.25"),
        ],
        env=child_environment(),
        stdout=subprocess.DEVNULL,
    )
    store = Store(f"mongodb://127.0.0.1:{port}")
    try:
        async with asyncio.timeout(PATIENCE):
            await store.prepare()  # waits until it answers
        yield store
    finally:
        store.close()
        process.kill()
        process.wait()


async def test_a_lesson_is_held_on_it(store: Store, policy: Policy) -> None:
    server = RunningServer(store, policy)
    await server.start()
    await server.import_questions(bank(3))
    teacher = await server.instructor()
    students = [await server.student(f"S{number}") for number in range(2)]
    await teacher.trigger(duration=60)
    live = (await server.service.meetings.get("TEST")).latest
    assert live is not None
    for student, choice in zip(students, (0, 1), strict=True):
        assert student.joined is not None
        mine = live.assignments[student.joined.student_id]
        result = await student.answer(mine.question_id, live.round.id, choice, spent=1)
        assert result.correct is (choice == 1)
    closed = await next_of(teacher, RoundClosed)
    assert closed.summary.stats.answered == 2
    (stored,) = await store.rounds.page("TEST", 0, 10)
    assert stored.counts == Counts(2, 2, 1)
    await server.close()


async def test_a_second_server_is_refused_with_a_sentence(store: Store, policy: Policy) -> None:
    first, second = RunningServer(store, policy), RunningServer(store, policy)
    await first.start()
    with pytest.raises(QuizError) as refusal:
        await second.start()
    assert refusal.value.code is Code.CONFLICT
    assert "one node is enough" in refusal.value.message
    await second.stop()
    await first.close()
    # It may start once the first one has ended.
    await second.start()
    await second.close()
