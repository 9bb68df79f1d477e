"""Whether an answer is right, and what it is worth: the one place that decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never, cast

from livequiz.domain.model import Answer, Number, Question, QuestionType, Response, Scoring
from livequiz.domain.typed import same_number, same_text

ALL = 0.9995  # of the points: three options of 33.33 % each are right together


@dataclass(frozen=True, slots=True)
class Grade:
    """What an answer is worth: all, or a share of a question's points, to 0.01."""

    correct: bool
    points: float


def grade(question: Question, answer: Answer) -> Grade:
    """Grade an answer, given in the question's own order.

    Accuracy alone counts: with different questions, points for speed would go to whoever got
    the short one.
    """
    share = _share(question, answer)
    if share >= ALL:
        return Grade(True, question.points)
    points = round(share * question.points, 2)
    return Grade(False, int(points) if points.is_integer() else points)


def streak(responses: Iterable[Response]) -> int:
    """Return how many of the newest responses in a row are right.

    Args:
        responses: One student's, oldest first.
    """
    length = 0
    for response in responses:
        length = length + 1 if response.correct else 0
    return length


def _share(question: Question, answer: Answer) -> float:
    """Return which part of the points an answer is worth, from 0 to 1."""
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
    return _within(question.weights[answer] / 100) if question.weights else 0.0


def _of_several(question: Question, answer: tuple[int, ...]) -> float:
    if question.weights:
        return _within(sum(question.weights[place] for place in answer) / 100)
    key, chosen = set(cast("tuple[int, ...]", question.correct)), set(answer)
    if key == chosen:
        return 1.0
    if question.scoring is Scoring.ALL:
        return 0.0
    # Right minus wrong, as Canvas scores multiple answers: who ticks everything gets nothing
    # if as many are wrong as are right.
    share = (len(chosen & key) - len(chosen - key)) / len(key)
    return _within(share)


def _best(question: Question, matches: list[bool]) -> float:
    weights = question.weights or (100.0,) * len(matches)
    return max((_within(w / 100) for w, fits in zip(weights, matches, strict=True) if fits),
               default=0.0)  # fmt: skip


def _accepts(question: Question, accepted: str, answer: str) -> bool:
    return same_text(
        answer, accepted, case_sensitive=question.case_sensitive, wildcards=question.wildcards
    )


def _within(share: float) -> float:
    return min(1.0, max(0.0, share))
