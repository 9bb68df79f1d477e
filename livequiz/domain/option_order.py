"""The order in which a student sees a question's options: shuffled for each, or the bank's."""

from __future__ import annotations

import random

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Assignment, Question, QuestionType


def shuffled(question: Question, rng: random.Random) -> tuple[int, ...]:
    """Return indexes of options in an order of chance; empty for the bank's own order.

    "True" comes before "False", as everybody expects.
    """
    if question.type is QuestionType.TRUE_FALSE:
        return ()
    order = list(range(len(question.options)))
    rng.shuffle(order)
    return tuple(order)


def shown_options(assignment: Assignment, question: Question) -> list[str]:
    """Return a question's options in the order in which that student sees them."""
    if not assignment.option_order:
        return list(question.options)
    return [question.options[index] for index in assignment.option_order]


def shown_index(assignment: Assignment, index: int) -> int:
    """Return where a student sees an option, by its index in the bank."""
    return assignment.option_order.index(index) if assignment.option_order else index


def stored_index(assignment: Assignment, shown: object, question: Question) -> int:
    """Return an option's index in the bank, by where a student sees it.

    Raises:
        QuizError: `bad_request` if there is no such option.
    """
    options = len(question.options)
    if not isinstance(shown, int) or not 0 <= shown < options:
        message = f"This question has {options} options; choose one of them."
        raise QuizError(Code.BAD_REQUEST, message, "answer")
    return assignment.option_order[shown] if assignment.option_order else shown
