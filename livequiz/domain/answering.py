"""Answers on their way in and out: checked, and turned between a student's order and the bank's."""

from __future__ import annotations

from typing import assert_never, cast

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Answer, Assignment, Number, Question, QuestionType
from livequiz.domain.text import is_hostile
from livequiz.domain.typed import LONGEST_TEXT, read_number

# An answer or a key as the wire carries it; a key of numbers is shown by the first of them.
Shown = int | list[int | str] | float | str


def as_stored(assignment: Assignment, shown: object, question: Question) -> Answer:
    """Return an answer in the question's own order.

    Args:
        assignment: Whose option order counts.
        shown: What came over the wire: the 0-based place of an option on the student's screen, a
            list of them, a number or a text.
        question: What was asked.

    Raises:
        QuizError: `bad_request` if the question can't be answered so.
    """
    match question.type:
        case QuestionType.SINGLE | QuestionType.TRUE_FALSE:
            return _stored_place(assignment, shown, question)
        case QuestionType.MULTIPLE:
            if not isinstance(shown, list) or not shown or len(set(shown)) < len(shown):
                raise _refusal("Choose one or more of the options, each of them once.")
            return tuple(sorted(_stored_place(assignment, place, question) for place in shown))
        case QuestionType.NUMERIC:
            number = read_number(str(shown)) if isinstance(shown, int | float | str) else None
            if number is None:
                raise _refusal("Answer with a number, such as 3.14 or -2.")
            return number
        case QuestionType.SHORT_TEXT:
            return _text(shown)
        case _:
            assert_never(question.type)


def as_shown(assignment: Assignment, stored: Answer) -> Shown:
    """Return an answer as its student sees it."""
    if isinstance(stored, tuple):
        return sorted(_place(assignment, index) for index in stored)
    return _place(assignment, stored) if isinstance(stored, int) else stored


def key_as_shown(assignment: Assignment, question: Question) -> Shown:
    """Return a question's key as a student sees it."""
    match question.type:
        case QuestionType.SINGLE | QuestionType.TRUE_FALSE | QuestionType.MULTIPLE:
            return as_shown(assignment, cast("int | tuple[int, ...]", question.correct))
        case QuestionType.NUMERIC:
            return cast("tuple[Number, ...]", question.correct)[0].value
        case QuestionType.SHORT_TEXT:
            return list(cast("tuple[str, ...]", question.correct))
        case _:
            assert_never(question.type)


def shown_options(assignment: Assignment, question: Question) -> list[str]:
    """Return a question's options in the order in which that student sees them."""
    if not assignment.option_order:
        return list(question.options)
    return [question.options[index] for index in assignment.option_order]


def _place(assignment: Assignment, index: int) -> int:
    return assignment.option_order.index(index) if assignment.option_order else index


def _stored_place(assignment: Assignment, shown: object, question: Question) -> int:
    options = len(question.options)
    if not isinstance(shown, int) or not 0 <= shown < options:
        raise _refusal(f"This question has {options} options; choose one of them.")
    return assignment.option_order[shown] if assignment.option_order else shown


def _text(shown: object) -> str:
    text = " ".join(shown.split()) if isinstance(shown, str) else ""
    if not text or len(text) > LONGEST_TEXT:
        raise _refusal(f"Answer with a text of 1 to {LONGEST_TEXT} characters.")
    if any(is_hostile(character) for character in text):
        raise _refusal("The answer has invisible or control characters; please type it by hand.")
    return text


def _refusal(message: str) -> QuizError:
    return QuizError(Code.BAD_REQUEST, message, "answer")
