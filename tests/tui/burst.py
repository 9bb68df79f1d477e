"""A lecture hall that answers within a second, as its server would tell it: made up, not recorded.

`meeting` is the snapshot that a dashboard opens with, `burst` what it hears while everybody
answers. Both are the same for the same numbers.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

from livequiz.domain.model import AssignmentStatus, Presence, QuestionType, Reveal, RoundState
from livequiz.protocol.messages import AnswerUpdate, AnswerUpdates, QuestionStats, RoundStats, Stats
from livequiz.protocol.snapshot import (
    AssignmentRow,
    QuestionDetail,
    RoundDetail,
    Snapshot,
    StudentRow,
)
from livequiz.simulation.students import people

NOW = "2026-01-15T10:05:15.123Z"
ROUND = f"{1:024x}"
OPTIONS = ["Canberra", "Sydney", "Melbourne", "Perth"]


def meeting(students: int, *, duration: float = 600) -> Snapshot:
    """Return an open round in which each student has a question of its own."""
    everybody = people(students)
    return Snapshot(
        meeting_id="K7QX4M",
        locked=False,
        server_time=NOW,
        bank=students,
        topics=["Geography"],
        students=[
            StudentRow(student_id, name, Presence.ACTIVE, NOW, 0, 0, 1.0)
            for student_id, name in everybody
        ],
        round=_round(students, duration),
        assignments=[
            AssignmentRow(student_id, name, question_id(place), AssignmentStatus.SENT)
            for place, (student_id, name) in enumerate(everybody)
        ],
        questions=[_question(place) for place in range(students)],
    )


def burst(students: int, answers: int, *, batch: int = 100) -> Iterator[AnswerUpdates]:
    """Yield the updates of the first so many answers, in an order that no table has.

    Args:
        students: As of `meeting`.
        answers: How many of them answer.
        batch: Answers in one message.
    """
    everybody = people(students)
    choose = random.Random(4)
    places = choose.sample(range(students), answers)
    counts: Counter[bool] = Counter()
    for start in range(0, answers, batch):
        updates = []
        for place in places[start : start + batch]:
            correct = choose.random() < 0.7
            counts[correct] += 1
            stats = Stats(_of_question(place, correct), _of_round(students, counts))
            student_id, name = everybody[place]
            updates.append(
                AnswerUpdate(
                    student_id=student_id,
                    student_name=name,
                    question_id=question_id(place),
                    answer=0 if correct else 1 + place % 3,
                    correct=correct,
                    stats=stats,
                    timestamp=NOW,
                    round_id=ROUND,
                    response_time=3 + place % 100 / 10,
                    points=int(correct),
                )
            )
        yield AnswerUpdates(updates=updates, stats=updates[-1].stats, dropped=0)


def question_id(place: int) -> str:
    """Return the id of the question that the student at a place has."""
    return f"{place:024x}"


def _question(place: int) -> QuestionDetail:
    return QuestionDetail(
        question_id=question_id(place),
        question=f"Which of these is the capital of country number {place + 1}?",
        options=OPTIONS,
        correct=0,
        type=QuestionType.SINGLE,
        points=1,
        topics=["Geography"],
        difficulty=None,
        explanation=None,
        stats=QuestionStats(question_id(place), 0, 0, None),
    )


def _round(students: int, duration: float) -> RoundDetail:
    return RoundDetail(
        round_id=ROUND,
        round_number=1,
        state=RoundState.OPEN,
        reason=None,
        opened_at=NOW,
        deadline=NOW,
        duration=duration,
        remaining=duration,
        draw_seed=1,
        distinct=True,
        reveal=Reveal.AT_ONCE,
        warnings=[],
        stats=_of_round(students, Counter()),
        summary=None,
    )


def _of_question(place: int, correct: bool) -> QuestionStats:
    return QuestionStats(question_id(place), 1, int(correct), 100.0 * correct)


def _of_round(students: int, counts: Counter[bool]) -> RoundStats:
    answered, correct = counts.total(), counts[True]
    accuracy = round(100 * correct / answered, 1) if answered else None
    return RoundStats(students, answered, correct, accuracy, 8.0 if answered else None)
