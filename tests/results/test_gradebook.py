"""Grades in the files of other programs; what was in them stays byte for byte the same."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from livequiz.domain.errors import QuizError
from livequiz.domain.model import PointsFor
from livequiz.results.build import build
from livequiz.results.gradebook import canvas, tables
from livequiz.results.gradebook.grades import Grade, Grades, grades_of
from livequiz.results.lesson import Lesson
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


def with_column(export: bytes, *column: str) -> bytes:
    """Return an export of CRLF lines with something at the end of each record.

    It is taken apart in another way than the program does.
    """
    ends = iter(column)
    expected, quoted = b"", False
    for byte in export:
        quoted ^= byte == ord('"')
        expected += next(ends).encode() if byte == ord("\r") and not quoted else b""
        expected += bytes([byte])
    return expected


def test_canvas_gets_one_column_and_keeps_all_others() -> None:
    content, problems = canvas.add_column(EXPORT, of(5, 2.25, 0, 3))
    assert problems == ["S004 (Student 4) is not in the gradebook."]
    # heading, posting policy, points possible, and Ada, Grace, Alan, Emmy and the test student
    column = (',"Sets, and functions"', ",", ",5", ",5", ",2.25", ",0", ",", ",")
    assert content == with_column(EXPORT, *column)


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


_inside = st.lists(
    st.one_of(
        st.sampled_from(["\r", "\n", "\r\n", '""', *",;\t'=\ufeff\u2028\x85"]),
        st.characters(codec="utf-8", exclude_characters='"\0'),
    ),
    max_size=12,
).map("".join)
quoted = _inside.map('"{}"'.format)
bare = st.text(st.characters(codec="utf-8", exclude_characters='",;\t\r\n\0'), max_size=8)
cells = st.one_of(bare, quoted)


@given(
    more=st.lists(st.tuples(cells, cells), max_size=6),
    headings=st.tuples(cells, cells),
    delimiter=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
    bom=st.sampled_from(["", "\ufeff"]),
)
@example(more=[], headings=('";;;;;;"', "A"), delimiter=",", end="\n", last=True, bom="")
def test_any_other_columns_stay_byte_for_byte(
    *,
    more: list[tuple[str, str]],
    headings: tuple[str, str],
    delimiter: str,
    end: str,
    last: bool,
    bom: str,
) -> None:
    """Written as text and not by the `csv` module: what it would quote may come bare, and back."""
    written = [
        ("Student", headings[0], "SIS Login ID", headings[1]),
        (" Points Possible ", "1", "", '"2"'),
        *((f'"N, ""{n}"""', a, f"S00{n}", b) for n, (a, b) in enumerate(more, start=1)),
    ]
    lines = [delimiter.join(cells) for cells in written]
    points = [f"{n / 4:g}" for n in range(1, len(more) + 1)]
    added = ['"Sets, and functions"' if delimiter == "," else "Sets, and functions", "5", *points]
    after = [f"{line}{delimiter}{cell}" for line, cell in zip(lines, added, strict=True)]
    closing = end if last else ""
    content, problems = canvas.add_column(
        (bom + end.join(lines) + closing).encode(), of(*map(float, points))
    )
    assert problems == []
    assert content == (bom + end.join(after) + closing).encode()


def known_class(lesson_of: int, *right: int) -> Lesson:
    """Return a lesson in which each student's number of right answers is known.

    All students have the same questions, each of which is much harder than the one before.
    """
    school = RaschClass(len(right), lesson_of)
    school.difficulties = {q: 100.0 * n for n, q in enumerate(school.questions)}
    school.abilities = {
        student.id: 100.0 * of_student - 50
        for student, of_student in zip(school.students, right, strict=True)
    }
    return school.lesson(lesson_of, same_questions=True)


def points_of(lesson: Lesson, possible: float | None = None) -> dict[str, float]:
    return {g.student_id: g.points for g in grades_of(build(lesson, START), possible).students}


def test_grades_are_shares_of_what_each_student_had() -> None:
    lesson = known_class(4, 4, 3, 1, 0)
    assert points_of(lesson) == {"S001": 4, "S002": 3, "S003": 1, "S004": 0}
    assert points_of(lesson, 10) == {"S001": 10, "S002": 7.5, "S003": 2.5, "S004": 0}
    first = lesson.rounds[0]  # which S002 missed, and so they had 2 right of 3
    lesson.rounds[0] = replace(
        first,
        assignments=[had for had in first.assignments if had.student_id != "S002"],
        responses=[one for one in first.responses if one.student_id != "S002"],
    )
    second = lesson.rounds[1]  # in which S001 gave no answer
    answered = [one for one in second.responses if one.student_id != "S001"]
    lesson.rounds[1] = replace(second, responses=answered)
    assert points_of(lesson) == {"S001": 3, "S002": 2.67, "S003": 1, "S004": 0}
    assert points_of(lesson, 30) == {"S001": 22.5, "S002": 20, "S003": 7.5, "S004": 0}


def test_a_title_that_canvas_would_misread_is_refused() -> None:
    with pytest.raises(QuizError, match="number in parentheses"):
        canvas.add_column(EXPORT, Grades("Week (3)", 5, []))


def test_rounds_without_points_and_points_that_changed_make_no_odd_grades() -> None:
    lesson = known_class(4, 4, 3, 1, 0)
    off = [replace(r, points=0) for r in lesson.rounds[0].responses]
    without = replace(lesson.rounds[0].round, points_for=PointsFor.NOTHING)
    lesson.rounds[0] = replace(lesson.rounds[0], round=without, responses=off)
    assert grades_of(build(lesson, START)).possible == 3
    assert points_of(lesson) == {"S001": 3, "S002": 2, "S003": 0, "S004": 0}
    for question_id, question in lesson.questions.items():
        lesson.questions[question_id] = replace(question, points=0.5)
    # What was earned stays; what S002 missed is worth 0.5 now, and they have 2 points of 2.5.
    assert grades_of(build(lesson, START)).possible == 3
    assert points_of(lesson) == {"S001": 3, "S002": 2.4, "S003": 0, "S004": 0}


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
    await store_lesson(server.store, known_class(3, 3, 2, 1, 3, 0))
    export, file, class_list = (tmp_path / name for name in ("export.csv", "new.csv", "list.csv"))
    export.write_bytes(EXPORT)
    class_list.write_bytes(ROSTER)
    here = ("--url", server.url, "--token", TOKEN)
    command = ("results", "K7QX4M", "--gradebook", "canvas", "--roster", class_list, "-o", file)
    _, said = await livequiz(*command, "--with", export, "--points", "30", *here)
    assert "S004 (Student 004) is not in the gradebook." in said
    assert "S005 (Student 005) is not in the gradebook." in said
    # Ada is known by her id, Grace by her login, and Alan by what the class list says.
    column = (",Sets and functions", ",", ",30", ",30", ",20", ",10", ",", ",")
    assert file.read_bytes() == with_column(EXPORT, *column)
    _, said = await livequiz(*command, *here, code=1)
    assert "--with" in said
    _, said = await livequiz(*command, "--with", export, *here, code=1)
    assert "already exists; use --force" in said
