"""A report as a workbook: students by rounds, responses, questions, options, topics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import openpyxl
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from livequiz.bank.workbook import COMPUTED, LONGEST_CELL, is_xml, saved, text_cell
from livequiz.results.report import Report

_WIDEST, _NARROWEST = 60, 10  # characters of a column

Row = Sequence[object]


def write(report: Report) -> bytes:
    """Return the workbook. Cells are typed, headers stay in view, and every sheet has a filter."""
    book: Any = openpyxl.Workbook(write_only=True)
    _sheet(book, "Students", _students(report), frozen=2)
    _sheet(book, "Responses", _responses(report), frozen=4)
    _sheet(book, "Questions", _questions(report), frozen=1)
    _sheet(book, "Options", _options(report), frozen=1)
    _sheet(book, "Topics", _topics(report), frozen=1)
    return saved(book)


def _students(report: Report) -> Iterable[Row]:
    """Yield a row for each student, with the points of each round; empty without an answer."""
    several = len(report.meetings) > 1
    rounds = [(line.meeting_id, line.round) for line in report.rounds]
    names = [f"{meeting} round {n}" if several else f"Round {n}" for meeting, n in rounds]
    yield [
        *(
            "Id",
            "Name",
            "Class",
            "Questions",
            "Answered",
            "Right",
            "Accuracy %",
            "Points",
            "Possible",
        ),
        *("Adjusted %", "Mean time s"),
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
        *("Top 27 %", "Bottom 27 %"),
    ]
    for line in report.questions:
        for option in line.options:
            yield [
                *(line.question, option.text, option.right, option.chosen, option.share),
                *(option.rest_score, option.upper, option.lower),
            ]


def _topics(report: Report) -> Iterable[Row]:
    yield ["Topic", "Questions", "Answered", "Right", "Accuracy %"]
    for line in report.topics:
        yield [line.topic, line.questions, line.answered, line.correct, line.accuracy]


def _sheet(book: Any, title: str, rows: Iterable[Row], *, frozen: int) -> None:
    """Add a sheet.

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
    for row in body:
        sheet.append([_cell(sheet, value) for value in row])


def _head(sheet: Any, text: str) -> Any:
    cell = text_cell(sheet, text)
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="DCE6F1")
    return cell


def _cell(sheet: Any, value: object) -> Any:
    """Return what openpyxl is to write; a cell of its own costs ten times as much as a value."""
    match value:
        case str():
            if not value:
                return None
            if value.startswith(COMPUTED) or len(value) > LONGEST_CELL or "_x" in value:
                return text_cell(sheet, value[:LONGEST_CELL])
            return value if is_xml(value) else text_cell(sheet, value)
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None)
        case float():
            return round(value, 2)
    return value
