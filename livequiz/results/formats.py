"""The formats that a report can be written in."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from livequiz.domain.errors import Code, QuizError

if TYPE_CHECKING:
    from livequiz.results.lesson import Progress
    from livequiz.results.report import Report


class ReportFormat(StrEnum):
    """A format, named as the suffix of its files."""

    HTML = "html"
    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"
    MD = "md"


# Imported when needed: the command line knows the formats, and most need a library of their own.
_MODULES = {
    ReportFormat.HTML: "html_page",
    ReportFormat.XLSX: "xlsx_file",
    ReportFormat.CSV: "csv_file",
    ReportFormat.JSON: "json_file",
    ReportFormat.MD: "markdown",
}


def write(report: Report, report_format: ReportFormat, progress: Progress | None = None) -> bytes:
    """Return the report as a file's content.

    Args:
        report: The report.
        report_format: The format.
        progress: Is told how much of it is done, in formats that take long.
    """
    module = importlib.import_module(f"livequiz.results.{_MODULES[report_format]}")
    writer: Callable[..., bytes] = module.write
    if progress is not None and report_format is ReportFormat.XLSX:
        return writer(report, progress)
    return writer(report)


def format_of(file: Path) -> ReportFormat:
    """Return the format that a file's name asks for.

    Raises:
        QuizError: `bad_request` if it is none of them.
    """
    try:
        return ReportFormat(file.suffix.lower().removeprefix("."))
    except ValueError:
        names = ", ".join(f".{known}" for known in ReportFormat)
        why = f"{file} has no suffix that names a format: use one of {names}, or --format."
        raise QuizError(Code.BAD_REQUEST, why, "file") from None
