"""Writes questions as table rows that `table` reads back unchanged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import ascii_uppercase
from typing import cast

from livequiz.bank.table.headers import FIELDS, OPTIONS
from livequiz.bank.table.key_column import Key, KeyColumn, Unreadable, named_options
from livequiz.domain.key_wording import number_in_words
from livequiz.domain.model import Draft, Number, QuestionType, Scoring
from livequiz.protocol.questions import TRUE_FALSE

FIRST_OPTIONS = 6  # option columns that are always written


def rows_of(drafts: Sequence[Draft]) -> Iterator[list[str]]:
    """Yield the header row, then a row for each question."""
    most = max([FIRST_OPTIONS, *(len(draft.options) for draft in drafts)])
    options = OPTIONS[:most]
    yield ["question", "type", *options, *FIELDS[1:]]
    for draft in drafts:
        shown = draft.options
        if draft.type is QuestionType.TRUE_FALSE and shown == TRUE_FALSE:
            shown = ()
        cells = [draft.text, draft.type.value, *shown, *[""] * (most - len(shown))]
        yield [*cells, *_written(draft)]


def _written(draft: Draft) -> Iterator[str]:
    yield _written_key(draft)
    yield ";".join(number_in_words(weight) for weight in draft.weights)
    yield "" if draft.scoring is Scoring.ALL else draft.scoring.value
    yield str(draft.points)
    yield "" if draft.time_limit is None else number_in_words(draft.time_limit)
    yield "; ".join(map(_written_topic, draft.topics)) + _comma_mark(draft.topics)
    yield draft.difficulty.value if draft.difficulty else ""
    yield draft.explanation or ""
    yield draft.source or ""
    yield "true" if draft.case_sensitive else ""
    yield "true" if draft.wildcards else ""


def _written_key(draft: Draft) -> str:
    key = draft.correct
    if draft.type is QuestionType.TRUE_FALSE and draft.options == TRUE_FALSE:
        return "true" if key == 0 else "false"
    if isinstance(key, int):
        return _written_places([key], draft)
    if draft.type is QuestionType.MULTIPLE:
        return _written_places(cast("tuple[int, ...]", key), draft)
    if draft.type is QuestionType.NUMERIC:
        return " | ".join(map(_written_number, cast("tuple[Number, ...]", key)))
    return " | ".join(text.replace("|", "\\|") for text in cast("tuple[str, ...]", key))


def _written_places(places: Sequence[int], draft: Draft) -> str:
    """Return options by letter, or by column name if the letters could be an option's text."""
    for name in ("", "option_", "choice_", "answer_", "alternative_"):
        written = ",".join(f"{name}{ascii_uppercase[place]}" for place in places)
        try:
            named_options(Key(written, draft.options), KeyColumn())
        except Unreadable:
            continue  # an option has that text
        return written.lower() if name else written
    return ",".join(OPTIONS[place] for place in places)


def _written_topic(topic: str) -> str:
    """Return a topic with semicolons escaped, and a space after a final backslash."""
    return topic.replace(";", "\\;") + (" " if topic.endswith("\\") else "")


def _comma_mark(topics: Sequence[str]) -> str:
    """Return a semicolon if a single topic has a comma, to keep it from being a separator."""
    return ";" if len(topics) == 1 and "," in topics[0] else ""


def _written_number(number: Number) -> str:
    value = number_in_words(number.value)
    return f"{value} ± {number_in_words(number.tolerance)}" if number.tolerance else value
