"""A meeting with many past rounds, written to the database as the server would have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from livequiz.bench.subject import Subject
from livequiz.db.documents import new_id
from livequiz.db.store import Store
from livequiz.domain.model import (
    Assignment,
    AssignmentStatus,
    CloseReason,
    Counts,
    Response,
    Round,
    RoundState,
)

PACE = timedelta(minutes=2)  # from one round to the next
STRIDE = 7  # so that no student gets a question twice, and no two students share one


@dataclass(frozen=True, slots=True)
class History:
    """A meeting's history: a number of rounds that all students answered."""

    rounds: int
    students: int


async def write(subject: Subject, history: History) -> None:
    """Store a history for a meeting that no one has joined since the server started."""
    store = Store(subject.mongo_url, subject.database)
    try:
        begun = datetime.now(UTC) - PACE * (history.rounds + 1)
        await store.participants.open_meeting(subject.meeting, begun)
        questions = [question.id async for question in store.questions.everything()]
        for number in range(history.rounds):
            opened = begun + PACE * number
            drawn = {
                f"S{student:05}": questions[(student + number * STRIDE) % len(questions)]
                for student in range(history.students)
            }
            await _write_round(store, subject.meeting, number, opened, drawn)
    finally:
        store.close()


async def _write_round(
    store: Store, meeting: str, number: int, opened: datetime, drawn: Mapping[str, str]
) -> None:
    quiz_round = Round(
        id=new_id(),
        meeting_id=meeting,
        number=number + 1,
        state=RoundState.OPEN,
        opened_at=opened,
        deadline=opened + timedelta(seconds=60),
        draw_seed=number,
        counts=Counts(len(drawn)),
    )
    assignments = [
        Assignment(
            round_id=quiz_round.id,
            meeting_id=meeting,
            student_id=student_id,
            question_id=question_id,
            sent_time=opened,
            deadline=quiz_round.deadline,
            status=AssignmentStatus.ANSWERED,
        )
        for student_id, question_id in drawn.items()
    ]
    await store.rounds.open_round(quiz_round, assignments)
    await store.rounds.record_responses(
        [
            Response(
                round_id=quiz_round.id,
                meeting_id=meeting,
                student_id=assignment.student_id,
                question_id=assignment.question_id,
                answer=0,
                correct=place % 2 == 0,
                points=1 - place % 2,
                response_time=10.0,
                timestamp=opened + timedelta(seconds=10),
            )
            for place, assignment in enumerate(assignments)
        ]
    )
    closed_at = opened + timedelta(seconds=30)
    await store.rounds.close(quiz_round.id, CloseReason.COMPLETE, closed_at)
