"""The original's example session, walked from end to end."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import Any

import aiohttp

from livequiz.protocol.messages import NewQuestion, RoundClosed, StudentRoundClosed
from tests.conftest import TOKEN, Connect, RunningServer
from tests.helpers import KEYS, QUESTIONS, Json, RawClient, documents, next_of

CLASS = {"S001": "Alice Johnson", "S002": "Bob Smith", "S003": "Charlie Brown"}


async def test_example_session_gives_different_questions_and_exact_statistics(
    server: RunningServer,
) -> None:
    await server.import_questions(QUESTIONS)
    teacher = await server.instructor("TEST")
    students = [await server.student(student_id, name) for student_id, name in CLASS.items()]
    sent = await teacher.trigger(duration=30)
    assert sent.distinct
    assert sent.count == 3
    questions = [await next_of(student, NewQuestion) for student in students]
    assert len({question.question_id for question in questions}) == 3

    for student, question, right in zip(students, questions, (True, False, True), strict=True):
        key = KEYS[question.question]
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


# Who answers rightly, in each of three rounds.
SCRIPT = [
    {"S001": True, "S002": False, "S003": True},
    {"S001": False, "S002": False, "S003": True},
    {"S001": True, "S002": True, "S003": True},
]
# (answered, correct, accuracy) of the round, after each answer.
ROUND_TALLIES = [
    [(1, 1, 100.0), (2, 1, 50.0), (3, 2, 66.7)],
    [(1, 0, 0.0), (2, 0, 0.0), (3, 1, 33.3)],
    [(1, 1, 100.0), (2, 2, 100.0), (3, 3, 100.0)],
]


class Expected:
    """The statistics, counted by hand while the session goes on."""

    def __init__(self) -> None:
        self.verdicts: dict[str, list[bool]] = defaultdict(list)  # by question id

    def add(self, question_id: str, right: bool) -> Json:
        """Count an answer and return what is to be said of its question."""
        self.verdicts[question_id].append(right)
        return self.of(question_id)

    def of(self, question_id: str) -> Json:
        verdicts = self.verdicts[question_id]
        return {
            "question_id": question_id,
            "responses": len(verdicts),
            "correct": sum(verdicts),
            "accuracy": round(100 * sum(verdicts) / len(verdicts), 1),
        }


async def test_statistics_are_exact_in_updates_in_rest_and_in_the_database(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(QUESTIONS)
    students = {student_id: await join(student_id, name) for student_id, name in CLASS.items()}
    expected, updates = Expected(), []
    for script, tallies in zip(SCRIPT, ROUND_TALLIES, strict=True):
        sent = await teacher.trigger(duration=60)
        assert (sent["distinct"], sent["count"]) == (True, 3)
        for (student_id, right), tally in zip(script.items(), tallies, strict=True):
            question = await students[student_id].next("NEW_QUESTION")
            key = KEYS[question["question"]]
            choice = key if right else (key + 1) % 3
            result = await students[student_id].answer(student_id, question, choice)
            assert (result["correct"], result["correct_answer"]) == (right, key)
            update = await teacher.next("ANSWER_UPDATE")
            updates.append(update)
            assert (update["student_name"], update["answer"]) == (CLASS[student_id], choice)
            assert update["correct"] is right
            assert update["response_time"] == result["response_time"]
            assert update["stats"]["question"] == expected.add(question["question_id"], right)
            stats = update["stats"]["round"]
            assert (stats["answered"], stats["correct"], stats["accuracy"]) == tally
            assert stats["assigned"] == 3
        closed = await teacher.next("round_closed")
        assert (closed["reason"], closed["summary"]["unanswered"]) == ("complete", [])
        assert closed["summary"]["stats"] == stats

    # Three rounds of three questions: everybody had every question once.
    assert sorted(map(len, expected.verdicts.values())) == [3, 3, 3]
    await _assert_rest_agrees(server, expected, updates)
    await _assert_database_agrees(server, expected, updates)


async def _assert_rest_agrees(
    server: RunningServer, expected: Expected, updates: list[Json]
) -> None:
    url = f"{server.url}/api/v1/meetings/TEST/stats"
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session,
        session.get(url) as reply,
    ):
        stats: dict[str, Any] = await reply.json()
    assert (stats["rounds"], stats["responses"], stats["correct"]) == (3, 9, 6)
    assert stats["accuracy"] == 66.7
    times = [update["response_time"] for update in updates]
    assert stats["mean_response_time"] == round(sum(times) / 9, 3)
    assert stats["round"] == updates[-1]["stats"]["round"]
    texts = {str(row["_id"]): row["question"] for row in await documents(server.store, "questions")}
    rows = sorted(stats["questions"], key=lambda row: str(row["question_id"]))
    assert rows == [
        {**expected.of(question_id), "question": texts[question_id]}
        for question_id in sorted(expected.verdicts)
    ]


async def _assert_database_agrees(
    server: RunningServer, expected: Expected, updates: list[Json]
) -> None:
    responses = await documents(server.store, "responses")
    assert [(row["student_id"], row["answer"], row["correct"]) for row in responses] == [
        (update["student_id"], update["answer"], update["correct"]) for update in updates
    ]
    for question_id, verdicts in expected.verdicts.items():
        assert [row["correct"] for row in responses if str(row["question_id"]) == question_id] == (
            verdicts
        )
    rounds = await documents(server.store, "rounds")
    assert [row["counts"] for row in rounds] == [
        {"assigned": 3, "answered": 3, "correct": correct} for correct in (2, 1, 3)
    ]
    assignments = await documents(server.store, "student_questions")
    assert {row["status"] for row in assignments} == {"answered"}
    for earlier, later in pairwise(
        sorted((a["student_id"], a["question_id"]) for a in assignments)
    ):
        assert earlier != later  # nobody had a question twice
    points = {row["student_id"]: row for row in await documents(server.store, "participants")}
    assert {key: (row["total_points"], row["streak"]) for key, row in points.items()} == {
        "S001": (2, 1),
        "S002": (1, 1),
        "S003": (3, 3),
    }
