"""Whether an answer is right, what it is worth, and where a shuffled option belongs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Assignment, Question, Response


@dataclass(frozen=True, slots=True)
class Grade:
    """What an answer is worth."""

    correct: bool
    points: int


def grade(question: Question, answer: int) -> Grade:
    """Grade an answer, given as the 0-based index in the question's own order.

    Accuracy alone counts: with different questions, points for speed would go to whoever got
    the short one.
    """
    correct = answer == question.correct
    return Grade(correct, question.points if correct else 0)


def as_stored(assignment: Assignment, shown: int, options: int) -> int:
    """Return the question's own index of the option that was shown at a place.

    Args:
        assignment: Whose option order counts.
        shown: 0-based place on the student's screen.
        options: How many options the question has.

    Raises:
        QuizError: `bad_request` if there is no such option.
    """
    if not 0 <= shown < options:
        message = f"This question has {options} options; choose one of them."
        raise QuizError(Code.BAD_REQUEST, message, "answer")
    return assignment.option_order[shown] if assignment.option_order else shown


def as_shown(assignment: Assignment, stored: int) -> int:
    """Return the place at which a student sees an option of the question's own order."""
    return assignment.option_order.index(stored) if assignment.option_order else stored


def shown_options(assignment: Assignment, question: Question) -> list[str]:
    """Return a question's options in the order in which that student sees them."""
    if not assignment.option_order:
        return list(question.options)
    return [question.options[index] for index in assignment.option_order]


def streak(responses: Iterable[Response]) -> int:
    """Return how many of the newest responses in a row are right.

    Args:
        responses: One student's, oldest first.
    """
    length = 0
    for response in responses:
        length = length + 1 if response.correct else 0
    return length
