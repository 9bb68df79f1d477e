"""Questions in a workbook, with the same columns as in CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from textwrap import wrap
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.dimensions import RowDimension

from livequiz.bank import workbook
from livequiz.bank.format_type import Format
from livequiz.bank.reading import Item, Kind, Place, Problem, Writing, beginning
from livequiz.bank.table.reader import read_questions, read_table
from livequiz.bank.table.writer import rows_of
from livequiz.domain.model import Difficulty, Draft, QuestionType, Scoring

SHEET = "Questions"
_TEXT = "@"  # the number format for text
_WIDTHS = {"question": 50, "explanation": 50, "correct": 16, "topics": 20, "source": 20}
_OPTION, _USUAL, _NOTE = 22, 12, 100
_LINE = 15  # points
_LOOKED_AT = 2_000  # characters, so that no row is higher than a screen
_CHOICES = {
    "type": [kind.value for kind in QuestionType],
    "scoring": [way.value for way in Scoring],
    "difficulty": [level.value for level in Difficulty],
}


def read(content: bytes) -> Iterator[Item]:
    """Read questions from all sheets that have a header row.

    Raises:
        QuizError: `bad_request` if it isn't a workbook, or no sheet has a header row.
    """
    with workbook.opened(content) as book:
        found = [
            read_table(workbook.rows(sheet), workbook.title(sheet)) for sheet in book.worksheets
        ]
    yield from read_questions([table for table in found if table])


def write(drafts: Sequence[Draft]) -> Writing:
    """Write questions as a workbook; every cell is text, so that nothing is evaluated."""
    names, *rows = rows_of(drafts)
    problems: list[Problem] = []
    kept = [names]
    for draft, row in zip(drafts, rows, strict=True):
        problem = _problem(row)
        if problem:
            problems.append(replace(problem, text=beginning(draft.text)))
        if problem is None or problem.kind is Kind.LOST:
            kept.append(row)
    return Writing(book_of(kept), problems)


def _problem(row: Sequence[str]) -> Problem | None:
    """Return the problem with writing a question's row to a workbook, if there is one."""
    if not all(map(workbook.fits, row)):
        message = "Left out: a cell has no room for so many accepted answers; take some away."
        return Problem(Kind.UNSUPPORTED, Place(), message)
    if not all(map(workbook.is_xml, row)):
        message = "Written with \ufffd for characters that a workbook can't hold."
        return Problem(Kind.LOST, Place(), message)
    return None


def book_of(rows: Iterable[Sequence[str]], notes: Sequence[str] = ()) -> bytes:
    """Return a workbook with the rows, header first, and a sheet of notes if there are any."""
    book: Any = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    sheet.freeze_panes = "B2"
    written = iter(rows)
    names = next(written)
    for number, name in enumerate(names, start=1):
        column = get_column_letter(number)
        sheet.column_dimensions[column].width = _width(name)
        # Otherwise spreadsheets turn 1/2 into a date, and text that begins with = into a formula.
        sheet.column_dimensions[column].number_format = _TEXT
        if name in _CHOICES:
            choice = DataValidation("list", formula1=f'"{",".join(_CHOICES[name])}"')
            choice.add(f"{column}2:{column}10000")
            sheet.data_validations.append(choice)
    sheet.append([_head(sheet, name) for name in names])
    for number, row in enumerate(written, start=2):
        sheet.row_dimensions[number] = _Fitting(sheet, row, map(_width, names))
        sheet.append([_wrapped(sheet, text) for text in row])
    if notes:
        page = book.create_sheet("How to fill this in")
        page.column_dimensions["A"].width = _NOTE
        for number, note in enumerate(notes, start=1):
            page.row_dimensions[number] = _Fitting(page, [note], [_NOTE])
            page.append([_wrapped(page, note)])
    return workbook.saved(book)


def _width(name: str) -> int:
    """Return a column's width in characters."""
    return _OPTION if name.startswith("option") else _WIDTHS.get(name, max(_USUAL, len(name) + 2))


class _Fitting(RowDimension):
    """A row high enough for its texts, which grows when someone adds to them.

    Without a height, LibreOffice lets a second line of text spill into the next row. If the
    height were marked as custom, programs would never adjust it.
    """

    customHeight = False  # noqa: N815 - openpyxl's name

    def __init__(self, sheet: Any, texts: Iterable[str], widths: Iterable[int]) -> None:
        lines = max((_lines(t, w) for t, w in zip(texts, widths, strict=True)), default=1)
        super().__init__(sheet, ht=_LINE * lines if lines > 1 else None)


def _lines(text: str, width: int) -> int:
    """Estimate how many lines a text takes in a column."""
    return sum(max(1, len(wrap(line, width))) for line in text[:_LOOKED_AT].splitlines())


def _head(sheet: Any, text: str) -> Any:
    cell = workbook.text_cell(sheet, text)
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="DCE6F1")
    return cell


def _wrapped(sheet: Any, text: str) -> Any:
    if not text:
        return None
    cell = workbook.text_cell(sheet, text)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.number_format = _TEXT
    return cell


def _is_xlsx(content: bytes, suffix: str) -> bool:
    return workbook.is_workbook(content) or suffix in {".xlsx", ".xls"}


XLSX = Format("xlsx", "Excel workbook", (".xlsx",), _is_xlsx, read, write)
