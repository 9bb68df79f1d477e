"""Questions from the rows of a table: CSV and XLSX have the same columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from string import ascii_lowercase, ascii_uppercase

from livequiz.bank.reading import Item, Kind, Place, Problem, beginning, item, tidy
from livequiz.bank.workbook import Cell, Unusable, as_texts
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.text import is_hostile
from livequiz.domain.typed import read_number

HEADER_WITHIN = 20  # rows
LONGEST_CELL = 32_767  # characters, as spreadsheets have it
OPTIONS = tuple(f"option_{letter}" for letter in ascii_lowercase)
FIELDS = (
    *("type", "correct", "weights", "scoring", "points", "time_limit", "topics", "difficulty"),
    *("explanation", "source", "case_sensitive", "wildcards"),
)
NO_HEADER = (
    'There is no row with the columns\' names, of which "question" and "correct" are needed: '
    "`livequiz questions template` has them."
)
_KNOWN = frozenset({"question", *OPTIONS, *FIELDS})
_NEEDED = ("question", "correct")
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_AROUND = re.compile(r"±|\+-|\+/-")
_BAR = re.compile(r"(?<!\\)\|")

Row = Sequence[Cell]


class Unreadable(Exception):  # noqa: N818 - caught in this module
    """A cell that says nothing that can be used."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column
        self.message = message


@dataclass(frozen=True, slots=True)
class Header:
    """The row with the columns' names.

    Attributes:
        columns: Where those are that mean something, 0-based.
        names: All of them as they are written, for what there is to say of the others.
        row: 1-based.
        sheet: The name of the sheet, in a workbook.
    """

    columns: Mapping[str, int]
    names: Sequence[str]
    row: int
    sheet: str | None = None

    def place(self, name: str | None, row: int) -> Place:
        """Return the cell of a field of `QuestionIn` in a row, or that of the question's text."""
        field = (name or "").partition("[")[0]
        column = self.columns.get("option_a" if field == "options" else field)
        return cell_place(row, self.columns["question"] if column is None else column, self.sheet)


def read_rows(rows: Iterator[Row]) -> Iterator[Item]:
    """Read questions from the rows of a table.

    Raises:
        QuizError: `bad_request` if there is no row with the columns' names.
    """
    header = find_header(rows)
    if header is None:
        raise QuizError(Code.BAD_REQUEST, NO_HEADER)
    yield from read_questions(rows, header)


def find_header(rows: Iterator[Row], sheet: str | None = None) -> Header | None:
    """Return the row with the columns' names, if it is among the first ones.

    Args:
        rows: Of the table, from its first one; those after the header are left in it.
        sheet: Its name, in a workbook.
    """
    for number, row in enumerate(islice(rows, HEADER_WITHIN), start=1):
        names = [text.strip() for text in as_texts(row)]
        columns: dict[str, int] = {}
        for place, text in enumerate(names):
            name = _name(text)
            if name in _KNOWN:
                columns.setdefault(name, place)
        if all(name in columns for name in _NEEDED):
            return Header(columns, names, number, sheet)
    return None


def read_questions(rows: Iterator[Row], header: Header) -> Iterator[Item]:
    """Read questions from the rows after the columns' names."""
    yield from _odd_columns(header)
    unnamed = [place for place, name in enumerate(header.names) if not name]
    for number, row in enumerate(rows, start=header.row + 1):
        cells = {name: row[at] for name, at in header.columns.items() if at < len(row)}
        found = next((at for at in unnamed if at < len(row) and _says(row[at])), None)
        if found is not None:
            message = "What stands under no column's name was left out: give the column one."
            yield Problem(Kind.LOST, cell_place(number, found, header.sheet), message)
            unnamed = []
        if any(map(_says, cells.values())):
            yield _question(cells, row, header, number)


def _odd_columns(header: Header) -> Iterator[Problem]:
    """Yield what was left out of all rows: columns of no meaning, or of one that another has."""
    used = set(header.columns.values())
    for known, message in (
        (False, "These columns mean nothing here and were left out: {}."),
        (True, "These columns are there twice, and only the first was read: {}; delete one."),
    ):
        odd = [
            place
            for place, name in enumerate(header.names)
            if name and place not in used and (_name(name) in _KNOWN) is known
        ]
        if odd:
            names = ", ".join(_name(header.names[place])[:30] for place in odd[:10])
            place = cell_place(header.row, odd[0], header.sheet)
            yield Problem(Kind.LOST, place, message.format(names))


def _says(cell: Cell) -> bool:
    """Return whether there is something in a cell."""
    return isinstance(cell, Unusable) or bool(cell.strip())


def _name(text: str) -> str:
    """Return a column's name, or a type's, as it is written here."""
    return re.sub(r"[\s/_-]+", "_", text.strip().lower())


def _question(cells: Mapping[str, Cell], row: Row, header: Header, number: int) -> Item:
    first = cells.get("question")
    text = beginning(first[:200]) if isinstance(first, str) else ""
    width = len(header.names)
    if any(map(_says, row[width:])):
        message = "This row has more cells than columns: put texts with the delimiter in quotes."
        place = cell_place(number, width, header.sheet)
        return Problem(Kind.WRONG, place, message, text)
    try:
        found = item(_fields(_usable(cells)), header.place("question", number))
    except Unreadable as wrong:
        place = header.place(wrong.column, number)
        return Problem(Kind.WRONG, place, wrong.message, text, wrong.column)
    if isinstance(found, Problem):
        return replace(found, place=header.place(found.field, number))
    return found


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
    kind = _name(cells.get("type", "")) or _guessed(key, options)
    return {
        "question": cells.get("question", ""),
        "type": kind,
        "correct": _key(kind, key, len(options)),
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


def _guessed(key: str, options: list[str]) -> str:
    """Return the type of a question that does not say it."""
    if options:
        return "multiple" if "," in key else "single"
    if key.lower() in _YES and not key.isdecimal():
        return "true_false"
    first = _AROUND.split(_BAR.split(key)[0])[0]
    return "numeric" if read_number(first) is not None else "short_text"


def _key(kind: str, text: str, options: int) -> object:
    match kind:
        case "single":
            return _letter(text, options)
        case "multiple":
            return [_letter(part, options) for part in text.split(",")]
        case "true_false":
            return _flag("correct", text)
        case "numeric":
            return [_with_tolerance(part) for part in _BAR.split(text)]
        case _:
            return [part.strip() for part in _split(text, "|") if part.strip()]


def _letter(text: str, options: int) -> int:
    letter = text.strip().upper()
    if len(letter) != 1 or letter not in ascii_uppercase:
        message = f"`correct` is {text.strip()[:20]}: give the letter of an option, such as B."
        raise Unreadable("correct", message)
    place = ascii_uppercase.index(letter)
    if place >= options > 0:
        last = ascii_uppercase[options - 1]
        raise Unreadable("correct", f"`correct` is {letter}, but the last option is {last}.")
    return place


def _with_tolerance(text: str) -> dict[str, float]:
    value, *around = _AROUND.split(text.strip(), maxsplit=1)
    tolerance = _number("correct", around[0]) if around else 0.0
    if tolerance < 0:
        message = f"`correct` is {text.strip()[:20]}: give a tolerance of 0 or more."
        raise Unreadable("correct", message)
    return {"value": _number("correct", value), "tolerance": tolerance}


def _number(name: str, text: str) -> float:
    value = read_number(text)
    if value is None:
        raise Unreadable(name, f"`{name}` is {text.strip()[:20]}: give a number, such as 2.5.")
    return value


def _short(name: str, text: str) -> int | float:
    value = _number(name, text)
    return int(value) if value.is_integer() else value


def _flag(name: str, text: str) -> bool:
    flag = _YES.get(text.strip().lower())
    if flag is None:
        raise Unreadable(name, f"`{name}` is {text.strip()[:20]}: write true or false.")
    return flag


def _topics(_: str, text: str) -> list[str]:
    return [part.strip() for part in _split(text, ";") if part.strip()]


def _weights(name: str, text: str) -> list[float]:
    return [_number(name, part) for part in text.split(";")]


_READERS: dict[str, Callable[[str, str], object]] = {
    "weights": _weights,
    "scoring": lambda _, text: text.lower(),
    "points": _short,
    "time_limit": _short,
    "topics": _topics,
    "difficulty": lambda _, text: text.lower(),
    "explanation": lambda _, text: text,
    "source": lambda _, text: text,
    "case_sensitive": _flag,
    "wildcards": _flag,
}


def cell_place(row: int, column: int, sheet: str | None = None) -> Place:
    """Return the place of a cell.

    Args:
        row: 1-based.
        column: 0-based.
        sheet: Its name, in a workbook.
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = ascii_uppercase[rest] + letters
    return Place(cell=f"{letters}{row}", member=sheet)


def _split(text: str, mark: str) -> list[str]:
    r"""Return the parts of a list in a cell; `\` before a mark makes it text."""
    parts = re.split(rf"(?<!\\){re.escape(mark)}", text)
    return [part.replace(f"\\{mark}", mark) for part in parts]
