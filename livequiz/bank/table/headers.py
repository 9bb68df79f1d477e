"""The columns of a question table, and the names that people and programs give them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import ascii_lowercase

OPTIONS = tuple(f"option_{letter}" for letter in ascii_lowercase)
# Only the wrong answers; the right one is in the key column (Gimkit).
DISTRACTORS = tuple(f"distractor_{number}" for number in range(1, len(OPTIONS)))
FIELDS = (
    *("type", "correct", "weights", "scoring", "points", "time_limit", "topics", "difficulty"),
    *("explanation", "source", "case_sensitive", "wildcards"),
)
KNOWN = frozenset({"question", *OPTIONS, *DISTRACTORS, *FIELDS})
# `Option 1`, `optionA`, `Answer b`, `choice_3`, or a single letter.
_CHOICE = "option|choice|answer|alternative"
_OPTION = re.compile(
    rf"((?:answer_)?(?:{_CHOICE})_?)?(?:([a-z])|(?<=[a-z_])([1-9][0-9]?))", re.ASCII
)
# Columns with all options in one cell, in an unknown format.
LISTS = frozenset({"options", "choices", "answers", "alternatives"})
_DISTRACTOR = re.compile(rf"(?:(?:incorrect|wrong)_?(?:{_CHOICE})?|distractor)_?([1-9][0-9]?)?")
# Other names for each column; if a table has several, the one listed first wins.
_OTHERS = {
    "question": ("question_text", "question", "stem", "prompt", "text"),
    "correct": (
        *("correct", "correct_answer", "right_answer", "correct_option", "correct_answers"),
        *("correct_choice", "right_option", "correct_ans", "answer_key", "answer_keys"),
        *("correct_index", "correct_answer_index", "correct_option_index", "answer_index"),
        *("answer", "key", "solution", "ans"),
    ),
    "topics": ("topics", "topic", "category", "categories", "tags"),
    "time_limit": (
        *("time_limit", "time_in_seconds", "time_limit_seconds", "time_limit_sec"),
        *("time", "seconds"),
    ),
    "explanation": ("explanation", "answer_explanation", "feedback", "rationale"),
    "difficulty": ("difficulty", "difficulty_level", "level"),
    "points": ("points", "score", "marks"),
    "type": ("type", "question_type"),
}
# `Answer 3 (Optional)`, `Question - max 120 characters`, `Time limit (sec) – 5, 10, 20 ...`
_REMARK = re.compile(r"\([^()]*\)|\s[-–—]\s(?:max|choose|[0-9]).*", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST_NAME = 200  # characters of a header that are searched for a name


def as_name(text: str) -> str:
    """Return the name of a column or type in snake case."""
    return re.sub(r"[\s/_-]+", "_", _CAMEL.sub("_", text.strip()).lower())


def columns_of(header: Sequence[str]) -> dict[str, int]:
    """Return the 0-based positions of the known columns.

    Args:
        header: The columns' names as written.
    """
    called: dict[str, int] = {}
    for place, text in enumerate(header):
        for name in (as_name(text), bare_name(text)):
            called.setdefault(name, place)
    found: dict[str, int] = {}
    for meaning in ("question", *FIELDS):
        there = [name for name in _OTHERS.get(meaning, (meaning,)) if name in called]
        if there:
            found[meaning] = called[there[0]]
    taken = set(found.values())
    options = _options({name: at for name, at in called.items() if at not in taken})
    return {**found, **(options or _distractors(called))}


def bare_name(text: str) -> str:
    """Return a column's name without remarks, in snake case."""
    return as_name(without_remarks(text))


def without_remarks(text: str) -> str:
    """Return a column's name without remarks on how to fill it in."""
    return " ".join(_REMARK.sub(" ", " ".join(text[:_LONGEST_NAME].split())).split())


def _options(called: Mapping[str, int]) -> dict[str, int]:
    found = {name: at for name, at in called.items() if name in OPTIONS}
    # A single letter only names an option if there are columns `a` and `b`.
    lettered = {"a", "b"} <= called.keys()
    for name, at in called.items():
        if len(name) > 1 or lettered:
            place = option_index(name)
            if place is not None and place < len(OPTIONS):
                found.setdefault(OPTIONS[place], at)
    return found


def _distractors(called: Mapping[str, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, at in called.items():
        if match := _DISTRACTOR.fullmatch(name):
            number = int(match[1] or 1)
            if number <= len(DISTRACTORS):
                found.setdefault(DISTRACTORS[number - 1], at)
    return found


def option_index(name: str) -> int | None:
    """Return the 0-based option index for `option_b`, `answer_2` or `b`; None for other names."""
    found = _OPTION.fullmatch(name)
    if found is None or name in LISTS:
        return None
    return ascii_lowercase.index(found[2]) if found[2] else int(found[3]) - 1
