"""Workbooks and CSV as LibreOffice opens them."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from livequiz.results.build import build
from livequiz.results.formats import ReportFormat, write
from livequiz.results.report import Report
from tests.patience import patient
from tests.results.a_lesson import HOSTILE, a_lesson
from tests.results.rasch_class import START

CSV = "Text - txt - csv (StarCalc):44,34,76,1"
ALL_SHEETS = f"csv:{CSV},,0,false,true,false,false,false,-1"

pytestmark = [
    pytest.mark.skipif(
        shutil.which("soffice") is None and not os.environ.get("CI"),
        reason="LibreOffice is missing: install libreoffice-calc-nogui to open workbooks in it",
    ),
    pytest.mark.timeout(patient(180)),
]


@pytest.fixture
def report() -> Report:
    return build(a_lesson(), START)


def convert(file: Path, into: str, *more: str) -> Path:
    """Let LibreOffice open a file, and write it in another format; return the folder."""
    folder = file.parent / "converted"
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{file.parent}/profile", *more,
         "--convert-to", into, "--outdir", str(folder), str(file)],
        check=True, capture_output=True, timeout=patient(120),
    )  # fmt: skip
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_workbook_opens_with_all_sheets_and_computes_nothing(
    report: Report, tmp_path: Path
) -> None:
    file = tmp_path / "results.xlsx"
    file.write_bytes(write(report, ReportFormat.XLSX))
    folder = convert(file, ALL_SHEETS)
    students = rows(folder / "results-Students.csv")
    assert [row["Name"] for row in students] == [line.name for line in report.students]
    assert HOSTILE in {row["Name"] for row in students}
    responses = rows(folder / "results-Responses.csv")
    assert [row["Right"] for row in responses] == [
        str(line.correct).upper() for line in report.responses
    ]
    assert "=1+1" in {row["Answer"] for row in responses}
    times = [line.answered_at for line in report.responses]
    assert [row["Answered at (UTC)"] for row in responses] == [
        "" if at is None else f"{at:%Y-%m-%d %H:%M:%S}" for at in times
    ]
    # What it shows in every cell is what openpyxl reads there.
    for sheet in openpyxl.load_workbook(file).worksheets:
        head, *body = sheet.iter_rows(values_only=True)
        found = rows(folder / f"results-{sheet.title}.csv")
        expected = [dict(zip(map(str, head), map(shown, row), strict=True)) for row in body]
        assert found == expected, sheet.title
    questions = rows(folder / "results-Questions.csv")
    assert [(row["Question"], row["Right answer"], row["Right %"]) for row in questions] == [
        (line.question, line.key, shown(line.facility)) for line in report.questions
    ]
    topics = rows(folder / "results-Topics.csv")
    assert [(row["Topic"], row["Answered"], row["Accuracy %"]) for row in topics] == [
        (line.topic, str(line.answered), shown(line.accuracy)) for line in report.topics
    ]
    options = rows(folder / "results-Options.csv")
    assert [
        (row["Question"], row["Option"], row["Is right"], row["Chosen"]) for row in options
    ] == [
        (line.question, option.text, str(option.right).upper(), str(option.chosen))
        for line in report.questions
        for option in line.options
    ]


def shown(value: object) -> str:
    """Return a cell's value as LibreOffice writes it."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case float():
            return f"{round(value, 2):g}"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
    return unescape(str(value))


def test_csv_opens_as_typed_and_computes_nothing(report: Report, tmp_path: Path) -> None:
    file = tmp_path / "results.csv"
    file.write_bytes(write(report, ReportFormat.CSV))
    folder = convert(file, "xlsx:Calc MS Excel 2007 XML", f"--infilter={CSV},,0,false,true,true")
    sheet = openpyxl.load_workbook(folder / "results.xlsx").active
    assert sheet is not None
    head, *body = sheet.iter_rows()
    assert len(body) == len(report.responses)
    assert "f" not in {cell.data_type for row in body for cell in row}
    column = {str(cell.value): place for place, cell in enumerate(head)}
    for line, row in zip(report.responses, body, strict=True):
        assert row[column["correct"]].value is line.correct
        assert row[column["response_time"]].value == line.response_time
