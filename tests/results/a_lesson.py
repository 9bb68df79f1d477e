"""A lesson with one of everything that a report has to show."""

from __future__ import annotations

from dataclasses import replace

from livequiz.domain.grading import grade
from livequiz.domain.model import Answer, Difficulty, Number, Question, QuestionType
from livequiz.results.lesson import Lesson, PlayedRound
from tests.results.rasch_class import RaschClass, question

HOSTILE = "=HYPERLINK(\"http://x\")<script>alert('|')</script>"
KEY_IN_DOUBT = question(
    101,
    text="Which of these is a prime number, | and which is not, of the four that are listed here?",
    explanation="4 = 2 * 2, <b>9</b> = 3 * 3.",
    difficulty=Difficulty.HARD,
)
TYPED: tuple[Question, ...] = (
    question(102, type=QuestionType.NUMERIC, options=(), correct=(Number(-5.0, 0.5),), text="-5?"),
    question(103, type=QuestionType.SHORT_TEXT, options=(), correct=("Ada",), text="Who?\n"),
    question(104, type=QuestionType.MULTIPLE, correct=(0, 1), points=2, weights=(50, 50, -50, -9)),
)  # fmt: skip
ANSWERS: dict[str, list[Answer]] = {
    TYPED[0].id: [-5.0, 7.25],
    TYPED[1].id: ["ada", "=1+1", "\u05e9\u05dc\u05d5\u05dd"],
    TYPED[2].id: [(0, 1), (0,), (2, 3)],
}


def a_lesson() -> Lesson:
    """Return a lesson of 16 students: the same question for all, then different ones."""
    school = RaschClass(16, 9, seed=3, absent=0.12)
    school.students[1] = replace(school.students[1], name=HOSTILE)
    school.students[2] = replace(school.students[2], name="\u05e9\u05dc\u05d5\u05dd Ünal")
    lesson = school.lesson(6)
    lesson.rounds[0] = _typed(lesson.rounds[0])
    school.questions[KEY_IN_DOUBT.id] = KEY_IN_DOUBT
    school.difficulties[KEY_IN_DOUBT.id] = 0.0
    same = school.play(7, dict.fromkeys(school.abilities, KEY_IN_DOUBT.id))
    points = dict.fromkeys(school.abilities, 0.0)
    for played in lesson.rounds:
        for response in played.responses:
            points[response.student_id] += response.points
    ranked = sorted(points, key=lambda student: points[student])
    lesson.rounds.append(_with_answers(same, {s: n >= 8 for n, s in enumerate(ranked)}))
    lesson.questions.update({kept.id: kept for kept in (KEY_IN_DOUBT, *TYPED)})
    return lesson


def _with_answers(played: PlayedRound, strong: dict[str, bool]) -> PlayedRound:
    """The stronger half chooses option C, the other half the key."""
    responses = []
    for response in played.responses:
        answer = 2 if strong[response.student_id] else 0
        result = grade(KEY_IN_DOUBT, answer)
        responses.append(
            replace(
                response,
                answer=answer,
                correct=result.correct,
                points=result.points,
                response_time=1.5,
            )
        )
    return replace(played, responses=responses)


def _typed(played: PlayedRound) -> PlayedRound:
    """Give the questions that are not answered by one option, with answers that fit them."""
    assignments, responses = [], []
    for number, had in enumerate(played.assignments):
        assignments.append(replace(had, question_id=TYPED[number % 3].id))
    asked = {had.student_id: had.question_id for had in assignments}
    for number, response in enumerate(played.responses):
        question_id = asked[response.student_id]
        possible = ANSWERS[question_id]
        answer = possible[number % len(possible)]
        result = grade(next(q for q in TYPED if q.id == question_id), answer)
        responses.append(
            replace(
                response,
                question_id=question_id,
                answer=answer,
                correct=result.correct,
                points=result.points,
            )
        )
    return replace(played, assignments=assignments, responses=responses)
