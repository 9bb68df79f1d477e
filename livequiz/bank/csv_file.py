"""Questions in CSV, as spreadsheets of any country write it (RFC 4180, and semicolons or tabs)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from livequiz.bank.format import Format
from livequiz.bank.reading import Item, Writing
from livequiz.bank.table import read_rows, rows_of
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Draft

LONGEST_CELL = 200_000  # characters
# A spreadsheet would compute what begins so; an apostrophe before it says that it is text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


def read(content: bytes) -> Iterator[Item]:
    """Read questions from CSV.

    Raises:
        QuizError: `bad_request` if it is no text in UTF-8 or UTF-16, or has no columns' names.
    """
    text = _text(content)
    csv.field_size_limit(LONGEST_CELL)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    yield from read_rows(_rows(rows))


def _rows(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    read = 0
    try:
        for row in rows:
            read += 1
            yield [_taken_off(text) for text in row]
    except csv.Error as error:
        message = f"Row {read + 1} can't be read as CSV: {error}."
        raise QuizError(Code.BAD_REQUEST, message) from None


def _text(content: bytes) -> str:
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        return content.decode(encoding).replace("\0", "")
    except UnicodeDecodeError:
        message = "This is no text in UTF-8: save it as CSV UTF-8 and try again."
        raise QuizError(Code.BAD_REQUEST, message) from None


def _delimiter(text: str) -> str:
    """Return what parts the cells: what stands most often in the line of the columns' names."""
    for line in text[:65_536].splitlines()[:20]:
        if "question" in line.lower() and "correct" in line.lower():
            return max(",;\t", key=line.count)
    return ","


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
