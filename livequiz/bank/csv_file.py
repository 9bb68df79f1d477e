"""Questions in CSV, as spreadsheets in any locale write it (RFC 4180, or semicolons or tabs)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from livequiz.bank.format_type import Format
from livequiz.bank.reading import Item, Kind, Problem, Writing, beginning
from livequiz.bank.table.reader import Header, cell_place, find_header, read_questions, read_table
from livequiz.bank.table.writer import rows_of
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Draft

if TYPE_CHECKING:
    from _csv import Reader

_NO_LIMIT = 2**31 - 1  # on cell size, so that a mistake in one row doesn't stop the parser
# Spreadsheets evaluate cells that start with these; a leading apostrophe makes them text.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'", "＝", "＋", "－", "＠")
_END = "\0"  # `_text` removes it from the content


def read(content: bytes) -> Iterator[Item]:
    """Read questions from CSV.

    Raises:
        QuizError: `bad_request` if it isn't valid UTF-8 or UTF-16, or has no header row.
    """
    text = _text(content)
    csv.field_size_limit(_NO_LIMIT)
    lines = chain(io.StringIO(text, newline=""), [_END])
    delimiter, header = _layout(text)
    broken: list[Problem] = []
    width = len(header.names) if header else 0
    table = read_table(_rows(csv.reader(lines, delimiter=delimiter), delimiter, width, broken))
    yield from read_questions([table] if table else [])
    yield from broken


def _rows(rows: Reader, delimiter: str, width: int, broken: list[Problem]) -> Iterator[list[str]]:
    """Yield the rows, and add rows with unbalanced quotation marks to `broken`."""
    first = 1
    for number, row in enumerate(rows, start=1):
        if row == [_END]:
            return
        if row and row[-1].endswith(_END):
            message = (
                "A quotation mark opens here and is never closed, so nothing after it was read: "
                "close it, or write it twice."
            )
            place = cell_place(number, len(row) - 1)
            broken.append(
                Problem(Kind.WRONG, place, message, beginning(row[-1].removesuffix(_END)[:200]))
            )
            return
        column = _swallowing(row, delimiter, width)
        if column is None:
            yield [_taken_off(text) for text in row]
        else:
            message = (
                f"A quotation mark makes one cell of lines {first} to {rows.line_num}, which look "
                "like rows: close it where its text ends, or write it twice. If the lines belong "
                "together, save the table as .xlsx."
            )
            place = cell_place(number, column)
            broken.append(Problem(Kind.WRONG, place, message, beginning(row[column][:200])))
            yield []
        first = rows.line_num + 1


def _swallowing(row: Sequence[str], delimiter: str, width: int) -> int | None:
    """Return the column of a cell whose lines look like rows of the table, if there is one."""
    for column, cell in enumerate(row):
        lines = [line for line in cell.splitlines() if line.strip()]
        if len(lines) > 1:
            counts = [line.count(delimiter) + 1 for line in lines]
            counts[0] += column
            counts[-1] += len(row) - column - 1
            # The last row may have more: there, quotation marks open where they should close.
            if counts[-1] >= width and all(count == width for count in counts[:-1]):
                return column
    return None


def _text(content: bytes) -> str:
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        return content.decode(encoding).replace(_END, "")
    except UnicodeDecodeError:
        message = "This is not UTF-8 text: save it as CSV UTF-8 and try again."
        raise QuizError(Code.BAD_REQUEST, message) from None


def _layout(text: str) -> tuple[str, Header | None]:
    """Return the delimiter that yields the header with the most known columns, and that header."""
    start = text[:65_536]
    headers = {
        mark: find_header(csv.reader(io.StringIO(start, newline=""), delimiter=mark))
        for mark in ",;\t"
    }
    return max(headers.items(), key=lambda found: len(found[1].columns) if found[1] else 0)


def _taken_off(text: str) -> str:
    """Remove the apostrophe that marks a cell as text."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def write(drafts: Sequence[Draft]) -> Writing:
    """Write questions as CSV in UTF-8, with the byte order mark that spreadsheets need."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in rows_of(drafts):
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return Writing(text.getvalue().encode("utf-8-sig"))


def _is_csv(content: bytes, suffix: str) -> bool:
    return suffix in {".csv", ".tsv"}


CSV = Format("csv", "CSV", (".csv", ".tsv"), _is_csv, read, write)
