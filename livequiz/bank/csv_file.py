"""Questions in CSV, as spreadsheets of any country write it (RFC 4180, and semicolons or tabs)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from livequiz.bank.format import Format
from livequiz.bank.reading import Item, Kind, Problem, Writing, beginning
from livequiz.bank.table import cell_place, find_header, read_questions, read_table
from livequiz.bank.table_writing import rows_of
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Draft

_NO_LIMIT = 2**31 - 1  # of a cell, for the parser: a mistake in one row may not stop the rest
# A spreadsheet would compute what begins so; an apostrophe before it says that it is text.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'", "＝", "＋", "－", "＠")
_END = "\0"  # no text has it


def read(content: bytes) -> Iterator[Item]:
    """Read questions from CSV.

    Raises:
        QuizError: `bad_request` if it is no text in UTF-8 or UTF-16, or has no columns' names.
    """
    text = _text(content)
    csv.field_size_limit(_NO_LIMIT)
    lines = chain(io.StringIO(text, newline=""), [_END])
    unclosed: list[Problem] = []
    table = read_table(_rows(csv.reader(lines, delimiter=_delimiter(text)), unclosed))
    yield from read_questions([table] if table else [])
    yield from unclosed


def _rows(rows: Iterable[list[str]], unclosed: list[Problem]) -> Iterator[list[str]]:
    """Yield rows of texts; what follows a quotation mark that is never closed is a problem."""
    for number, row in enumerate(rows, start=1):
        if row == [_END]:
            return
        if row and row[-1].endswith(_END):
            message = (
                "The quotation mark before this is never closed, so that nothing after it was "
                "read: close it, or write it twice."
            )
            place = cell_place(number, len(row) - 1)
            unclosed.append(
                Problem(Kind.WRONG, place, message, beginning(row[-1].removesuffix(_END)[:200]))
            )
            return
        yield [_taken_off(text) for text in row]


def _text(content: bytes) -> str:
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        return content.decode(encoding).replace(_END, "")
    except UnicodeDecodeError:
        message = "This is no text in UTF-8: save it as CSV UTF-8 and try again."
        raise QuizError(Code.BAD_REQUEST, message) from None


def _delimiter(text: str) -> str:
    """Return what parts the cells: what finds most columns in one of the first rows."""
    start = text[:65_536]

    def columns(mark: str) -> int:
        header = find_header(csv.reader(io.StringIO(start, newline=""), delimiter=mark))
        return len(header.columns) if header else 0

    return max(",;\t", key=columns)


def _taken_off(text: str) -> str:
    """Return a cell without the apostrophe that says that it is text."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def write(drafts: Sequence[Draft]) -> Writing:
    """Return questions as CSV in UTF-8, marked as such for spreadsheets."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in rows_of(drafts):
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return Writing(text.getvalue().encode("utf-8-sig"))


def _is_csv(content: bytes, suffix: str) -> bool:
    return suffix in {".csv", ".tsv"}


CSV = Format("csv", "CSV", (".csv", ".tsv"), _is_csv, read, write)
