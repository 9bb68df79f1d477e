"""What the cells of a row say, as the fields of a question."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from livequiz.bank.reading import tidy
from livequiz.bank.table_key import Unreadable, flag_of, key_of, kind_of, number_of, split
from livequiz.bank.table_names import OPTIONS
from livequiz.bank.workbook import Cell, Unusable
from livequiz.domain.text import is_hostile

LONGEST_CELL = 32_767  # characters, as spreadsheets have it


def fields_of(cells: Mapping[str, Cell]) -> dict[str, object]:
    """Return the fields of `QuestionIn` that the cells of a row say, by their columns.

    Raises:
        Unreadable: If one of them says nothing that can be used.
    """
    return _fields(_usable(cells))


def _usable(cells: Mapping[str, Cell]) -> dict[str, str]:
    """Return the texts of a row that are not empty.

    Raises:
        Unreadable: If there is a cell that is none.
    """
    texts = {}
    for name, cell in cells.items():
        if isinstance(cell, Unusable):
            raise Unreadable(name, cell.message)
        # As many texts may be accepted as there are; all else is far shorter.
        if len(cell) > LONGEST_CELL and name != "correct":
            message = f"This cell has {len(cell)} characters: shorten it to {LONGEST_CELL} or less."
            raise Unreadable(name, message)
        texts[name] = _tidied(cell)
    return {name: text for name, text in texts.items() if text}


def _tidied(cell: str) -> str:
    """Return a text without what can't be shown, and else as it is: nothing of a draft is lost."""
    text = cell.strip()
    if text.isprintable():
        return text
    hostile = any(is_hostile(character) for character in text if character not in "\n\t")
    return tidy(text) if hostile else text


def _fields(cells: Mapping[str, str]) -> dict[str, object]:
    options = _options(cells)
    key = cells.get("correct", "")
    if not key:
        raise Unreadable("correct", "`correct` is empty: say which answer is right.")
    kind = kind_of(cells.get("type", ""), key, options)
    return {
        "question": cells.get("question", ""),
        "type": kind,
        "correct": key_of(kind, key, options),
        **({"options": options} if options else {}),
        **{name: read(name, cells[name]) for name, read in _READERS.items() if name in cells},
    }


def _options(cells: Mapping[str, str]) -> list[str]:
    options = [cells.get(name, "") for name in OPTIONS]
    while options and not options[-1]:
        options.pop()
    if "" in options:
        name = OPTIONS[options.index("")]
        raise Unreadable(name, f"`{name}` is empty, but there are options after it: move them up.")
    return options


def _short(name: str, text: str) -> int | float:
    value = number_of(name, text)
    return int(value) if value.is_integer() else value


def _topics(_: str, text: str) -> list[str]:
    """Return topics with semicolons between them, or with commas where there is none."""
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
