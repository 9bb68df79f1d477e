"""Validates answers and maps option indexes between a student's shuffled order and the bank's."""

from __future__ import annotations

from typing import assert_never, cast

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Answer, Assignment, Number, Question, QuestionType
from livequiz.domain.option_order import shown_index, stored_index
from livequiz.domain.text import is_hostile
from livequiz.domain.typed_answers import LONGEST_TEXT, has_unit, read_number

# An answer or a key as the wire carries it; of several accepted numbers, only the first is shown.
Shown = int | list[int | str] | float | str


def as_stored(assignment: Assignment, shown: object, question: Question) -> Answer:
    """Return a validated answer with option indexes in the question's own order.

    Args:
        assignment: The student's, for its option order.
        shown: What came over the wire: the 0-based index of an option as the student sees them, a
            list of those, a number or a text.
        question: The question that it answers.

    Raises:
        QuizError: `bad_request` if the answer does not fit the question's type.
    """
    match question.type:
        case QuestionType.SINGLE | QuestionType.TRUE_FALSE:
            return stored_index(assignment, shown, question)
        case QuestionType.MULTIPLE:
            if not isinstance(shown, list) or not shown or len(set(shown)) < len(shown):
                raise _refusal("Choose one or more of the options, each only once.")
            return tuple(
                sorted(stored_index(assignment, option_index, question) for option_index in shown)
            )
        case QuestionType.NUMERIC:
            number = read_number(str(shown))
            if number is None and isinstance(shown, str) and has_unit(shown):
                raise _refusal("Leave out the unit: answer with the number alone.")
            if number is None:
                raise _refusal("Answer with a number, such as 0.5 or -2.")
            return number
        case QuestionType.SHORT_TEXT:
            return _text(shown)
        case _:
            assert_never(question.type)


def as_shown(assignment: Assignment, stored: Answer) -> Shown:
    """Return a stored answer with option indexes in the student's order."""
    if isinstance(stored, tuple):
        return sorted(shown_index(assignment, index) for index in stored)
    return shown_index(assignment, stored) if isinstance(stored, int) else stored


def key_as_shown(assignment: Assignment, question: Question) -> Shown:
    """Return a question's key with option indexes in the student's order."""
    match question.type:
        case QuestionType.SINGLE | QuestionType.TRUE_FALSE | QuestionType.MULTIPLE:
            return as_shown(assignment, cast("int | tuple[int, ...]", question.correct))
        case QuestionType.NUMERIC:
            return cast("tuple[Number, ...]", question.correct)[0].value
        case QuestionType.SHORT_TEXT:
            return list(cast("tuple[str, ...]", question.correct))
        case _:
            assert_never(question.type)


def _text(shown: object) -> str:
    text = " ".join(shown.split()) if isinstance(shown, str) else ""
    if not text or len(text) > LONGEST_TEXT:
        raise _refusal(f"Type an answer of 1 to {LONGEST_TEXT} characters.")
    if any(is_hostile(character) for character in text):
        raise _refusal(
            "The answer contains invisible or control characters. Type it instead of pasting it."
        )
    return text


def _refusal(message: str) -> QuizError:
    return QuizError(Code.BAD_REQUEST, message, "answer")
