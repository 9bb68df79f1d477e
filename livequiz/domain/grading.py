"""Grades answers: whether one is right, and how many points it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never, cast

from livequiz.domain.model import (
    Answer,
    Draft,
    Number,
    PointsFor,
    Question,
    QuestionType,
    Response,
    Scoring,
)
from livequiz.domain.typed_answers import same_number, same_text

AT_ONCE = 0.5  # seconds within which an answer gets all points for speed
ALL = 0.9995  # counts as all of the points: three options of 33.33 % add up to 99.99 %


# Changing one of these makes it a different question: old answers would change meaning, or the
# points that they earned.
_GRADED = (
    *("type", "options", "correct", "points"),
    *("weights", "scoring", "case_sensitive", "wildcards"),
)


@dataclass(frozen=True, slots=True)
class Grade:
    """An answer's points, to 0.01, and whether they are all of the question's points."""

    correct: bool
    points: float


def grade(question: Question, answer: Answer) -> Grade:
    """Grade an answer whose option indexes are in the question's own order.

    Only correctness counts; `earned` takes a round's rule for points into account.
    """
    share = _earned_share(question, answer)
    if share == 1:
        return Grade(True, question.points)
    return Grade(False, _rounded(share * question.points))


def stored_share(question: Question | None, response: Response) -> float:
    """Return the share of a question that a stored answer earned, from 0 to 1.

    The verdict stands as stored. Partial credit follows from the answer, because points may count
    for speed or not at all, and a question may be worth none.

    Args:
        question: The question; None if it can no longer be read.
        response: An answer to it, perhaps to an older version that it no longer fits.
    """
    if response.correct or question is None or not _is_answer(question, response.answer):
        return float(response.correct)
    share = _earned_share(question, response.answer)
    return share if share < 1 else 0.0


def is_regraded(old: Draft, new: Draft) -> bool:
    """Whether a new version of a question is graded differently: then it is another question."""
    return any(getattr(old, name) != getattr(new, name) for name in _GRADED)


def earned(graded: Grade, points_for: PointsFor, response_time: float, time_limit: float) -> float:
    """Return the points that an answer earns in a round.

    For speed, an answer loses half of its points evenly over its own time limit, so that whoever
    got a short question or extra time has no advantage: points * (1 - response_time / limit / 2).

    Args:
        graded: The answer's grade.
        points_for: The round's rule.
        response_time: In seconds.
        time_limit: The seconds that this student had.
    """
    if points_for is PointsFor.NOTHING:
        return 0
    if points_for is PointsFor.ACCURACY or response_time < AT_ONCE:
        return graded.points
    spent = min(1.0, response_time / time_limit) if time_limit > 0 else 1.0
    return _rounded(graded.points * (1 - spent / 2))


def _rounded(points: float) -> float:
    found = round(float(points), 2)
    return int(found) if found.is_integer() else found


def _is_answer(question: Question, answer: Answer) -> bool:
    """Whether an answer has the form that the question asks for."""
    match question.type:
        case QuestionType.SINGLE | QuestionType.TRUE_FALSE:
            return isinstance(answer, int) and 0 <= answer < len(question.options)
        case QuestionType.MULTIPLE:
            return isinstance(answer, tuple) and all(
                0 <= index < len(question.options) for index in answer
            )
        case QuestionType.NUMERIC:
            return isinstance(answer, int | float)
        case QuestionType.SHORT_TEXT:
            return isinstance(answer, str)
        case _:
            assert_never(question.type)


def _earned_share(question: Question, answer: Answer) -> float:
    """Return an answer's share of the points, from 0 to 1."""
    share = _share(question, answer)
    return 1.0 if share >= ALL else max(0.0, share)


def _share(question: Question, answer: Answer) -> float:
    """Return an answer's share of the points: 1 for all of them, 0 or less for none."""
    match question.type:
        case QuestionType.SINGLE | QuestionType.TRUE_FALSE:
            return _of_one(question, cast(int, answer))
        case QuestionType.MULTIPLE:
            return _of_several(question, cast("tuple[int, ...]", answer))
        case QuestionType.NUMERIC:
            numbers = cast("tuple[Number, ...]", question.correct)
            value = cast(float, answer)
            return _best(question, [same_number(value, number) for number in numbers])
        case QuestionType.SHORT_TEXT:
            texts = cast("tuple[str, ...]", question.correct)
            return _best(question, [_accepts(question, text, cast(str, answer)) for text in texts])
        case _:
            assert_never(question.type)


def _of_one(question: Question, answer: int) -> float:
    if answer == question.correct:
        return 1.0
    return question.weights[answer] / 100 if question.weights else 0.0


def _of_several(question: Question, answer: tuple[int, ...]) -> float:
    if question.weights:
        return sum(question.weights[option_index] for option_index in answer) / 100
    key, chosen = set(cast("tuple[int, ...]", question.correct)), set(answer)
    if key == chosen:
        return 1.0
    if question.scoring is Scoring.ALL:
        return 0.0
    # Right minus wrong, as Canvas scores multiple answers: ticking everything earns nothing
    # if at least as many options are wrong as right.
    return (len(chosen & key) - len(chosen - key)) / len(key)


def _best(question: Question, matches: list[bool]) -> float:
    weights = question.weights or (100.0,) * len(matches)
    pairs = zip(weights, matches, strict=True)
    return max((weight / 100 for weight, fits in pairs if fits), default=0.0)


def _accepts(question: Question, accepted: str, answer: str) -> bool:
    return same_text(
        answer, accepted, case_sensitive=question.case_sensitive, wildcards=question.wildcards
    )
