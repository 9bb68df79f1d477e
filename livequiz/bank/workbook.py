"""Workbooks from elsewhere, opened with care, and written as text alone."""

from __future__ import annotations

import datetime
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.wording import number_in_words

LARGEST = 256 * 1024 * 1024  # bytes, of all parts when they are unpacked
MOST_PARTS = 1_000
MOST_COLUMNS = 100
MOST_ROWS = 200_000
_OLD = b"\xd0\xcf\x11\xe0"  # of .xls, and of .xlsx with a password
NO_WORKBOOK = "This is no workbook that can be read: save it as .xlsx and try again."
_DECLARATIONS = [f"<!{word}".encode(c) for word in ("DOCTYPE", "ENTITY")
                 for c in ("utf-8", "utf-16-le", "utf-16-be")]  # fmt: skip
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32)], None)


def is_workbook(content: bytes) -> bool:
    """Return whether a file is a workbook, or wants to be one."""
    if content.startswith(_OLD):
        return True
    return content.startswith(b"PK") and b"xl/workbook" in content


@contextmanager
def opened(content: bytes) -> Iterator[Any]:
    """Open a workbook to read from; formulas are not computed.

    Raises:
        QuizError: `bad_request` if it is none, is locked, or would grow too large.
    """
    if content.startswith(_OLD):
        message = "This is an old or a locked workbook: save it as .xlsx, without a password."
        raise QuizError(Code.BAD_REQUEST, message)
    _weigh(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the library leaves out means nothing here
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            try:
                yield book
            finally:
                book.close()
    except QuizError:
        raise
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise QuizError(Code.BAD_REQUEST, NO_WORKBOOK) from error
    except Exception as error:  # the library lets the errors of its XML parsers through
        raise QuizError(Code.BAD_REQUEST, NO_WORKBOOK) from error


def rows(sheet: Any) -> Iterator[list[str]]:
    """Yield the rows of a sheet as texts, from its first one, without what says nothing.

    Raises:
        QuizError: `bad_request` if there are more than `MOST_ROWS`.
    """
    sheet.reset_dimensions()  # what a file says of its size may be wrong, and huge
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), 1):
        if number > MOST_ROWS:
            message = f"A sheet has more than {MOST_ROWS} rows: split it."
            raise QuizError(Code.BAD_REQUEST, message)
        yield [as_text(value) for value in row]


def as_text(value: object) -> str:
    """Return what a cell shows, nearly."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number_in_words(float(value))
        case datetime.datetime() | datetime.date() | datetime.time():
            return value.isoformat()
        case _:
            return str(value).replace("_x000D_", "").replace("\r\n", "\n")


def text_cell(sheet: Any, text: str) -> Any:
    """Return a cell that is text whatever it looks like: nothing is computed from it."""
    cell = WriteOnlyCell(sheet, value=text.translate(_CONTROL))
    cell.data_type = "s"
    return cell


def saved(book: Any) -> bytes:
    """Return a workbook as a file."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _weigh(content: bytes) -> None:
    """Refuse what would fill the memory, before any of it is unpacked as a whole."""
    try:
        file = zipfile.ZipFile(io.BytesIO(content))
        parts = file.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        raise QuizError(Code.BAD_REQUEST, NO_WORKBOOK) from None
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST:
        raise QuizError(Code.BAD_REQUEST, "This workbook is too large when unpacked: split it.")
    if any(part.flag_bits & 1 for part in parts):
        raise QuizError(Code.BAD_REQUEST, "This workbook is locked: save it without a password.")
    try:
        declares = any(_declares(file.read(part)) for part in parts)
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, EOFError, OSError):
        raise QuizError(Code.BAD_REQUEST, NO_WORKBOOK) from None
    if declares:  # nothing that a spreadsheet program writes
        raise QuizError(Code.BAD_REQUEST, NO_WORKBOOK)


def _declares(part: bytes) -> bool:
    """Return whether XML declares a document type, and so maybe entities that grow."""
    return any(mark in part for mark in _DECLARATIONS)
