"""`serve --balance`: the questions of a round are about equally hard."""

from __future__ import annotations

from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, Connect, RunningServer
from tests.helpers import bank


async def test_students_take_turns_with_easy_and_hard_questions(
    server: RunningServer, connect: Connect
) -> None:
    await server.stop()
    server.policy = Policy(TOKEN, balance=True)
    await server.start()
    levels = ("easy", "hard")
    await server.import_questions(
        [{**q, "difficulty": levels[n % 2], "question": f"{n}?"} for n, q in enumerate(bank(24))]
    )
    teacher = await connect()
    await teacher.teach(TOKEN)
    students = {f"S00{n}": await connect() for n in range(1, 5)}
    for student_id, client in students.items():
        await client.join(student_id)
    had: dict[str, list[str]] = {student_id: [] for student_id in students}
    for _ in range(6):
        await teacher.trigger(duration=60)
        asked = [(await client.next("NEW_QUESTION"))["question_id"] for client in students.values()]
        assert len(set(asked)) == 4
        questions = await server.store.questions.get_many(asked)
        for student_id, question_id in zip(students, asked, strict=True):
            difficulty = questions[question_id].difficulty
            assert difficulty is not None
            had[student_id].append(difficulty.value)
        await teacher.ok("close_round", {"meeting_id": "TEST"})
    hard = [levels_of.count("hard") for levels_of in had.values()]
    assert max(hard) - min(hard) <= 1
