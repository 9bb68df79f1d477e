"""Questions of all kinds, for tests of what is written and read back."""

from __future__ import annotations

import string
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from livequiz.domain.model import Difficulty, Draft, QuestionType
from livequiz.protocol.codec import decode
from livequiz.protocol.questions import QuestionIn, to_draft

# What authors write, and what formats escape.
CHARACTERS = string.ascii_letters + string.digits + " \n.,;:?!'\"`*_#=~{}[]()<>&|\\/%@+-–éßλ漢🙂"
texts = st.text(CHARACTERS, min_size=1, max_size=60).map(str.strip).filter(bool)
lines = texts.map(lambda text: " ".join(text.split()))
numbers = st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 6) + 0.0)


def _of_type(kind: QuestionType, draw: st.DrawFn) -> dict[str, Any]:
    if kind is QuestionType.TRUE_FALSE:
        return {"correct": draw(st.booleans())}
    if kind is QuestionType.NUMERIC:
        some = st.tuples(numbers, st.sampled_from([0.0, 0.5, 0.01, 2.0]))
        entries = draw(st.lists(some, min_size=1, max_size=3, unique=True))
        return {"correct": [{"value": value, "tolerance": around} for value, around in entries]}
    if kind is QuestionType.SHORT_TEXT:
        return {"correct": draw(st.lists(lines.filter(_is_word), min_size=1, max_size=3))}
    options = draw(st.lists(lines, min_size=2, max_size=6, unique=True))
    places = st.integers(0, len(options) - 1)
    if kind is QuestionType.SINGLE:
        return {"options": options, "correct": draw(places)}
    return {"options": options, "correct": draw(st.lists(places, min_size=1, unique=True))}


def _is_word(text: str) -> bool:
    return any(character.isalnum() for character in text)


@st.composite
def drafts(
    draw: st.DrawFn, /, kinds: Iterable[QuestionType] = QuestionType, **fields: Any
) -> Draft:
    """Return questions.

    Args:
        kinds: The types that there may be.
        fields: Values, or strategies, that a field of `QuestionIn` has.
    """
    kind = draw(st.sampled_from(list(kinds)))
    optional: dict[str, Any] = {
        "question": texts,
        "points": st.integers(0, 10),
        "time_limit": st.none() | st.integers(5, 300).map(float),
        "topics": st.lists(lines.map(lambda text: text[:40].strip()), max_size=3, unique=True),
        "difficulty": st.none() | st.sampled_from([level.value for level in Difficulty]),
        "explanation": st.none() | texts,
        "source": st.none() | lines,
        **fields,
    }
    drawn = {
        name: draw(value) if isinstance(value, st.SearchStrategy) else value
        for name, value in optional.items()
    }
    if kind is not QuestionType.MULTIPLE:
        drawn.pop("scoring", None)
    raw = {"type": kind.value, **_of_type(kind, draw), **drawn}
    return to_draft(decode(raw, QuestionIn))
