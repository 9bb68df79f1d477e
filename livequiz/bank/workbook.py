"""Opens untrusted workbooks safely, and writes workbooks that contain only text."""

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
from livequiz.domain.key_wording import number_in_words
from livequiz.domain.text import printable

LARGEST = 256 * 1024 * 1024  # bytes, of all parts together when unpacked
MOST_PARTS = 1_000
MOST_COLUMNS = 100
MOST_ROWS = 200_000  # non-empty
# Stop reading after so many: programs leave stray formatting in a sheet's last row.
EMPTY_ROWS = 10_000
LONGEST_CELL = 32_767  # characters, Excel's limit
_PIECE = 64 * 1024  # bytes unpacked at a time
_OLD = b"\xd0\xcf\x11\xe0"  # the signature of .xls, and of .xlsx with a password
NO_WORKBOOK = "This workbook can't be read: save it as .xlsx and try again."
TOO_LARGE = "This workbook is too large when unpacked: split it."
_DECLARATIONS = [f"<!{word}".encode(c) for word in ("DOCTYPE", "ENTITY")
                 for c in ("utf-8", "utf-16-le", "utf-16-be")]  # fmt: skip
_FORMULA = "This cell is a formula, and none is computed here: put what it shows in its place."
_ERROR = "This cell shows {}, an error: put what belongs there in its place."
_DATE = "This cell is a date, {}: if it has to be, format it as text and type it again."
# ST_Xstring in ECMA-376: escapes for characters XML can't hold, and for the notation itself.
_ESCAPE = re.compile(r"_x(?=[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile(r"_x(00[01][0-9A-Fa-f]|005[Ff])_")
# XML can't hold these. Drafts never contain the control characters and surrogates among them.
_NOT_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
COMPUTED = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Unusable:
    """A cell whose value can't be used.

    Attributes:
        message: Why, and what to do about it.
    """

    message: str


Cell = str | Unusable


def is_workbook(content: bytes) -> bool:
    """Return whether a file looks like a workbook, even one that can't be read."""
    if content.startswith(_OLD):
        return True
    return content.startswith(b"PK") and b"xl/workbook" in content


@contextmanager
def opened(content: bytes) -> Iterator[Any]:
    """Open a workbook for reading; formulas are not computed.

    Raises:
        QuizError: `bad_request` if it isn't a workbook, is locked, or is too large unpacked.
    """
    if content.startswith(_OLD):
        message = "This is an old or a locked workbook: save it as .xlsx, without a password."
        raise QuizError(Code.BAD_REQUEST, message)
    safe = _repacked(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about dropped features that don't matter here
            book = openpyxl.load_workbook(safe, read_only=True, keep_links=False)
            try:
                yield book
            finally:
                book.close()
    except QuizError:
        raise
    except Exception as error:  # openpyxl lets errors of its XML parsers through
        raise QuizError(Code.BAD_REQUEST, NO_WORKBOOK) from error


def rows(sheet: Any) -> Iterator[list[Cell]]:
    """Yield the rows of a sheet, until more than `EMPTY_ROWS` in a row are empty.

    Raises:
        QuizError: `bad_request` if more than `MOST_ROWS` have content.
    """
    sheet.reset_dimensions()  # the declared size may be wrong, and huge
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
    """Return the texts of a row; unusable cells become empty."""
    return [cell if isinstance(cell, str) else "" for cell in row]


def title(sheet: Any) -> str:
    """Return the name of a sheet, for display."""
    return tidy(str(sheet.title))


def _read(cell: Any) -> Cell:
    if cell.data_type == "f":
        return Unusable(_FORMULA)
    if cell.data_type == "e":
        return Unusable(_ERROR.format(printable(str(cell.value)[:20])))
    return _shown(cell.value)


def _shown(value: object) -> Cell:
    """Return roughly what a cell shows."""
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
        case _:  # a date, time or duration
            return Unusable(_DATE.format(str(value).removesuffix(" 00:00:00")))


def text_cell(sheet: Any, text: str) -> Any:
    """Return a text cell, which is never evaluated, whatever it looks like."""
    cell = WriteOnlyCell(sheet, value=escaped(text))
    cell.data_type = "s"
    if text.startswith(COMPUTED):
        cell.quotePrefix = True  # otherwise editing the cell would turn it into a formula
    return cell


def fits(text: str) -> bool:
    """Return whether a text fits into a cell."""
    return len(escaped(text)) <= LONGEST_CELL


def is_xml(text: str) -> bool:
    """Return whether XML, and so a workbook, can hold all characters of a text."""
    return not _NOT_XML.search(text)


def escaped(text: str) -> str:
    """Return a text as a cell holds it: with escapes, and U+FFFD for what XML can't hold."""
    return _ESCAPE.sub("_x005F_x", _NOT_XML.sub("\ufffd", text))


def _unescaped(text: str) -> str:
    """Return a cell's text with its escapes decoded, and line ends as newlines.

    Only escapes of control characters and of the underscore are decoded: openpyxl has already
    removed the escaped underscores that Excel wrote, so the other escapes are plain text.
    """
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x00" in text else text
    return plain.replace("\r\n", "\n").replace("\r", "\n")


def saved(book: Any) -> bytes:
    """Return a workbook as a file's content."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _repacked(content: bytes) -> io.BytesIO:
    """Repack the XML parts of a workbook into an archive whose metadata is correct.

    The sizes an archive declares for its parts may be false, and openpyxl trusts them.

    Raises:
        QuizError: `bad_request` if it isn't a workbook, is locked, or is too large unpacked.
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
        raise QuizError(Code.BAD_REQUEST, NO_WORKBOOK)  # other methods can't be unpacked in pieces


def _unpacked(file: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """Unpack a part, never more of it than its declared size."""
    with file.open(part) as stream:
        text = b"".join(iter(partial(stream.read, _PIECE), b""))
    if any(mark in text for mark in _DECLARATIONS):
        # Spreadsheet programs never write these, and entities could expand hugely.
        raise QuizError(Code.BAD_REQUEST, NO_WORKBOOK)
    return text
