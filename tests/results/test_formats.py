"""The files of a report: as they were when somebody looked at them, and as other programs see them.

`LIVEQUIZ_WRITE_CASES=1` writes the expected files anew.
"""

from __future__ import annotations

import csv
import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from livequiz.results import xlsx_file
from livequiz.results.build import build
from livequiz.results.formats import ReportFormat, write
from livequiz.results.json_file import json_schema
from livequiz.results.report import Report, ResponseLine
from tests.results.a_lesson import HOSTILE, a_lesson

MADE = datetime(2026, 9, 14, 9, 30, tzinfo=UTC)
EXPECTED = Path(__file__).parent / "expected"
SCHEMA = Path(__file__).parents[2] / "docs" / "results.schema.json"


@pytest.fixture(scope="module")
def report() -> Report:
    return build(a_lesson(), MADE)


def book_of(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of each sheet."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def dump(content: bytes) -> bytes:
    """Return what a workbook has to show, as text: panes, filters, columns and typed cells."""
    lines = []
    for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets:
        lines.append(f"{sheet.title}: frozen {sheet.freeze_panes}, filter {sheet.auto_filter.ref}")
        columns = sorted(sheet.column_dimensions.items(), key=lambda item: (len(item[0]), item[0]))
        lines.append(" ".join(f"{name}={column.width:g}" for name, column in columns))
        for row in sheet.iter_rows():
            lines += [_cell(cell) for cell in row if cell.value is not None]
    return "\n".join([*lines, ""]).encode()


def _cell(cell: Any) -> str:
    style = " bold" * bool(cell.font.b) + " quoted" * bool(cell.quotePrefix)
    shown = "" if cell.number_format == "General" else f" {cell.number_format}"
    return f"{cell.coordinate} {cell.data_type}{style}{shown} {cell.value!r}"


@pytest.mark.parametrize("kind", list(ReportFormat))
def test_files_are_as_expected(report: Report, kind: ReportFormat) -> None:
    file, content = EXPECTED / f"results.{kind}", write(report, kind)
    if kind is ReportFormat.XLSX:
        file, content = file.with_suffix(".xlsx.txt"), dump(content)
    if os.environ.get("LIVEQUIZ_WRITE_CASES"):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
    assert content == file.read_bytes()


def test_where_a_figure_of_an_option_is_missing_the_reason_is_there(report: Report) -> None:
    lines = [line for line in report.questions if line.options and line.n]
    page = write(report, ReportFormat.HTML).decode()
    rows = iter(book_of(write(report, ReportFormat.XLSX))["Options"][1:])
    for line in lines:
        for option in line.options:
            row = next(rows)
            assert row[:4] == (line.question, option.text, option.right, option.chosen)
            if None in {option.rest_score, option.upper, option.lower}:
                assert line.missing
            assert row[8] == (line.missing or None)
        assert line.missing.replace("'", "&#39;") in page


def test_the_schema_is_published_and_holds(report: Report) -> None:
    if os.environ.get("LIVEQUIZ_WRITE_CASES"):
        SCHEMA.write_bytes(
            msgspec.json.format(msgspec.json.encode(json_schema()), indent=2) + b"\n"
        )
    assert msgspec.json.decode(SCHEMA.read_bytes()) == json_schema()
    for anonymous in (False, True):
        content = write(build(a_lesson(), MADE, anonymous=anonymous), ReportFormat.JSON)
        jsonschema_rs.validate(json_schema(), msgspec.json.decode(content))
        msgspec.json.decode(content, type=Report)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("schema",), "livequiz.results/2"),
        (("made_at",), None),
        (("meetings", 0, "rounds"), -1),
        (("rounds", 0, "round"), 0),
        (("rounds", 0, "mean_time"), -0.5),
        (("students", 0, "accuracy"), 100.5),
        (("students", 0, "points"), -1),
        (("questions", 0, "facility"), -1),
        (("questions", 0, "discrimination"), 101),
        (("questions", 0, "options"), None),
        (("topics", 0, "answered"), 1.5),
        (("responses", 0, "correct"), "yes"),
    ],
)
def test_a_wrong_file_is_refused(
    report: Report, path: tuple[str | int, ...], wrong: object
) -> None:
    content = msgspec.json.decode(write(report, ReportFormat.JSON))
    msgspec.convert(content, Report)
    part = content
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = wrong
    assert not jsonschema_rs.is_valid(json_schema(), content)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(content, Report)


def test_a_workbook_has_typed_cells_and_a_sheet_for_each_idea(report: Report) -> None:
    content = write(report, ReportFormat.XLSX)
    sheets = book_of(content)
    assert list(sheets) == ["Students", "Responses", "Questions", "Options", "Topics"]
    head, *rows = sheets["Students"]
    assert head[-7:] == tuple(f"Round {n}" for n in range(1, 8))
    assert len(rows) == 16
    for line, row in zip(report.students, rows, strict=True):
        assert row[:6] == (
            *(line.student_id, line.name, line.class_name),
            *(line.assigned, line.answered, line.correct),
        )
        assert sum(points for points in row[-7:] if points is not None) == line.points
        assert sum(points is not None for points in row[-7:]) == line.answered
    responses = sheets["Responses"][1:]
    assert len(responses) == len(report.responses)
    assert {type(row[10]) for row in responses} == {bool}
    assert {type(row[14]) for row in responses if row[7]} == {datetime}
    book = openpyxl.load_workbook(io.BytesIO(content))
    panes = {sheet.title: sheet.freeze_panes for sheet in book.worksheets}
    others = dict.fromkeys(("Questions", "Options", "Topics"), "B2")
    assert panes == {"Students": "C2", "Responses": "E2", **others}
    for sheet in book.worksheets:
        assert sheet.auto_filter.ref == sheet.dimensions
        formulas = [c for row in sheet.iter_rows() for c in row if c.data_type == "f"]
        assert formulas == []


def test_texts_of_a_workbook_are_read_as_they_were_written(report: Report) -> None:
    """Whatever a student typed: markup, formulas, escapes, what XML can't hold, and very much."""
    typed = ["=1+1", "-5", "+x", "@y", "a<b>&\"'c", " both ends ", "two\nlines\r\n", "_x0041_", "5"]
    unusual = {"\x07\ufffe\ud800": "\ufffd" * 3, "y" * 40_000: "y" * 32_767, "": None}
    texts = [*typed, *unusual]
    line = report.responses[0]
    lines = [msgspec.structs.replace(line, answer=text) for text in texts]
    told: list[tuple[int, int]] = []
    content = xlsx_file.write(
        msgspec.structs.replace(report, responses=lines), lambda *progress: told.append(progress)
    )
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Responses"]
    cells = [row[8] for row in sheet.iter_rows(min_row=2)]
    # openpyxl leaves escapes to whoever reads the cell.
    found = [unescape(cell.value) if isinstance(cell.value, str) else None for cell in cells]
    assert found == [*typed, *unusual.values()]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert [cell.value for cell in cells if cell.quotePrefix] == typed[:4]
    moment = sheet.cell(row=2, column=15).value
    assert isinstance(moment, datetime)
    assert line.answered_at is not None
    assert abs(moment.replace(tzinfo=UTC) - line.answered_at) < timedelta(milliseconds=2)
    assert told[-1][0] == told[-1][1] == sum(len(rows) - 1 for rows in book_of(content).values())


def test_csv_reads_back_and_computes_nothing(report: Report) -> None:
    text = write(report, ReportFormat.CSV).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == list(ResponseLine.__struct_fields__)
    assert len(rows) == len(report.responses)
    for line, row in zip(report.responses, rows, strict=True):
        assert row["name"].removeprefix("'") == line.name
        assert row["correct"] == str(line.correct).upper()
        assert row["response_time"] == (
            "" if line.response_time is None else str(line.response_time)
        )
    assert any(row["name"] == f"'{HOSTILE}" for row in rows)
    assert "'=1+1" in {row["answer"] for row in rows}
    assert "-5" in {row["answer"] for row in rows}  # a number stays one


def test_what_students_typed_does_nothing_in_a_page(report: Report) -> None:
    page = write(report, ReportFormat.HTML).decode()
    assert "<script" not in page
    assert "<b>9</b>" not in page
    assert "&lt;script&gt;" in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page


def test_an_anonymous_report_names_nobody() -> None:
    lesson = a_lesson()
    report = build(lesson, MADE, anonymous=True)
    for kind in ReportFormat:
        content = write(report, kind)
        text = repr(book_of(content)) if kind is ReportFormat.XLSX else content.decode()
        for student in lesson.students:
            assert student.id not in text
            assert student.name not in text
    numbers = {line.student_id for line in report.students}
    assert numbers == {str(n) for n in range(1, 17)}
    named = build(lesson, MADE)
    assert sorted(line.points for line in report.students) == sorted(
        line.points for line in named.students
    )


def test_numbers_of_an_anonymous_report_do_not_follow_the_names() -> None:
    lesson = a_lesson()
    orders = {
        tuple(line.points for line in build(lesson, MADE, anonymous=True).students)
        for _ in range(5)
    }
    assert len(orders) > 1


def test_flags_say_what_to_look_at(report: Report) -> None:
    flagged = {line.question: line.flags for line in report.questions if line.flags}
    text = "Which of these is a prime number"
    (flags,) = (flags for question, flags in flagged.items() if question.startswith(text))
    assert flags == [
        "Option C drew more strong students than the key: check the key.",
        "Students who did well otherwise got it wrong more often than the others.",
        "Nobody chose B or D.",
        "Half of the answers came in less time than it takes to read the text.",
    ]


def test_one_student_is_listed_with_the_figures_of_all(report: Report) -> None:
    one = build(a_lesson(), MADE, student="S005")
    assert [line.student_id for line in one.students] == ["S005"]
    assert {line.student_id for line in one.responses} == {"S005"}
    assert one.questions == report.questions
