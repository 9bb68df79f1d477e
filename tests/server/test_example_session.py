"""The original's example session, walked from end to end."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

from livequiz.client.session import Event, Session
from livequiz.protocol.messages import AnswerUpdates, NewQuestion, RoundClosed, StudentRoundClosed
from tests.conftest import RunningServer

E = TypeVar("E")

QUESTIONS: list[dict[str, Any]] = [
    {"question": "What is 2+2?", "options": ["3", "4", "5", "6"], "correct": 1},
    {
        "question": "Capital of France?",
        "options": ["London", "Paris", "Berlin", "Madrid"],
        "correct": 1,
    },
    {"question": "Largest planet?", "options": ["Earth", "Mars", "Jupiter"], "correct": 2},
]


async def next_of(session: Session, kind: type[E]) -> E:
    """Return the next event of a kind; the others are passed over."""

    async def search() -> E:
        async for event in session.events():
            if isinstance(event, kind):
                return event
        raise AssertionError(f"no {kind.__name__} came")

    return await asyncio.wait_for(search(), 5)


async def test_example_session_gives_different_questions_and_exact_statistics(
    server: RunningServer,
) -> None:
    await server.import_questions(QUESTIONS)
    teacher = await server.instructor("TEST")
    students = [
        await server.student("S001", "Alice Johnson"),
        await server.student("S002", "Bob Smith"),
        await server.student("S003", "Charlie Brown"),
    ]
    sent = await teacher.trigger(duration=30)
    assert sent.distinct
    assert sent.count == 3
    questions = [await next_of(student, NewQuestion) for student in students]
    assert len({question.question_id for question in questions}) == 3

    keys = {q["question"]: q["correct"] for q in QUESTIONS}
    for student, question, right in zip(students, questions, (True, False, True), strict=True):
        key = keys[question.question]
        choice = key if right else (key + 1) % 3
        result = await student.answer(
            question.question_id, question.round_id, choice, spent=1.0, patience=5
        )
        assert result.correct is right
        assert result.correct_answer == key
    closed = await next_of(teacher, RoundClosed)
    assert closed.reason == "complete"
    assert closed.summary.stats.answered == 3
    assert closed.summary.stats.correct == 2
    assert closed.summary.stats.accuracy == 66.7
    ending = await next_of(students[1], StudentRoundClosed)
    assert ending.result is not None
    assert ending.result.correct is False
