"""Grades in the files of other programs; what was in them stays byte for byte the same."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.domain.errors import QuizError
from livequiz.domain.model import PointsFor
from livequiz.results.build import build
from livequiz.results.gradebook import canvas, tables
from livequiz.results.gradebook.grades import Grade, Grades, grades_of
from livequiz.server.quiz import roster
from tests.conftest import TOKEN, RunningServer
from tests.results.at_shell import livequiz
from tests.results.rasch_class import START, RaschClass, store_lesson

EXPORT = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Essay 1 (4711),Current Score\r\n"
    ",,,,,Manual Posting,(read only)\r\n"
    "    Points Possible,,,,,10,(read only)\r\n"
    '"Lovelace, Ada",11,S001,ada@school.example,"7B, ""blue""",9.50,95.00\r\n'
    '"Hopper, Grace",12,100002,S002,"7B\nannex",,\r\n'
    '"Turing, Alan",13,100003,alan,7B,8,80.00\r\n'
    '"Noether, Emmy",14,100004,emmy,7B,8,80.00\r\n'
    '"Student, Test",15,,f00dcafe,7B,,\r\n'
).encode()
ROSTER = (
    b"student_id,name,sis_id,login,email,group\n"
    b"S003,Alan,100003,,,red\nS004,Emmy,,,emmy@school.example,red\n"
)


def of(*points: float, possible: float = 5) -> Grades:
    known = roster.parse(ROSTER, "roster").accounts
    students = [
        Grade(f"S00{n}", f"Student {n}", each, {"id": f"S00{n}", **known.get(f"S00{n}", {})})
        for n, each in enumerate(points, start=1)
    ]
    return Grades("Sets, and functions", possible, students)


def rows(content: bytes, delimiter: str = ",") -> list[list[str]]:
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    return list(csv.reader(text, delimiter=delimiter))


def test_canvas_gets_one_column_and_keeps_all_others() -> None:
    content, problems = canvas.add_column(EXPORT, of(5, 2.25, 0, 3))
    before, after = rows(EXPORT), rows(content)
    assert [row[:-1] for row in after] == before
    assert [row[-1] for row in after] == [
        *("Sets, and functions", "", "5"),  # heading, posting policy, points possible
        *("5", "2.25", "0", "", ""),
    ]
    assert problems == ["S004 (Student 4) is not in the gradebook."]
    column = [b',"Sets, and functions"', b",", b",5", b",5", b",2.25", b",0", b",", b","]
    ends = iter(column)
    expected, quoted = b"", False
    for byte in EXPORT:  # taken apart in another way than the program does
        quoted ^= byte == ord('"')
        expected += next(ends) if byte == ord("\r") and not quoted else b""
        expected += bytes([byte])
    assert content == expected


@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_other_delimiters_and_line_ends_stay(delimiter: str, end: str) -> None:
    lines = ["Student,ID,SIS Login ID", "Points Possible,,", "Ada,1,s001"]
    export = end.join(lines).replace(",", delimiter).encode()
    content, problems = canvas.add_column(export, of(4))
    assert problems == []
    assert content == (
        export.replace(end.encode(), b"\0", 1)
        .replace(b"\0", f"{delimiter}Sets, and functions{end}".encode(), 1)
        .replace(f"{delimiter}{delimiter}{end}".encode(), f"{delimiter * 3}5{end}".encode())
        + f"{delimiter}4".encode()
    )


def test_nobody_is_guessed() -> None:
    export = (
        b"Student,ID,SIS User ID,SIS Login ID\nPoints Possible,,,\n"
        b"Ada,1,S001,x\nAda again,2,y,S001\nBob,3,S002,S003\n"
    )
    content, problems = canvas.add_column(export, of(5, 4, 3))
    assert [row[-1] for row in rows(content)] == ["Sets, and functions", "5", "", "", ""]
    assert problems == [
        "S001 (Student 1) fits several rows of the gradebook; name one in the roster.",
        "S002 and S003 fit the same row of the gradebook, which stays empty.",
    ]


@pytest.mark.parametrize(
    ("export", "why"),
    [
        (b"", "not a Canvas gradebook"),
        (b"Name,Points\nAda,1\n", "not a Canvas gradebook"),
        (b"Student,ID\nAda,1\n", "not a Canvas gradebook"),
        (b"Student,SIS User ID\nAda,1\n", "no line Points Possible"),
        (b'Student,SIS User ID\nPoints Possible,\n"Ada,1\n', "ends within quotation marks"),
        (b'Student,SIS User ID,"Sets, and functions (12)"\nPoints Possible,,\n', "already"),
        ("Student,SIS User ID,\u00fc\n".encode("latin-1"), "not in UTF-8"),
    ],
)
def test_what_is_no_gradebook_is_refused(export: bytes, why: str) -> None:
    with pytest.raises(QuizError, match=why):
        canvas.add_column(export, of(1))


cells = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=12)


@given(st.lists(st.tuples(cells, cells), max_size=8))
def test_any_cells_stay_as_they_are(more: list[tuple[str, str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([["Student", "SIS User ID", "A (1)"], ["Points Possible", "", "1"]])
    writer.writerows([f"N{n} {a}", f"S{n}", b] for n, (a, b) in enumerate(more))
    export = text.getvalue().encode()
    content, _ = canvas.add_column(export, of(1))
    assert [row[:-1] for row in rows(content)] == rows(export)


def test_grades_are_shares_of_what_each_student_had() -> None:
    school = RaschClass(4, 9)
    lesson = school.lesson(4)
    had = lesson.rounds[0]
    lesson.rounds[0] = type(had)(had.round, had.assignments[1:], had.responses[1:], had.questions)
    report = build(lesson, START)
    grades = grades_of(report, 10)
    assert report.students[0].possible == 3  # came late
    for line, grade in zip(report.students, grades.students, strict=True):
        assert grade.points == pytest.approx(10 * line.points / line.possible, abs=0.005)
    assert grades_of(report).possible == 4


def test_a_title_that_canvas_would_misread_is_refused() -> None:
    with pytest.raises(QuizError, match="number in parentheses"):
        canvas.add_column(EXPORT, Grades("Week (3)", 5, []))


def test_rounds_without_points_and_points_that_changed_make_no_odd_grades() -> None:
    lesson = RaschClass(4, 9).lesson(4)
    usual = grades_of(build(lesson, START))
    off = [replace(r, points=0) for r in lesson.rounds[0].responses]
    without = replace(lesson.rounds[0].round, points_for=PointsFor.NOTHING)
    lesson.rounds[0] = replace(lesson.rounds[0], round=without, responses=off)
    assert grades_of(build(lesson, START)).possible == usual.possible - 1
    for question_id, question in lesson.questions.items():
        lesson.questions[question_id] = replace(question, points=0.5)
    grades = grades_of(build(lesson, START))
    assert all(grade.points <= grades.possible for grade in grades.students)


def test_moodle_and_others_get_a_table() -> None:
    grades = of(5, 2.25, 0, 3)
    assert rows(tables.moodle(grades)) == [
        ["ID number", "Email address", "Sets, and functions (of 5)"],
        ["S001", "", "5"],
        ["S002", "", "2.25"],
        ["100003", "", "0"],
        ["S004", "emmy@school.example", "3"],
    ]
    assert rows(tables.any_gradebook(grades))[2] == ["S002", "Student 2", "", "2.25", "5", "45.00"]


async def test_a_gradebook_goes_from_canvas_to_canvas(
    server: RunningServer, tmp_path: Path
) -> None:
    await store_lesson(server.store, RaschClass(5, 9).lesson(3))
    export, file, class_list = (tmp_path / name for name in ("export.csv", "new.csv", "list.csv"))
    export.write_bytes(EXPORT)
    class_list.write_bytes(ROSTER)
    here = ("--url", server.url, "--token", TOKEN)
    command = ("results", "K7QX4M", "--gradebook", "canvas", "--roster", class_list, "-o", file)
    _, said = await livequiz(*command, "--with", export, "--points", "30", *here)
    assert "S004 (Student 004) is not in the gradebook." in said
    assert "S005 (Student 005) is not in the gradebook." in said
    after = rows(file.read_bytes())
    assert [row[:-1] for row in after] == rows(EXPORT)
    assert [row[-1] for row in after][:3] == ["Sets and functions", "", "30"]
    assert all(float(row[-1]) % 10 == 0 for row in after[3:6])
    _, said = await livequiz(*command, *here, code=1)
    assert "--with" in said
    _, said = await livequiz(*command, "--with", export, *here, code=1)
    assert "already exists; use --force" in said
