"""Questions from the rows of a table: CSV and XLSX have the same columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from string import ascii_uppercase

from livequiz.bank.reading import Item, Kind, Place, Problem, beginning, item
from livequiz.bank.table_cells import fields_of
from livequiz.bank.table_key import Unreadable
from livequiz.bank.table_names import KNOWN, OPTIONS, as_name, meanings
from livequiz.bank.workbook import Cell, Unusable, as_texts
from livequiz.domain.errors import Code, QuizError

HEADER_WITHIN = 20  # rows
NO_HEADER = (
    'There is no row with the columns\' names, of which "question" and "correct" are needed: '
    "`livequiz questions template` has them."
)
_NEEDED = ("question", "correct")
Row = Sequence[Cell]


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
        for place, name in enumerate(meanings(names)):
            if name in KNOWN:
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
            if name and place not in used and (as_name(name) in KNOWN) is known
        ]
        if odd:
            names = ", ".join(as_name(header.names[place])[:30] for place in odd[:10])
            place = cell_place(header.row, odd[0], header.sheet)
            yield Problem(Kind.LOST, place, message.format(names))


def _says(cell: Cell) -> bool:
    """Return whether there is something in a cell."""
    return isinstance(cell, Unusable) or bool(cell.strip())


def _question(cells: Mapping[str, Cell], row: Row, header: Header, number: int) -> Item:
    first = cells.get("question")
    text = beginning(first[:200]) if isinstance(first, str) else ""
    width = len(header.names)
    if any(map(_says, row[width:])):
        message = "This row has more cells than columns: put texts with the delimiter in quotes."
        place = cell_place(number, width, header.sheet)
        return Problem(Kind.WRONG, place, message, text)
    try:
        _check_for_options(cells, row, header)
        found = item(fields_of(cells), header.place("question", number))
    except Unreadable as wrong:
        place = header.place(wrong.column, number)
        return Problem(Kind.WRONG, place, wrong.message, text, wrong.column)
    if isinstance(found, Problem):
        return replace(found, place=header.place(found.field, number))
    return found


def _check_for_options(cells: Mapping[str, Cell], row: Row, header: Header) -> None:
    """Refuse a row whose options seem to stand in columns that mean nothing here.

    Raises:
        Unreadable: If it has no type and no options, but texts in several such columns.
    """
    if any(_says(cell) for name, cell in cells.items() if name in {"type", *OPTIONS}):
        return
    used = set(header.columns.values())
    others = [
        name
        for place, (name, cell) in enumerate(zip(header.names, row, strict=False))
        if name and place not in used and _says(cell)
    ]
    if len(others) > 1:
        names = ", ".join(name[:20] for name in others[:4])
        message = (
            f"It has no options, but text in columns that mean nothing here ({names}): call them "
            "option_a, option_b and so on; or say in `type` that it is short_text or numeric."
        )
        raise Unreadable("question", message)


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
