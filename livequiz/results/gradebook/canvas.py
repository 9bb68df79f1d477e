"""Adds a column to a gradebook that was exported from Canvas; all else stays byte for byte.

Canvas imports the file as a new assignment; it reads the columns by their headings.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from livequiz.domain.errors import Code, QuizError
from livequiz.results.gradebook.grades import Grades, matches

NAME = "Student"
IDENTIFIERS = ("SIS User ID", "SIS Login ID", "Integration ID", "Email")
POINTS_POSSIBLE = "points possible"
_ID_BEHIND = re.compile(r"\(\d+\)\s*$")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class _Record:
    """A record of the file: its bytes without the line end, the line end, and its cells."""

    content: bytes
    end: bytes
    cells: Sequence[str]


def add_column(export: bytes, grades: Grades) -> tuple[bytes, list[str]]:
    """Return the export with a column for the grades, and who could not be matched.

    Args:
        export: The file, as Canvas wrote it: UTF-8, separated by commas, semicolons or tabs.
        grades: The grades; rows of nobody stay empty.

    Raises:
        QuizError: `bad_request` if that is no such file, or it has the column already.
    """
    bom = _BOM if export.startswith(_BOM) else b""
    try:
        first = export.removeprefix(_BOM).partition(b"\n")[0].decode()
    except UnicodeDecodeError:
        raise _wrong("This gradebook is not in UTF-8: export it from Canvas again.") from None
    # What follows the first heading: the others may contain more of something else.
    delimiter = found[0] if (found := re.search(r"[,;\t]", first)) else ","
    records = list(_records(export.removeprefix(_BOM), delimiter))
    head = list(records[0].cells) if records else []
    columns = [head.index(name) for name in IDENTIFIERS if name in head]
    if not head or head[0].strip() != NAME or not columns:
        raise _wrong(
            "This is not a Canvas gradebook: the first line has to begin with Student and to name "
            "SIS User ID or SIS Login ID. Export it from Canvas, in Grades, and leave it as it is."
        )
    if _ID_BEHIND.search(grades.title):
        raise _wrong("Canvas takes a number in parentheses at the end for an id: use --title.")
    if grades.title in (heading.rpartition(" (")[0] or heading for heading in head[1:]):
        raise _wrong(f"This gradebook has a column {grades.title} already; use --title.")
    above = _points_possible(records)
    identifiers = {
        number: [record.cells[column] for column in columns if column < len(record.cells)]
        for number, record in enumerate(records)
        if number > above and any(record.cells)
    }
    graded, problems = matches(grades.students, identifiers)
    added = {number: f"{grade.points:g}" for number, grade in graded.items()}
    added |= {0: grades.title, above: f"{grades.possible:g}"}
    parts = [bom]
    for number, record in enumerate(records):
        blank = not any(record.cells)
        cell = b"" if blank else _cell(added.get(number, ""), delimiter)
        parts += [record.content, cell, record.end]
    return b"".join(parts), problems


def _points_possible(records: Sequence[_Record]) -> int:
    """Return the number of the row that says how many points each column counts."""
    for number, record in enumerate(records[:5]):
        if record.cells and record.cells[0].strip().casefold() == POINTS_POSSIBLE:
            return number
    raise _wrong("This gradebook has no line Points Possible: export it from Canvas again.")


def _records(content: bytes, delimiter: str) -> Iterator[_Record]:
    """Split a CSV file into records, whose quoted cells may span lines."""
    pending = b""
    for line in content.splitlines(keepends=True):
        pending += line
        if pending.count(b'"') % 2:  # a quoted cell goes on
            continue
        bare = pending.rstrip(b"\r\n")
        text = io.StringIO(bare.decode("utf-8", "replace"), newline="")
        cells = next(csv.reader(text, delimiter=delimiter), [])
        yield _Record(bare, pending[len(bare) :], cells)
        pending = b""
    if pending:
        raise _wrong("This gradebook ends within quotation marks: export it from Canvas again.")


def _cell(text: str, delimiter: str) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter, lineterminator="").writerow(["", text])
    return written.getvalue().encode()


def _wrong(message: str) -> QuizError:
    return QuizError(Code.BAD_REQUEST, message, "with")
