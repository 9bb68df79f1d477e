"""Converts answers and keys to and from their wire format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from msgspec import Struct

from livequiz.domain.answering import Shown
from livequiz.domain.model import Answer, Key, Number, QuestionType


class NumberOut(Struct):
    """A correct number, within `tolerance`."""

    value: float
    tolerance: float


Stored = int | list[int] | float | str  # an answer, in the question's own order
KeyOut = int | list[int | str | NumberOut]


def answer_out(answer: Answer) -> Stored:
    """Return an answer in its wire format."""
    return list(answer) if isinstance(answer, tuple) else answer


def answer_from(stored: Stored) -> Answer:
    """Return an answer from its wire format."""
    return tuple(stored) if isinstance(stored, list) else stored


def option_indexes(answer: Shown | Stored | None) -> Sequence[object]:
    """Return the 0-based option indexes of an answer to a choice question."""
    if isinstance(answer, list):
        return answer
    return () if answer is None else (answer,)


def key_out(key: Key) -> KeyOut:
    """Return a key in its wire format."""
    if isinstance(key, int):
        return key
    return [NumberOut(e.value, e.tolerance) if isinstance(e, Number) else e for e in key]


def key_from(kind: QuestionType, out: KeyOut) -> Key:
    """Return a key from its wire format."""
    if isinstance(out, int):
        return out
    if kind is QuestionType.NUMERIC:
        return tuple(Number(e.value, e.tolerance) for e in cast("list[NumberOut]", out))
    return tuple(cast("list[int]", out))
