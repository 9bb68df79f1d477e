"""Workbooks from elsewhere, opened with care, and written as text alone."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.read_only import EMPTY_CELL

from livequiz.bank.reading import tidy
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.wording import number_in_words

LARGEST = 256 * 1024 * 1024  # bytes, of all parts when they are unpacked
MOST_PARTS = 1_000
MOST_COLUMNS = 100
MOST_ROWS = 200_000  # with something in them
# After so many empty rows nothing is expected: programs leave a mark in a sheet's last row.
EMPTY_ROWS = 10_000
LONGEST_CELL = 32_767  # characters, as Excel has it
_PIECE = 64 * 1024  # bytes unpacked at a time
_OLD = b"\xd0\xcf\x11\xe0"  # of .xls, and of .xlsx with a password
NO_WORKBOOK = "This is no workbook that can be read: save it as .xlsx and try again."
TOO_LARGE = "This workbook is too large when unpacked: split it."
_DECLARATIONS = [f"<!{word}".encode(c) for word in ("DOCTYPE", "ENTITY")
                 for c in ("utf-8", "utf-16-le", "utf-16-be")]  # fmt: skip
_FORMULA = "This cell is a formula, and none is computed here: put what it shows in its place."
_ERROR = "This cell shows {}, an error: put what belongs there in its place."
_DATE = "This cell is a date, {}: if it has to be, format it as text and type it again."
# Of ECMA-376, ST_Xstring: how a cell's text has what XML can't hold, and that very notation.
_ESCAPE = re.compile(r"_x(?=[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile(r"_x(00[01][0-9A-Fa-f]|005[Ff])_")
# XML has no place for the others: a draft can't hold the first two groups of them.
_NOT_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_COMPUTED = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Unusable:
    """A cell that does not say what its author means.

    Attributes:
        message: Why, and what to do.
    """

    message: str


Cell = str | Unusable


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
    safe = _repacked(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the library leaves out means nothing here
            book = openpyxl.load_workbook(safe, read_only=True, keep_links=False)
            try:
                yield book
            finally:
                book.close()
    except QuizError:
        raise
    except Exception as error:  # the library lets the errors of its XML parsers through
        raise QuizError(Code.BAD_REQUEST, NO_WORKBOOK) from error


def rows(sheet: Any) -> Iterator[list[Cell]]:
    """Yield the rows of a sheet, from its first one, as long as something is in them.

    Raises:
        QuizError: `bad_request` if there are more than `MOST_ROWS`.
    """
    sheet.reset_dimensions()  # what a file says of its size may be wrong, and huge
    filled = empty = 0
    for row in sheet.iter_rows(max_col=MOST_COLUMNS):
        cells = ["" if cell is EMPTY_CELL else _read(cell) for cell in row]
        if any(cells):
            filled, empty = filled + 1, 0
        else:
            empty += 1
        if filled > MOST_ROWS:
            message = f"A sheet has more than {MOST_ROWS} rows: split it."
            raise QuizError(Code.BAD_REQUEST, message)
        if empty > EMPTY_ROWS:
            return
        yield cells


def as_texts(row: Sequence[Cell]) -> list[str]:
    """Return the texts of a row; what is no text is empty."""
    return [cell if isinstance(cell, str) else "" for cell in row]


def title(sheet: Any) -> str:
    """Return the name of a sheet, for people to find it."""
    return tidy(str(sheet.title))


def _read(cell: Any) -> Cell:
    if cell.data_type == "f":
        return Unusable(_FORMULA)
    if cell.data_type == "e":
        return Unusable(_ERROR.format(cell.value))
    return _shown(cell.value)


def _shown(value: object) -> Cell:
    """Return what a cell shows, nearly."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return number_in_words(value)
        case str():
            return _unescaped(value)
        case _:  # a date, a time, or how long something takes
            return Unusable(_DATE.format(str(value).removesuffix(" 00:00:00")))


def text_cell(sheet: Any, text: str) -> Any:
    """Return a cell that is text whatever it looks like: nothing is computed from it."""
    cell = WriteOnlyCell(sheet, value=_escaped(text))
    cell.data_type = "s"
    if text.startswith(_COMPUTED):
        cell.quotePrefix = True  # without the mark, editing the cell would make a formula of it
    return cell


def fits(text: str) -> bool:
    """Return whether a cell has room for a text."""
    return len(_escaped(text)) <= LONGEST_CELL


def is_xml(text: str) -> bool:
    """Return whether a text has no character that a workbook can't hold."""
    return not _NOT_XML.search(text)


def _escaped(text: str) -> str:
    return _ESCAPE.sub("_x005F_x", _NOT_XML.sub("\ufffd", text))


def _unescaped(text: str) -> str:
    """Return a text as it was before it was put into a cell.

    Only control characters, and what stands for the notation's own mark, are taken for
    notation: the library has taken the mark away from what Excel wrote.
    """
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x00" in text else text
    return plain.replace("\r\n", "\n").replace("\r", "\n")


def saved(book: Any) -> bytes:
    """Return a workbook as a file."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _repacked(content: bytes) -> io.BytesIO:
    """Return the parts of a workbook that are XML as an archive that says the truth about them.

    What an archive says of the size of a part need not be true, and the library believes it.

    Raises:
        QuizError: `bad_request` if it is none, is locked, or would fill the memory.
    """
    safe = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file, zipfile.ZipFile(safe, "w") as copy:
            parts = [file.getinfo(name) for name in dict.fromkeys(file.namelist())]
            _weigh(parts)
            for part in parts:
                if part.filename.lower().endswith((".xml", ".rels")):
                    copy.writestr(part.filename, _unpacked(file, part))
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, EOFError, OSError):
        raise QuizError(Code.BAD_REQUEST, NO_WORKBOOK) from None
    return safe


def _weigh(parts: Sequence[zipfile.ZipInfo]) -> None:
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST:
        raise QuizError(Code.BAD_REQUEST, TOO_LARGE)
    if any(part.flag_bits & 1 for part in parts):
        raise QuizError(Code.BAD_REQUEST, "This workbook is locked: save it without a password.")
    if any(part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for part in parts):
        raise QuizError(Code.BAD_REQUEST, NO_WORKBOOK)  # the others can't be unpacked in pieces


def _unpacked(file: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """Return a part, of which no more is ever unpacked than it says that there is."""
    with file.open(part) as stream:
        text = b"".join(iter(partial(stream.read, _PIECE), b""))
    if any(mark in text for mark in _DECLARATIONS):
        # Nothing that a spreadsheet program writes; entities would grow.
        raise QuizError(Code.BAD_REQUEST, NO_WORKBOOK)
    return text
