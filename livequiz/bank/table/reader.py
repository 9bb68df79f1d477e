"""Reads questions from the rows of a table; CSV and XLSX have the same columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from string import ascii_uppercase

from livequiz.bank.reading import Item, Kind, Place, Problem, beginning, item
from livequiz.bank.table.cells import OPTIONAL, Row, fields_of, row_of
from livequiz.bank.table.headers import (
    DISTRACTORS,
    KNOWN,
    LISTS,
    OPTIONS,
    as_name,
    bare_name,
    columns_of,
    without_remarks,
)
from livequiz.bank.table.key_column import Key, KeyColumn, Unreadable, key_column, names_options
from livequiz.bank.workbook import Cell, Unusable, as_texts
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.text import printable

HEADER_WITHIN = 40  # rows
NO_HEADER = (
    'There is no row with the columns\' names, of which "question" and "correct" are needed: '
    "`livequiz questions template` has them."
)
_NEEDED = ("question", "correct")
_MOST_NAMES = 100  # column names in one message
# Columns of Kahoot's and Blooket's templates: keys are numbers, any one of which is right.
_COUNTED = frozenset({"question", "option_a", "option_b", "time_limit", "correct"})
# A field's name in a message; text from the file is in backticks only after a colon.
_FIELD = re.compile(r"(?<!: )`([a-z_]+)((?:\[[^`]*)?)`")
_LONGEST_NAME = 40  # characters of a column's name in a message
Cells = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Header:
    """The row with the columns' names.

    Attributes:
        columns: The 0-based positions of the known columns.
        names: All names as written, for messages about the other columns.
        row: The row's number, 1-based.
        sheet: The name of the sheet, in a workbook.
    """

    columns: Mapping[str, int]
    names: Sequence[str]
    row: int
    sheet: str | None = None

    @property
    def any_of(self) -> bool:
        """Whether any one of several right answers is enough, as in Kahoot and Blooket."""
        return (
            self.columns.keys() >= _COUNTED
            and "type" not in self.columns
            and self._called("option_a") == "answer_1"
            and self._called("correct").startswith("correct_answer")
        )

    @property
    def counts_questions(self) -> bool:
        """Whether another column numbers the questions, as Blooket's does."""
        return "question_#" in map(bare_name, self.names)

    @property
    def numbered(self) -> bool:
        """Whether the table's program defines its keys as numbers."""
        return self.any_of or (
            self._called("type") == "question_type"
            and self._called("option_a") == "option_1"
            and self._called("time_limit") == "time_in_seconds"
        )

    @property
    def indexed(self) -> bool:
        """Whether the key is an index, which may count from 0, or its name has a 0 in it."""
        name = self.names[self.columns["correct"]]
        return self._called("correct").endswith("_index") or bool(re.search(r"\b0", name))

    def _called(self, name: str) -> str:
        column = self.columns.get(name)
        return "" if column is None else bare_name(self.names[column])

    def place(self, name: str | None, row: int) -> Place:
        """Return the cell of a `QuestionIn` field in a row; the question's if it has no column."""
        field = (name or "").partition("[")[0]
        column = self.columns.get("option_a" if field == "options" else field)
        return cell_place(row, self.columns["question"] if column is None else column, self.sheet)

    def by_own_names(self, message: str) -> str:
        """Return a message about a row with the columns named as in the file."""

        def own(found: re.Match[str]) -> str:
            column = self.columns.get(found[1])
            if column is None:
                return found[0]
            name = printable(without_remarks(self.names[column])[:_LONGEST_NAME])
            return f"`{name}{found[2]}`"

        return _FIELD.sub(own, message)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows below the header, both as raw cells and by field."""

    header: Header
    cells: Sequence[Cells]
    rows: Sequence[Row]


def read_table(rows: Iterator[Cells], sheet: str | None = None) -> Table | None:
    """Return a table; None if none of its first rows has the columns' names.

    Args:
        rows: The table's rows, from the first.
        sheet: The sheet's name, in a workbook.
    """
    header = find_header(rows, sheet)
    if header is None:
        return None
    table = list(rows)
    if table and _is_guidance(table[0]):
        table[0] = []
    columns = header.columns.items()
    known = [row_of({name: c[at] for name, at in columns if at < len(c)}) for c in table]
    return Table(header, table, known)


def read_questions(tables: Sequence[Table]) -> Iterator[Item]:
    """Read questions from the tables of a file; what a key means can depend on all the others.

    Raises:
        QuizError: `bad_request` if there are no tables.
    """
    if not tables:
        raise QuizError(Code.BAD_REQUEST, NO_HEADER)
    keys = [row.key for table in tables for row in table.rows]
    column = key_column(
        [key for key in keys if key.options],
        numbered=all(table.header.numbered for table in tables),
        told=all(table.header.any_of for table in tables),
        indexed=any(table.header.indexed for table in tables),
    )
    for table in tables:
        yield from _items(table, column)


def find_header(rows: Iterator[Cells], sheet: str | None = None) -> Header | None:
    """Return the row with the columns' names; None if it isn't among the first rows.

    Args:
        rows: The table's rows, from the first; consumed up to the header.
        sheet: The sheet's name, in a workbook.
    """
    for number, row in enumerate(islice(rows, HEADER_WITHIN), start=1):
        names = [text.strip() for text in as_texts(row)]
        columns = columns_of(names)
        if all(name in columns for name in _NEEDED):
            return Header(columns, names, number, sheet)
    return None


def _items(table: Table, column: KeyColumn) -> Iterator[Item]:
    header = table.header
    yield from _odd_columns(header)
    unnamed = [place for place, name in enumerate(header.names) if not name]
    rows = zip(table.cells, table.rows, strict=True)
    for number, (cells, row) in enumerate(rows, start=header.row + 1):
        found = next((at for at in unnamed if _is_lost(cells, at, header)), None)
        if found is not None:
            message = "What stands under no column's name was left out: give the column one."
            yield Problem(Kind.LOST, cell_place(number, found, header.sheet), message)
            unnamed = []
        if not row.empty:
            yield from _question(row, cells, header, column, number)


def _is_lost(cells: Cells, place: int, header: Header) -> bool:
    """Return whether a cell in an unnamed column has more than the question's number."""
    cell = cells[place] if place < len(cells) else ""
    numbers = place < header.columns["question"] and isinstance(cell, str) and cell.isdecimal()
    return _says(cell) and not numbers


def _is_guidance(row: Cells) -> bool:
    """Return whether a row explains how to fill in the columns, as in Wayground's template."""
    texts = [text.lower() for text in as_texts(row)]
    return sum("(required" in text or "(optional" in text for text in texts) > 1


def _odd_columns(header: Header) -> Iterator[Problem]:
    """Yield problems for the columns that were left out: unknown ones and duplicates."""
    used = set(header.columns.values())
    there = {as_name(header.names[place]) for place in used} | KNOWN
    for known, message in (
        (False, "LiveQuiz does not know these columns and left them out: {}."),
        (True, "These columns are there twice, and only the first was read: {}; delete one."),
    ):
        odd = [
            place
            for place, name in enumerate(header.names)
            if name and place not in used and (as_name(name) in there) is known
        ]
        if odd:
            names = [printable(as_name(header.names[place])[:30]) for place in odd]
            more = [f"and {len(odd) - _MOST_NAMES} more"] if len(odd) > _MOST_NAMES else []
            said = ", ".join([*names[:_MOST_NAMES], *more])
            place = cell_place(header.row, odd[0], header.sheet)
            yield Problem(Kind.LOST, place, message.format(said))


def _says(cell: Cell) -> bool:
    """Return whether a cell isn't empty."""
    return isinstance(cell, Unusable) or bool(cell.strip())


def _question(
    row: Row, cells: Cells, header: Header, column: KeyColumn, number: int
) -> Iterator[Item]:
    text = beginning(row.texts.get("question", "")[:200])
    width = len(header.names)
    if any(map(_says, cells[width:])):
        message = "This row has more cells than columns: put texts with the delimiter in quotes."
        place = cell_place(number, width, header.sheet)
        yield Problem(Kind.WRONG, place, message, text)
        return
    try:
        _check_for_options(row, cells, header)
        fields = fields_of(row, column, any_of=header.any_of)
        found = item(fields.known, header.place("question", number))
        while isinstance(found, Problem) and (lost := _optional(found)):
            fields.lost.append(Unreadable(lost, found.message))
            del fields.known[lost]
            found = item(fields.known, found.place)
    except Unreadable as wrong:
        kind = Kind.UNSUPPORTED if wrong.unsupported else Kind.WRONG
        place = header.place(wrong.column, number)
        yield Problem(kind, place, header.by_own_names(wrong.message), text, wrong.column)
        return
    if isinstance(found, Problem):
        message = header.by_own_names(found.message)
        yield replace(found, place=header.place(found.field, number), message=message)
        return
    yield found
    for cell in fields.lost:
        place = header.place(cell.column, number)
        message = f"Imported without this cell: {header.by_own_names(cell.message)}"
        yield Problem(Kind.LOST, place, message, text, cell.column)


def _optional(problem: Problem) -> str | None:
    """Return the field at fault if it is optional, else None."""
    name = (problem.field or "").partition("[")[0]
    return name if name in OPTIONAL else None


def _check_for_options(row: Row, cells: Cells, header: Header) -> None:
    """Reject a row whose options seem to be in unknown columns.

    Raises:
        Unreadable: If it has no type and no options, but a key that names one, text in several
            unknown columns, or text in one with a name like `options`.
    """
    if "type" in row.texts or row.key.options or header.columns.keys() & DISTRACTORS:
        return
    columns = [name for name in OPTIONS if name in header.columns]
    key = row.key.text
    if columns and names_options(Key(key, columns)):
        message = (
            f"`correct` is {key[:20]}, but there are no options: fill them in, or say in `type` "
            "that it is short_text or numeric."
        )
        raise Unreadable("correct", message)
    used = set(header.columns.values())
    others = [
        name
        for place, (name, cell) in enumerate(zip(header.names, cells, strict=False))
        if name and place not in used and _says(cell)
    ]
    if len(others) > 1 or any(as_name(name) in LISTS for name in others):
        names = ", ".join(printable(name[:20]) for name in others[:4])
        message = (
            f"It has no options, but text in columns that LiveQuiz does not know ({names}): call "
            "them option_a, option_b and so on; or say in `type` that it is short_text or numeric."
        )
        raise Unreadable("question", message)


def cell_place(row: int, column: int, sheet: str | None = None) -> Place:
    """Return the place of a cell.

    Args:
        row: 1-based.
        column: 0-based.
        sheet: The sheet's name, in a workbook.
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = ascii_uppercase[rest] + letters
    return Place(cell=f"{letters}{row}", member=sheet)
