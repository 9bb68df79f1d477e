"""The columns of a table of questions, and what else people call them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import ascii_lowercase

OPTIONS = tuple(f"option_{letter}" for letter in ascii_lowercase)
FIELDS = (
    *("type", "correct", "weights", "scoring", "points", "time_limit", "topics", "difficulty"),
    *("explanation", "source", "case_sensitive", "wildcards"),
)
KNOWN = frozenset({"question", *OPTIONS, *FIELDS})
# `Option 1`, `optionA`, `Answer b`, `choice_3`, and a letter alone.
_OPTION = re.compile(
    r"(?:(?:answer_)?(?:option|choice|answer|alternative)_?)?([a-z])"
    r"|(?:answer_)?(?:option|choice|answer|alternative)_?([1-9][0-9]?)"
)
_OTHERS = {
    "question_text": "question",
    "stem": "question",
    **dict.fromkeys(("correct_answer", "right_answer", "correct_option"), "correct"),
    **dict.fromkeys(("answer_key", "answer", "key", "solution"), "correct"),
    **dict.fromkeys(("topic", "category", "categories"), "topics"),
    **dict.fromkeys(("time", "seconds"), "time_limit"),
    **dict.fromkeys(("feedback", "rationale"), "explanation"),
    "level": "difficulty",
    "score": "points",
    "question_type": "type",
}


def as_name(text: str) -> str:
    """Return a column's name, or a type's, as it is written here."""
    return re.sub(r"[\s/_-]+", "_", text.strip().lower())


def meanings(header: Sequence[str]) -> list[str]:
    """Return what each column is here; one that means nothing keeps its own name."""
    names = [as_name(text) for text in header]
    # A letter alone, or `answer`, means something only where the columns beside it do too.
    lettered = {"a", "b"} <= set(names)
    return [_meaning(name, lettered=lettered, taken=names) for name in names]


def _meaning(name: str, *, lettered: bool, taken: Sequence[str]) -> str:
    if name in KNOWN:
        return name
    if (other := _OTHERS.get(name)) is not None:
        return name if other in taken else other
    found = _OPTION.fullmatch(name)
    if found is None or (len(name) == 1 and not lettered):
        return name
    letter, number = found.groups()
    place = ascii_lowercase.index(letter) if letter else int(number) - 1
    option = OPTIONS[place] if place < len(OPTIONS) else name
    return name if option in taken else option
