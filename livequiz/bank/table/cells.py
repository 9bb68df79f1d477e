"""Converts the cells of a row to the fields of a question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from livequiz.bank.foreign_question import scattered
from livequiz.bank.reading import tidy
from livequiz.bank.table.answer_key import flag_of, key_of, kind_named, kind_of, number_of, split
from livequiz.bank.table.headers import DISTRACTORS, OPTIONS
from livequiz.bank.table.key_column import Key, KeyColumn, Unreadable
from livequiz.bank.workbook import Cell, Unusable
from livequiz.domain.model import QuestionType
from livequiz.domain.text import is_hostile
from livequiz.protocol.questions import same_options

LONGEST_CELL = 32_767  # characters, the limit in spreadsheets
# Without any of these, a question still asks the same thing and has the same key.
OPTIONAL = frozenset(
    {"points", "time_limit", "topics", "difficulty", "explanation", "source", "scoring"}
)
_ASKS = frozenset({"question", "correct", *OPTIONS, *DISTRACTORS, "explanation", "source"})


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of `QuestionIn`, and the optional cells that can't be read."""

    known: dict[str, object]
    lost: list[Unreadable]


@dataclass(frozen=True, slots=True)
class Row:
    """The texts of a row by field, and its unusable cells.

    Attributes:
        texts: The non-empty ones.
        unusable: What is wrong with the other cells.
    """

    texts: Mapping[str, str]
    unusable: Sequence[Unreadable]

    @property
    def empty(self) -> bool:
        """Whether it has no question: templates prefill types and times in blank rows."""
        names = {*self.texts, *(cell.column for cell in self.unusable)}
        return not names & _ASKS

    @property
    def key(self) -> Key:
        """The key, and the options that it can name."""
        options = [self.texts.get(name, "") for name in OPTIONS]
        while options and not options[-1]:
            options.pop()
        flag = kind_named(self.texts.get("type", "")) == QuestionType.TRUE_FALSE
        return Key(self.texts.get("correct", ""), options, flag)


def row_of(cells: Mapping[str, Cell]) -> Row:
    """Return the texts of a row, and its unusable cells."""
    texts: dict[str, str] = {}
    unusable: list[Unreadable] = []
    for name, cell in cells.items():
        if isinstance(cell, Unusable):
            unusable.append(Unreadable(name, cell.message))
        # The number of accepted texts is unlimited; all other fields are far shorter.
        elif len(cell) > LONGEST_CELL and name != "correct":
            message = f"This cell has {len(cell)} characters: shorten it to {LONGEST_CELL} or less."
            unusable.append(Unreadable(name, message))
        elif text := _tidied(cell):
            texts[name] = text
    return Row(texts, unusable)


def fields_of(row: Row, column: KeyColumn, *, any_of: bool = False) -> Fields:
    """Return the fields of `QuestionIn` from the cells of a row.

    Args:
        row: The row.
        column: What is known about the keys in its column.
        any_of: Whether choosing any one of several right options is enough.

    Raises:
        Unreadable: If a cell that the question needs is unusable.
    """
    lost = []
    for cell in row.unusable:
        if cell.column not in OPTIONAL:
            raise cell
        lost.append(cell)
    fields = {"question": row.texts.get("question", ""), **_answers(row, column, any_of=any_of)}
    for name, read in _READERS.items():
        if name in row.texts:
            try:
                fields[name] = read(name, row.texts[name])
            except Unreadable as cell:
                if name not in OPTIONAL:
                    raise
                lost.append(cell)
    return Fields(fields, lost)


def _tidied(cell: str) -> str:
    """Return a text, tidied only if it can't be shown as it is: drafts are read back intact."""
    text = cell.strip()
    if text.isprintable():
        return text
    hostile = any(is_hostile(character) for character in text if character not in "\n\t")
    return tidy(text) if hostile else text


def _answers(row: Row, column: KeyColumn, *, any_of: bool) -> dict[str, object]:
    """Return the type, the options and the key."""
    key = row.key
    wrong = [row.texts[name] for name in DISTRACTORS if name in row.texts]
    if wrong and key.text and not key.options:
        return scattered(row.texts.get("question", ""), key.text, wrong)
    if "" in key.options and not column.numbered:
        name = OPTIONS[key.options.index("")]
        raise Unreadable(name, f"`{name}` is empty, but there are options after it: move them up.")
    if same := same_options([option for option in key.options if option]):
        raise Unreadable("options", same)
    kind = kind_of(row.texts.get("type", ""), key, column)
    if kind not in set(QuestionType):
        return {"type": kind, "correct": key.text}
    options = [option for option in key.options if option]
    if not key.text and not (kind == QuestionType.SHORT_TEXT and options):
        raise Unreadable("correct", "`correct` is empty: say which answer is right.")
    fields = {"type": kind, "correct": key_of(kind, key, column)}
    if kind == QuestionType.SHORT_TEXT or not options:
        return fields
    fields["options"] = options
    return _without_gaps(fields, key, any_of=any_of)


def _without_gaps(fields: dict[str, object], key: Key, *, any_of: bool) -> dict[str, object]:
    """Return a choice question with its key renumbered to count only the filled options."""
    filled = [place for place, option in enumerate(key.options) if option]
    correct = fields["correct"]
    if isinstance(correct, list):
        right = [filled.index(place) for place in correct]
        if any_of and fields["type"] == QuestionType.MULTIPLE:
            weights = [100.0 * (place in right) for place in range(len(filled))]
            return {**fields, "type": "single", "correct": right[0], "weights": weights}
        return {**fields, "correct": right}
    if isinstance(correct, int) and not isinstance(correct, bool):
        return {**fields, "correct": filled.index(correct)}
    return fields


def _short(name: str, text: str) -> int | float:
    value = number_of(name, text)
    return int(value) if value.is_integer() else value


def _topics(_: str, text: str) -> list[str]:
    """Return topics separated by semicolons, or by commas if there is no semicolon."""
    parts = split(text, ";")
    if not parts[1:]:
        parts = [part.replace("\\;", ";") for part in text.split(",")]
    return [part.strip() for part in parts if part.strip()]


def _weights(name: str, text: str) -> list[float]:
    return [number_of(name, part) for part in text.split(";")]


_READERS: dict[str, Callable[[str, str], object]] = {
    "weights": _weights,
    "scoring": lambda _, text: text.lower(),
    "points": _short,
    "time_limit": _short,
    "topics": _topics,
    "difficulty": lambda _, text: text.lower(),
    "explanation": lambda _, text: text,
    "source": lambda _, text: text,
    "case_sensitive": flag_of,
    "wildcards": flag_of,
}
