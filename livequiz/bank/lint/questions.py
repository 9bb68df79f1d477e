"""Checks on single questions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from livequiz.bank.lint.finding import Finding
from livequiz.domain.model import Draft, Number, QuestionType

WORDS_A_SECOND = 4.0  # silent reading: 238 a minute, Brysbaert (2019), J. Mem. Lang. 109
LEAST_THOUGHT = 3.0  # seconds left to answer
MUCH_LONGER = 2.0  # times the longest distractor
SHORT = 30  # characters; a key up to this length is never too long
LONG_TEXT = 40  # characters; nobody types anything longer the same way twice
_CODE = re.compile(r"```.*?(?:```|$)|`[^`]*`", re.DOTALL)
ABOVE = re.compile(
    r"\b(?:all|none|both|neither|any) of (?:the above|these|them)\b"
    r"|^(?:both )?[a-f] (?:and|or|&) [a-f]\.?$",
    re.IGNORECASE,
)
NEGATION = re.compile(r"\b(?:not|never|except)\b|n['’]t\b")


def look_at(question: Draft) -> Iterator[Finding]:
    """Yield the findings on a question, without its index."""
    yield from _options(question)
    yield from _stem(question)
    yield from _typed(question)
    if not question.explanation:
        yield Finding(
            "no-explanation",
            "There is no explanation: say why the answer is right, for those who were wrong.",
        )


def _options(question: Draft) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    exact = any("`" in text for text in (question.text, *question.options))
    for option in question.options:
        same = alike(option, exact=exact)
        if same in seen:
            message = f'"{seen[same]}" and "{option}" say the same: make them differ.'
            yield Finding("same-options", message)
        seen[same] = option
        if ABOVE.search(option):
            message = f'"{option}" tests logic, not knowledge: write another option.'
            yield Finding("all-of-the-above", message)
    if question.type is QuestionType.SINGLE and isinstance(question.correct, int):
        key, longest = _lengths(question.options, question.correct)
        if key > SHORT and key > MUCH_LONGER * longest:
            message = "The right answer is more than twice as long as any other: that gives it away"
            yield Finding("long-key", f"{message}; shorten it or write longer distractors.")
    if isinstance(question.correct, tuple) and 0 < len(question.options) == len(question.correct):
        yield Finding("all-right", "Every option is right: add some that are not.")


def _stem(question: Draft) -> Iterator[Finding]:
    prose = _CODE.sub(" ", question.text)
    if question.type is QuestionType.SINGLE and NEGATION.search(prose):
        message = (
            "A negation is easy to overlook: turn the question around, or write NOT in capitals."
        )
        yield Finding("negation", message)
    if question.time_limit is not None:
        words = len(" ".join((question.text, *question.options)).split())
        needed = words / WORDS_A_SECOND + LEAST_THOUGHT
        if question.time_limit < needed:
            message = f"Reading its {words} words takes most of {question.time_limit:g} s: give it"
            yield Finding("too-little-time", f"{message} {round(needed + 4.5, -1):g} s or more.")


def _typed(question: Draft) -> Iterator[Finding]:
    if isinstance(question.correct, int):
        return
    for key in question.correct:
        if isinstance(key, Number) and not key.tolerance and not key.value.is_integer():
            message = f"{key.value:g} has no tolerance: who rounds in another place is wrong."
            yield Finding("no-tolerance", f"{message} Give it one.")
        if isinstance(key, str) and len(key) > LONG_TEXT and not question.wildcards:
            message = f'Nobody types "{key}" to the letter: ask for a word or two.'
            yield Finding("long-text", message)


def alike(text: str, *, exact: bool = False) -> str:
    """Return text without differences in whitespace, end punctuation and, unless `exact`, case."""
    plain = " ".join(text.split()).rstrip(".!?:; ")
    return plain if exact else plain.casefold()


def _lengths(options: tuple[str, ...], key: int) -> tuple[int, int]:
    """Return the lengths of the key and of the longest distractor."""
    return len(options[key]), max(len(o) for place, o in enumerate(options) if place != key)
