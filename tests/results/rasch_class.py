"""A class with known abilities that answers questions of known difficulty (Rasch model)."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bson import ObjectId

from livequiz.db.store import Store
from livequiz.domain.grading import grade
from livequiz.domain.model import (
    Answer,
    Assignment,
    CloseReason,
    Draft,
    Meeting,
    Presence,
    Question,
    Response,
    Round,
    RoundState,
    Student,
)
from livequiz.results.lesson import Lesson, PlayedRound

START = datetime(2026, 9, 14, 8, 0, tzinfo=UTC)
MEETING = Meeting("K7QX4M", START, title="Sets and functions", class_name="7B")
TOPICS = ("Algebra", "Geometry", "Chance")
OPTIONS = ("the right one", "a near miss", "a far miss", "nonsense")


def question(number: int, **fields: object) -> Question:
    """Return a question whose key is its first option."""
    draft = Draft(text=f"Question {number}?", options=OPTIONS, correct=0)
    values = {name: getattr(draft, name) for name in Draft.__dataclass_fields__}
    values |= {"topics": (TOPICS[number % len(TOPICS)],), **fields}
    return Question(id=f"{number:024x}", created_at=START, **values)


class RaschClass:
    """Students and questions, and rounds that they play.

    Args:
        students: How many.
        questions: How many.
        seed: Of everything that is random.
        absent: The chance that a student does not answer.
        also: The id and the name of one more student.
        meeting: The meeting that they play in.

    Attributes:
        abilities: In logits, by student id.
        difficulties: In logits, by question id.
    """

    def __init__(
        self,
        students: int,
        questions: int,
        *,
        seed: int = 1,
        absent: float = 0.0,
        also: tuple[str, str] | None = None,
        meeting: Meeting = MEETING,
    ) -> None:
        self.chance = random.Random(seed)
        self.absent = absent
        self.meeting = meeting
        self.students = [
            Student(f"S{n:03}", meeting.id, f"Student {n:03}", Presence.ACTIVE, START)
            for n in range(1, students + 1)
        ]
        if also:
            self.students.append(Student(also[0], meeting.id, also[1], Presence.ACTIVE, START))
        self.questions = {q.id: q for q in map(question, range(1, questions + 1))}
        self.abilities = {s.id: self.chance.gauss(0, 1) for s in self.students}
        self.difficulties = {q: self.chance.gauss(0, 1.2) for q in self.questions}

    def lesson(self, rounds: int, *, same_questions: bool = False) -> Lesson:
        """Return a lesson of that many rounds, in which nobody gets a question twice."""
        bank = list(self.questions)
        draws = {s.id: bank[:] for s in self.students}
        if not same_questions:
            for order in draws.values():
                self.chance.shuffle(order)
        lesson = Lesson([self.meeting], list(self.students), questions=dict(self.questions))
        for number in range(1, rounds + 1):
            asked = {student_id: order[number - 1] for student_id, order in draws.items()}
            lesson.rounds.append(self.play(number, asked))
        return lesson

    def play(self, number: int, asked: dict[str, str]) -> PlayedRound:
        """Return a round in which each student has the question named."""
        opened = START + timedelta(minutes=2 * number)
        quiz_round = Round(
            id=str(ObjectId(f"{number:08x}" + "0" * 16)),
            meeting_id=self.meeting.id,
            number=number,
            state=RoundState.OPEN,
            opened_at=opened,
            deadline=opened + timedelta(seconds=60),
            draw_seed=number,
        )
        assignments = [
            Assignment(
                quiz_round.id, self.meeting.id, student_id, question_id, opened, quiz_round.deadline
            )
            for student_id, question_id in asked.items()
        ]
        responses = [
            self._answer(had)
            for had in assignments
            if self.absent == 0 or self.chance.random() >= self.absent
        ]
        closed = replace(
            quiz_round,
            state=RoundState.CLOSED,
            closed_at=opened + timedelta(seconds=50),
            reason=CloseReason.COMPLETE,
        )
        return PlayedRound(closed, assignments, responses, dict(self.questions))

    def _answer(self, had: Assignment) -> Response:
        surplus = self.abilities[had.student_id] - self.difficulties[had.question_id]
        right = self.chance.random() < 1 / (1 + math.exp(-surplus))
        answer: Answer = 0 if right else self.chance.choices((1, 2, 3), (6, 3, 1))[0]
        result = grade(self.questions[had.question_id], answer)
        seconds = round(self.chance.uniform(3, 40), 1)
        return Response(
            round_id=had.round_id,
            meeting_id=had.meeting_id,
            student_id=had.student_id,
            question_id=had.question_id,
            answer=answer,
            correct=result.correct,
            points=result.points,
            response_time=seconds,
            timestamp=had.sent_time + timedelta(seconds=seconds),
        )


async def store_lesson(store: Store, lesson: Lesson) -> None:
    """Store a lesson as a server would have."""
    database = store._database
    for meeting in lesson.meetings:
        await store.participants.open_meeting(meeting.id, meeting.created_at)
        await database["meetings"].update_one(
            {"_id": meeting.id},
            {"$set": {"settings.title": meeting.title, "settings.class": meeting.class_name}},
        )
    from livequiz.db.documents import question_document

    await database["questions"].insert_many(
        [
            {"_id": ObjectId(q.id), **question_document(q, q.created_at)}
            for q in lesson.questions.values()
        ]
    )
    await database["participants"].insert_many(
        [
            {
                "student_id": s.id,
                "meeting_id": s.meeting_id,
                "socket_id": None,
                "name": s.name,
                "joined_at": s.joined_at,
                "status": "inactive",
                "resume_token_hash": f"hash-of-{s.id}",
            }
            for s in lesson.students
        ]
    )
    for played in lesson.rounds:
        opened = replace(played.round, state=RoundState.OPEN, closed_at=None, reason=None)
        assert await store.rounds.open_round(opened, list(played.assignments))
        if played.responses:
            await store.rounds.record_responses(list(played.responses))
        assert played.round.reason is not None
        assert played.round.closed_at is not None
        await store.rounds.close(opened.id, played.round.reason, played.round.closed_at)
