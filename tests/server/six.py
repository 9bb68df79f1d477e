"""Six students who answer as they are told."""

from __future__ import annotations

from typing import Any

from livequiz.client.instructor import InstructorSession
from livequiz.client.student import StudentSession
from livequiz.protocol.leaderboard import Leaderboard
from livequiz.protocol.messages import Joined, NewQuestion, RoundClosed
from tests.conftest import RunningServer
from tests.helpers import Json, next_of

NAMES = ["Alice Johnson", "Bob", "Carla", "Dan", "Eve", "Finn"]


class Class:
    """Six students who answer as they are told."""

    def __init__(
        self, server: RunningServer, teacher: InstructorSession, students: list[StudentSession]
    ) -> None:
        self.server = server
        self.teacher = teacher
        self.students = students

    async def play(self, right: str, **settings: Any) -> str:
        """Play a round; return its id.

        Args:
            right: A sign for each student: `+` for a right answer, `-` for a wrong one, `.` for
                none.
            settings: Those of the round.
        """
        await self.teacher.trigger(duration=600, **settings)
        for sign, student in zip(right, self.students, strict=True):
            question = await next_of(student, NewQuestion)
            answer = 1 if sign == "+" else 0
            if sign != ".":
                await student.answer(question.question_id, question.round_id, answer, spent=1)
        if "." in right:
            await self.teacher.close_round()
        return (await next_of(self.teacher, RoundClosed)).round_id

    async def back(self, place: int) -> Joined:
        """Let a student come back with another connection; return the reply."""
        student = self.students[place]
        assert student.joined is not None
        again = StudentSession(self.server.url)
        self.server.sessions.append(again)
        await again.open()
        token = student.joined.resume_token
        return await again.join(student.joined.student_id, "TEST", NAMES[place], token)

    async def boards(self) -> list[list[tuple[int, str, float, int | None, bool]]]:
        """Return what each student is shown."""
        return [
            [
                (place.rank, place.name, place.points, place.move, place.own)
                for place in (await next_of(student, Leaderboard)).places
            ]
            for student in self.students
        ]


async def six_students(server: RunningServer, questions: list[Json]) -> Class:
    """Return six students and their teacher in the meeting TEST."""
    teacher = await server.instructor("TEST")
    await server.import_questions(questions)
    students = [await server.student(f"S00{n}", name) for n, name in enumerate(NAMES, start=1)]
    return Class(server, teacher, students)
