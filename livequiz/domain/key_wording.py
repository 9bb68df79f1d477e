"""Formats keys and answers for people: the same wording on all screens and in all tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import ascii_uppercase
from typing import assert_never, cast

from livequiz.domain.model import Answer, Draft, Key, Number, QuestionType

JOINED = "; "  # between the texts of several options
_OR = " or "  # between accepted answers
_STAR = re.compile(r"\\\*|\*")
_STARS = {"*": "…", "\\*": "*"}


def letter(index: int) -> str:
    """Return the letter of the option at a 0-based index."""
    return ascii_uppercase[index]


def key_text(question: Draft) -> str:
    """Return a question's key for people: option texts, `3.14 ± 0.01`, or accepted texts.

    A wildcard is shown as an ellipsis.
    """
    if question.wildcards and question.type is QuestionType.SHORT_TEXT:
        texts = cast("tuple[str, ...]", question.correct)
        return _OR.join(_STAR.sub(lambda star: _STARS[star[0]], text) for text in texts)
    return key_in_words(question.type, question.correct, question.options)


def key_in_words(kind: QuestionType, key: Key, options: Sequence[str]) -> str:
    """Return a key in words.

    Args:
        kind: The question's type.
        key: Its key.
        options: Its options, in the order that the key's indexes refer to.
    """
    match kind:
        case QuestionType.SINGLE | QuestionType.TRUE_FALSE | QuestionType.MULTIPLE:
            return answer_in_words(cast("int | tuple[int, ...]", key), options)
        case QuestionType.NUMERIC:
            return _OR.join(_number(number) for number in cast("tuple[Number, ...]", key))
        case QuestionType.SHORT_TEXT:
            return _OR.join(cast("tuple[str, ...]", key))
        case _:
            assert_never(kind)


def answer_in_words(answer: Answer, options: Sequence[str]) -> str:
    """Return an answer in words: the chosen options, or what was typed."""
    if isinstance(answer, tuple):
        return JOINED.join(options[index] for index in answer)
    if isinstance(answer, int):
        return options[answer]
    return number_in_words(answer) if isinstance(answer, float) else answer


def number_in_words(value: float) -> str:
    """Return a number in its shortest form; whole numbers have no decimal point."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _number(number: Number) -> str:
    value = number_in_words(number.value)
    return f"{value} ± {number_in_words(number.tolerance)}" if number.tolerance else value
