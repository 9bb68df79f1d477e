"""A network that goes away in the middle of a round, and comes back: M13."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from livequiz.client.event_types import ConnectionBack, ConnectionLost
from livequiz.client.instructor import InstructorSession
from livequiz.client.student import StudentSession
from livequiz.domain.errors import QuizError
from livequiz.protocol.messages import NewQuestion
from livequiz.protocol.snapshot import Snapshot
from livequiz.server.quiz.participants import token_hash
from livequiz.tui.instructor.board import Board
from tests.conftest import RunningServer
from tests.helpers import bank, documents, next_of
from tests.patience import PATIENCE
from tests.server.tap import Tap


@pytest.fixture
async def tap(server: RunningServer) -> AsyncIterator[Tap]:
    async with Tap(server.port) as tap:
        yield tap


async def test_a_dashboard_whose_network_went_away_equals_the_database_again(
    server: RunningServer, tap: Tap
) -> None:
    await server.import_questions(bank(6))
    teacher = InstructorSession(tap.url)
    server.sessions.append(teacher)
    await teacher.open()
    snapshot = await teacher.join("teacher", "TEST", server.token)
    board = Board()
    board.load(snapshot)
    students = [await server.student(f"S{number}") for number in range(6)]
    await teacher.trigger(duration=60)
    questions = [await next_of(student, NewQuestion) for student in students]
    for number, (student, question) in enumerate(zip(students, questions, strict=True)):
        if number == 2:
            tap.cut()
            await next_of(teacher, ConnectionLost)
        if number == 5:
            tap.mend()
            back = await asyncio.wait_for(next_of(teacher, ConnectionBack), PATIENCE * 2)
            assert isinstance(back.joined, Snapshot)
            board.load(back.joined)
            break
        await student.answer(question.question_id, question.round_id, 1, spent=1)
    stored = await documents(server.store, "responses")
    shown = {row.student_id: row.correct for row in board.rows.values() if row.arrived}
    assert shown == {row["student_id"]: row["correct"] for row in stored}
    assert len(shown) == 5
    assert board.round_stats.answered == 5


async def test_an_answer_given_without_a_network_is_stored_when_it_is_back(
    server: RunningServer, tap: Tap
) -> None:
    await server.import_questions(bank(2))
    teacher = await server.instructor()
    student = StudentSession(tap.url)
    server.sessions.append(student)
    await student.open()
    await student.join("S001", "TEST", "Alice")
    await server.student("S002")
    await teacher.trigger(duration=60)
    question = await next_of(student, NewQuestion)
    tap.cut()
    await next_of(student, ConnectionLost)
    answering = asyncio.create_task(
        student.answer(question.question_id, question.round_id, 1, spent=1)
    )
    await asyncio.wait_for(tap.in_vain.wait(), PATIENCE)
    assert not answering.done()
    tap.mend()
    again = await asyncio.wait_for(next_of(student, NewQuestion), PATIENCE * 2)
    assert again.question_id == question.question_id
    assert again.remaining < question.remaining
    assert (await asyncio.wait_for(answering, PATIENCE)).correct is True
    assert len(await documents(server.store, "responses")) == 1


async def test_a_first_join_whose_answer_is_lost_can_be_repeated(
    server: RunningServer, tap: Tap
) -> None:
    await server.instructor()
    student = StudentSession(tap.url)
    server.sessions.append(student)
    await student.open()
    tap.cut_at(b"resume_token")
    with pytest.raises(QuizError, match="can't be reached"):
        await student.join("S001", "TEST", "Alice")
    (stored,) = await documents(server.store, "participants")
    tap.mend()
    async with asyncio.timeout(PATIENCE * 2):
        while student.joined is None:
            await asyncio.sleep(0.1)
            with contextlib.suppress(QuizError):  # until the connection is back
                await student.join("S001", "TEST", "Alice")
    (again,) = await documents(server.store, "participants")
    assert again["resume_token_hash"] == stored["resume_token_hash"]
    assert token_hash(student.joined.resume_token) == stored["resume_token_hash"]
