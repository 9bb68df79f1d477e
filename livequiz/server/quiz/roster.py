"""The roster of `serve --roster`: the students who may join, with their names."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.text import clean_name, printable
from livequiz.process.files import read_at_most
from livequiz.protocol.codec import decode_id
from livequiz.protocol.fields import StudentId

LARGEST_FILE = 4 * 1024 * 1024  # bytes
LINES_SHOWN = 5  # line numbers listed in one message
COLUMNS = ("student_id", "name")
ACCOUNTS = ("email", "login", "sis_id", "group")  # further columns, for gradebooks

Row = tuple[int, list[str]]  # number of its first line, cells


@dataclass(frozen=True, slots=True)
class Roster:
    """The students who may join: names by student id.

    Attributes:
        accounts: What other programs know a student by: the cells of `ACCOUNTS` that are filled in.
    """

    names: Mapping[str, str]
    accounts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def name_of(self, student_id: str) -> str:
        """Return a student's name on the roster.

        Raises:
            QuizError: `forbidden` if the student is not on it.
        """
        name = self.names.get(student_id)
        if name is None:
            raise QuizError(Code.FORBIDDEN, self._not_on_it(student_id), "student_id")
        return name

    def _not_on_it(self, student_id: str) -> str:
        for known in self.names:
            if known.lower() == student_id.lower():
                return (
                    f"The class list has {known}, not {student_id}: "
                    "type the id with the same capital and small letters."
                )
        return (
            f"The id {student_id} is not on the class list; "
            "check it, or ask your teacher to add it."
        )


def read_file(path: Path) -> Roster:
    """Read a roster file.

    Raises:
        QuizError: `bad_request` if the file can't be read or any line of it is invalid.
    """
    label = printable(str(path))
    try:
        content = read_at_most(path, LARGEST_FILE + 1)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise _wrong(f"{label} can't be read ({reason}); check --roster.") from None
    if len(content) > LARGEST_FILE:
        limit = LARGEST_FILE // 2**20
        raise _wrong(f"{label} is larger than {limit} MiB; is it really a class list?")
    return parse(content, label)


def parse(content: bytes, label: str) -> Roster:
    """Parse a roster from CSV: a header, then a row for each student.

    Args:
        content: UTF-8, with or without a byte order mark, separated by commas or semicolons.
        label: The file's name in error messages.

    Raises:
        QuizError: `bad_request` if the roster is empty or invalid, with the line numbers.
    """
    text = _decoded(content.removeprefix(b"\xef\xbb\xbf"), label)
    if not text.strip():
        raise _wrong(f"{label} is empty; write `student_id,name`, then a line for each student.")
    rows = _rows(text, _delimiter(text), label)
    line, header = next(rows, (1, []))
    header = [cell.lower() for cell in header]
    if any(header.count(column) != 1 for column in COLUMNS):
        raise _wrong(
            f"{label}, line {line}: The header has to name the columns student_id and name once "
            "each; add the line `student_id,name`."
        )
    return _roster(rows, header, label)


def _decoded(content: bytes, label: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = len((content[: error.start] + b"?").splitlines())
        raise _wrong(
            f"{label}, line {line}: This is not UTF-8; save the file again as CSV in UTF-8."
        ) from None


def _delimiter(text: str) -> str:
    """Return the delimiter: a semicolon if it separates the header's columns, else a comma."""
    header = text.strip().splitlines()[0]
    cells = {cell.strip(' \t"').lower() for cell in header.split(";")}
    return ";" if cells.issuperset(COLUMNS) else ","


def _rows(text: str, delimiter: str, label: str) -> Iterator[Row]:
    """Yield the rows that are not blank; a quoted cell may span lines."""
    # Without `strict`, an unclosed quote would swallow the students after it.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        raise _wrong(
            f"{label}, line {line}: A cell that starts with a quotation mark has to end with one."
        ) from None


def _roster(rows: Iterable[Row], header: list[str], label: str) -> Roster:
    """Check every row; the error lists all lines that have the first problem found."""
    names: dict[str, str] = {}
    accounts: dict[str, dict[str, str]] = {}
    lines: defaultdict[str, list[int]] = defaultdict(list)  # by student id
    wrong: defaultdict[str, list[int]] = defaultdict(list)  # by error message
    for line, cells in rows:
        try:
            student_id, name = _student(cells, header)
        except QuizError as error:
            wrong[error.message].append(line)
        else:
            names[student_id] = name
            row = dict(zip(header, cells, strict=False))
            if known := {column: row[column] for column in ACCOUNTS if row.get(column)}:
                accounts[student_id] = known
            lines[student_id].append(line)
    for student_id, places in lines.items():
        if len(places) > 1:
            wrong[f"The id {student_id} appears more than once; keep only one."] = places
    if wrong:
        message, places = next(iter(wrong.items()))
        raise _wrong(f"{label}, {_enumerated(places)}: {message}")
    if not names:
        raise _wrong(f"{label} lists no students; add a line for each one below the header.")
    return Roster(names, accounts)


def _student(cells: list[str], header: list[str]) -> tuple[str, str]:
    """Return a row's student id and name; missing cells count as empty."""
    if any(cells[len(header) :]):
        # Otherwise, `S001,Doe, John` would be a student called Doe.
        message = "More cells than in the header; put a name with a comma in quotes."
        raise _wrong(message)
    row = dict(zip(header, cells, strict=False))
    raw_id, raw_name = (row.get(column, "") for column in COLUMNS)
    return decode_id(raw_id, StudentId, "student_id"), clean_name(raw_name)


def _enumerated(lines: list[int]) -> str:
    if len(lines) == 1:
        return f"line {lines[0]}"
    shown = [str(line) for line in lines[:LINES_SHOWN]]
    last = f"{len(lines) - LINES_SHOWN} more" if len(lines) > LINES_SHOWN else shown.pop()
    return f"lines {', '.join(shown)} and {last}"


def _wrong(message: str) -> QuizError:
    return QuizError(Code.BAD_REQUEST, message)
