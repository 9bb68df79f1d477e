"""A report as a workbook: students by rounds, responses, questions, options, topics.

openpyxl writes the workbook with its headers, styles and filters. The rows are put into it as XML
that is made here: openpyxl takes several times as long for each of 800,000 cells (a term of a
lecture), and XlsxWriter nearly as long as that.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel

from livequiz.bank.workbook import COMPUTED, LONGEST_CELL, escaped, saved, text_cell
from livequiz.results.lesson import Progress
from livequiz.results.report import Report

_WIDEST, _NARROWEST = 60, 10  # characters of a column
_AT_ONCE = 1_000  # rows
_END = b"</sheetData>"  # in the XML of a sheet, after its rows

Row = Sequence[object]


def write(report: Report, progress: Progress = lambda _done, _all: None) -> bytes:
    """Return the workbook. Cells are typed, headers stay in view, and every sheet has a filter.

    Args:
        report: The report.
        progress: Is told how many of all rows are written.
    """
    book: Any = openpyxl.Workbook(write_only=True)
    sheets = [
        _sheet(book, "Students", _students(report), frozen=2),
        _sheet(book, "Responses", _responses(report), frozen=4),
        _sheet(book, "Questions", _questions(report), frozen=1),
        _sheet(book, "Options", _options(report), frozen=1),
        _sheet(book, "Topics", _topics(report), frozen=1),
    ]
    cells = _Cells(book.worksheets[0])
    rows_of = {f"xl/worksheets/sheet{n}.xml": body for n, body in enumerate(sheets, start=1)}
    done, total = 0, sum(map(len, sheets))
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(saved(book))) as empty,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file,
    ):
        for name in empty.namelist():
            content, body = empty.read(name), rows_of.get(name, [])
            head, end, tail = content.partition(_END)
            with file.open(name, "w") as part:
                part.write(head)
                rows = cells.rows(body)
                while some := list(islice(rows, _AT_ONCE)):
                    part.write("".join(some).encode())
                    done += len(some)
                    progress(done, total)
                part.write(end + tail)
    return target.getvalue()


def _students(report: Report) -> Iterable[Row]:
    """Yield a row for each student, with the points of each round; empty without an answer."""
    several, grouped = len(report.meetings) > 1, report.has_groups
    rounds = [(line.meeting_id, line.round) for line in report.rounds]
    names = [f"{meeting} round {n}" if several else f"Round {n}" for meeting, n in rounds]
    yield [
        *(
            "Id",
            "Name",
            "Class",
            *["Group"] * grouped,
            "Questions",
            "Answered",
            "Right",
            "Accuracy %",
            "Points",
            "Possible",
        ),
        *("Adjusted % (from 5 answers on)", "Mean time s"),
        *names,
    ]
    points: dict[tuple[str, str], dict[tuple[str, int], float]] = {}
    for line in report.responses:
        if line.answered:
            own = points.setdefault((line.class_name, line.student_id), {})
            own[line.meeting_id, line.round] = line.points
    for student in report.students:
        own = points.get((student.class_name, student.student_id), {})
        yield [
            *(student.student_id, student.name, student.class_name),
            *([student.group] * grouped),
            *(student.assigned, student.answered),
            *(student.correct, student.accuracy, student.points, student.possible),
            *(student.adjusted, student.mean_time),
            *(own.get(key) for key in rounds),
        ]


def _responses(report: Report) -> Iterable[Row]:
    yield [
        *("Meeting", "Round", "Id", "Name", "Class", "Question", "Topic", "Answered", "Answer"),
        *("Right answer", "Right", "Points", "Possible", "Time s", "Answered at (UTC)"),
    ]
    for line in report.responses:
        yield [
            *(line.meeting_id, line.round, line.student_id, line.name, line.class_name),
            *(line.question, line.topic),
            *(line.answered, line.answer, line.key, line.correct, line.points, line.possible),
            *(line.response_time, line.answered_at),
        ]


def _questions(report: Report) -> Iterable[Row]:
    yield [
        *("Question", "Type", "Topics", "Difficulty", "Right answer", "Answers", "No answer"),
        *("Right %", "from", "to", "Mean time s", "Median time s", "Discrimination"),
        *("Efficiency %", "To look at", "Missing figures"),
    ]
    for line in report.questions:
        yield [
            *(line.question, line.type, ", ".join(line.topics), line.difficulty, line.key),
            *(line.n, line.no_answer, line.facility, line.facility_low, line.facility_high),
            *(line.mean_time, line.median_time, line.discrimination, line.efficiency),
            *(" ".join(line.flags), line.missing),
        ]


def _options(report: Report) -> Iterable[Row]:
    yield [
        *("Question", "Option", "Is right", "Chosen", "Share %", "Mean rest score"),
        *("Top 27 %", "Bottom 27 %", "Missing figures"),
    ]
    for line in report.questions:
        for option in line.options:
            yield [
                *(line.question, option.text, option.right, option.chosen, option.share),
                *(option.rest_score, option.upper, option.lower, line.missing),
            ]


def _topics(report: Report) -> Iterable[Row]:
    yield ["Topic", "Questions", "Answered", "Right", "Accuracy %"]
    for line in report.topics:
        yield [line.topic, line.questions, line.answered, line.correct, line.accuracy]


def _sheet(book: Any, title: str, rows: Iterable[Row], *, frozen: int) -> list[Row]:
    """Add a sheet with a header; return the rows below it.

    Args:
        book: The workbook.
        title: The sheet's name.
        rows: The header, then the rows.
        frozen: How many columns stay in view.
    """
    sheet = book.create_sheet(title)
    head, *body = rows
    sheet.freeze_panes = f"{get_column_letter(frozen + 1)}2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(head))}{len(body) + 1}"
    for number, name in enumerate(head, start=1):
        longest = max((len(str(row[number - 1])) for row in body[:500]), default=0)
        width = min(_WIDEST, max(_NARROWEST, len(str(name)) + 3, longest + 1))
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.append([_head(sheet, str(name)) for name in head])
    return body


def _head(sheet: Any, text: str) -> Any:
    cell = text_cell(sheet, text)
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="DCE6F1")
    return cell


class _Cells:
    """Makes the XML of rows (ECMA-376, part 1, 18.3.1.73: `row`, and 18.3.1.4: `c`).

    Args:
        sheet: A sheet of the workbook that gets the styles of the cells.
    """

    def __init__(self, sheet: Any) -> None:
        self._moment = WriteOnlyCell(sheet, value=datetime.now(UTC).replace(tzinfo=None)).style_id
        self._quoted = text_cell(sheet, COMPUTED[0]).style_id
        # Names, questions and answers come again and again.
        self._texts: dict[str, str] = {}

    def rows(self, rows: Sequence[Row]) -> Iterator[str]:
        """Yield the XML of the rows below a header; empty cells are left out."""
        columns = [get_column_letter(n) for n in range(1, len(rows[0]) + 1)] if rows else []
        for number, row in enumerate(rows, start=2):
            cells = [
                f'<c r="{column}{number}"{self._rest(value)}'
                for column, value in zip(columns, row, strict=True)
                if value is not None and value != ""
            ]
            yield f'<row r="{number}">{"".join(cells)}</row>'

    def _rest(self, value: object) -> str:
        """Return a cell's XML after its place."""
        match value:
            case str():
                if (known := self._texts.get(value)) is None:
                    known = self._texts[value] = self._text(value)
                return known
            case bool():
                return f' t="b"><v>{value:d}</v></c>'
            case datetime():
                moment: Any = value.astimezone(UTC).replace(tzinfo=None)
                serial = to_excel(moment)  # type: ignore[no-untyped-call]
                return f' s="{self._moment}"><v>{serial}</v></c>'
            case float():
                return f"><v>{round(value, 2)}</v></c>"
        return f"><v>{value}</v></c>"

    def _text(self, text: str) -> str:
        """Return a text cell, which is never evaluated, whatever it looks like."""
        style = f' s="{self._quoted}"' if text.startswith(COMPUTED) else ""
        shown = escape(escaped(text[:LONGEST_CELL]), {"\r": "&#13;"})
        return f'{style} t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'
