"""Key `v` in the dashboard: the results of the meeting in a file."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import openpyxl
import pytest
from textual.widgets import Input, Static

from livequiz.results.formats import ReportFormat
from livequiz.results.report import Report
from livequiz.tui.instructor.dashboard import Dashboard
from livequiz.tui.instructor.export import ExportDialog
from tests.conftest import RunningServer
from tests.helpers import bank
from tests.tui.at_instructor import _meeting, answer, dashboard, send, state_folder
from tests.tui.looking import until, until_shown

__all__ = ["_meeting", "state_folder"]  # fixtures


async def test_results_are_saved_and_never_over_another_file_by_mistake(
    server: RunningServer, tmp_path: Path
) -> None:
    await server.import_questions(bank(5))
    students = [await server.student(f"S00{n}", f"Student {n}") for n in (1, 2)]
    async with dashboard(server) as (app, pilot):
        await send(app, pilot)
        for place, student in enumerate(students):
            await answer(student, place)
        await until(lambda: not app.board.open, "the end of the round")
        for taken in (False, True):
            await pilot.press("v")
            await until(lambda: isinstance(app.screen, ExportDialog), "the dialog")
            dialog = app.screen
            field = dialog.query_one("#file", Input)
            assert field.value == str(Path.cwd() / "livequiz-TEST.html")
            field.value = str(tmp_path / "lesson.json")
            await pilot.press("enter")
            if taken:
                await until(
                    lambda: "again to replace" in str(dialog.query_one("#message", Static).content)  # noqa: B023
                )
                await pilot.press("tab", "space", "enter")
            await until(lambda: isinstance(app.screen, Dashboard), "the file")
            await until_shown(app, "Saved the results to")
            report = msgspec.json.decode((tmp_path / "lesson.json").read_bytes(), type=Report)
            assert report.anonymous is taken
            assert [line.correct for line in report.students].count(1) == 1
            assert {line.name for line in report.students} == {"Student 1", "Student 2"}


def content_of(file: Path) -> list[str]:
    """Return how a report begins, and all of it as text."""
    content = file.read_bytes()
    if file.suffix != ".xlsx":
        return [content.decode("utf-8-sig").split()[0], content.decode()]
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [book.sheetnames[0], repr([list(s.values) for s in book.worksheets])]


@pytest.mark.parametrize(
    ("kind", "begins"),
    [
        (ReportFormat.HTML, "<!doctype"),
        (ReportFormat.XLSX, "Students"),
        (ReportFormat.CSV, "meeting_id,round,"),
        (ReportFormat.JSON, "{"),
        (ReportFormat.MD, "#"),
    ],
)
async def test_results_are_saved_in_every_format(
    server: RunningServer, tmp_path: Path, kind: ReportFormat, begins: str
) -> None:
    await server.import_questions(bank(5))
    student = await server.student("S001", "Student 1")
    file = tmp_path / f"lesson.{kind}"
    async with dashboard(server) as (app, pilot):
        await send(app, pilot)
        await answer(student, 0)
        await until(lambda: not app.board.open, "the end of the round")
        await pilot.press("v")
        await until(lambda: isinstance(app.screen, ExportDialog), "the dialog")
        app.screen.query_one("#file", Input).value = str(file)
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, Dashboard), "the file")
        await until_shown(app, "Saved the results to")
    head, text = content_of(file)
    assert head.startswith(begins)
    assert "Student 1" in text


async def test_what_can_not_be_written_is_said_in_the_dialog(
    server: RunningServer, tmp_path: Path
) -> None:
    async with dashboard(server) as (app, pilot):
        for path, why in (
            (str(tmp_path / "no folder" / "x.html"), "can't be written: No such file"),
            ("lesson.doc", "has no suffix that names a format"),
            ("x" * 300 + ".html", "No file can have that name"),
            ("~nobody-of-that-name/x.html", "No file can have that name"),
            ("", "Type the name of a file"),
        ):
            await pilot.press("v")
            await until(lambda: isinstance(app.screen, ExportDialog), "the dialog")
            dialog = app.screen
            dialog.query_one("#file", Input).value = path
            await pilot.press("enter")
            await until(
                lambda: why in " ".join(str(dialog.query_one("#message", Static).content).split())  # noqa: B023
            )
            await pilot.press("escape")
            await until(lambda: isinstance(app.screen, Dashboard), "the dashboard")
