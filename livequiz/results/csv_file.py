"""The responses of a report as CSV: a row for each question that a student had."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import msgspec

from livequiz.results.report import Report, ResponseLine

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(report: Report) -> bytes:
    """Return the table, in UTF-8 with the byte order mark that spreadsheets need.

    Numbers have a decimal point, truth is TRUE or FALSE, and nothing is an empty cell. Text that a
    spreadsheet would compute gets an apostrophe in front, because students type names and answers.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    grouped = report.has_groups
    groups = {(line.class_name, line.student_id): line.group for line in report.students}
    writer.writerow([*ResponseLine.__struct_fields__, *["group"] * grouped])
    for line in report.responses:
        cells = [_cell(value) for value in msgspec.structs.astuple(line)]
        group = [_cell(groups[line.class_name, line.student_id])] * grouped
        writer.writerow([*cells, *group])
    return text.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        case str():
            return safe(value)
    return value


def safe(text: str) -> str:
    """Return a cell's text, with an apostrophe if a spreadsheet would compute it."""
    return f"'{text}" if text.startswith(_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
