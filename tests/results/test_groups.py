"""`livequiz results --roster`: the groups of a class list in every format."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import msgspec
import pytest

from livequiz.results.build import build
from livequiz.results.formats import ReportFormat, write
from livequiz.results.report import Report
from tests.conftest import TOKEN, RunningServer
from tests.results.at_shell import livequiz
from tests.results.rasch_class import START, RaschClass, store_lesson
from tests.results.test_formats import book_of

GROUPS = {"S001": "red", "S003": "=blue"}


def report(groups: dict[str, str] | None) -> Report:
    found = build(RaschClass(4, 9).lesson(2), START)
    if groups is not None:
        found.set_groups(groups)
    return found


def test_groups_are_in_every_format() -> None:
    grouped = report(GROUPS)
    rows = csv.DictReader(io.StringIO(write(grouped, ReportFormat.CSV).decode("utf-8-sig")))
    assert {(row["student_id"], row["group"]) for row in rows} == {
        ("S001", "red"), ("S002", ""), ("S003", "'=blue"), ("S004", "")
    }  # fmt: skip
    head, *students = book_of(write(grouped, ReportFormat.XLSX))["Students"]
    assert head[3] == "Group"
    assert [row[3] for row in students] == ["red", None, "=blue", None]
    assert all(len(row) == len(head) for row in students)
    page = write(grouped, ReportFormat.HTML).decode()
    assert "<th>Group</th>" in page
    assert '<td class="id">=blue</td>' in page
    text = write(grouped, ReportFormat.MD).decode()
    assert "| Student | Group | Answered |" in text
    assert "| Student 001 | red |" in text
    found = msgspec.json.decode(write(grouped, ReportFormat.JSON), type=Report)
    assert [line.group for line in found.students] == ["red", "", "=blue", ""]


@pytest.mark.parametrize("kind", list(ReportFormat))
def test_a_report_without_groups_has_no_column_of_them(kind: ReportFormat) -> None:
    content = write(report(None), kind)
    text = repr(book_of(content)) if kind is ReportFormat.XLSX else content.decode()
    assert "Group" not in text
    assert '"group"' not in text
    assert ",group" not in text


async def test_the_command_takes_groups_from_a_class_list(
    server: RunningServer, tmp_path: Path
) -> None:
    await store_lesson(server.store, RaschClass(4, 9).lesson(2))
    here = ("results", "K7QX4M", "--url", server.url, "--token", TOKEN, "-o", "-", "-f", "md")
    file = tmp_path / "list.csv"
    file.write_text("student_id,name,group\nS001,Ada,red\nS009,Bob,blue\n")
    shown, said = await livequiz(*here, "--roster", file)
    assert "| Student 001 | red |" in shown
    assert "blue" not in shown
    assert said == ""
    _, said = await livequiz(*here, "--roster", file, "--anonymous", code=1)
    assert said == "An anonymous report has no groups: leave out --roster, or --anonymous."
    file.write_text("student_id,name\nS001,Ada\n")
    shown, said = await livequiz(*here, "--roster", file)
    assert "Group" not in shown
    assert said == f"{file} has no group of anybody here, in a column `group`."
