"""Rosters as people save them, and the sentence that each wrong one gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from livequiz.domain.errors import QuizError
from livequiz.server.quiz.roster import LARGEST_FILE, Roster, parse, read_file

CLASS = {"S001": "Alice", "S002": "Zo\u00eb"}
RIGHT = {
    "commas": "student_id,name\nS001,Alice\nS002,Zo\u00eb\n",
    "semicolons": "student_id;name\nS001;Alice\nS002;Zo\u00eb\n",
    "byte order mark": "\ufeffstudent_id,name\nS001,Alice\nS002,Zo\u00eb\n",
    "ends of lines of Windows": "student_id,name\r\nS001,Alice\r\nS002,Zo\u00eb\r\n",
    "old ends of lines": "student_id,name\rS001,Alice\rS002,Zo\u00eb",
    "another order and more columns": "mail,Name,Student_ID\na@b,Alice,S001\n,Zo\u00eb,S002",
    "quotation marks": '"student_id";"name"\n"S001";"Alice"\n"S002";"Zo\u00eb"\n',
    "blank lines and spaces": "\n student_id , name \n\n S001 , Alice \n,\n S002, Zo\u00eb\n,,\n",
    "a comma in a column of no interest": 'student_id;name;a,b\nS001;Alice\nS002;Zo\u00eb;",";;',
    "another form of Unicode": "student_id,name\nS001,Alice\nS002,Zoe\u0308\n",
}
IDS = "`student_id` has to be 1 to 64 letters, digits, or . _ @ -."
HEADER = (
    "The header has to name the columns student_id and name once each; "
    "add the line `student_id,name`."
)
QUOTES = "A cell that starts with a quotation mark has to end with one."
INVISIBLE = "That name contains invisible or control characters. Type it instead of pasting it."
EMPTY = "r.csv is empty; write `student_id,name`, then a line for each student."
WRONG = {
    "nothing": ("", EMPTY),
    "blank": ("\ufeff \n\n", EMPTY),
    "no student": (
        "student_id,name\n\n",
        "r.csv lists no students; add a line for each one below the header.",
    ),
    "no header": ("S001,Alice\nS002,Bob\n", f"r.csv, line 1: {HEADER}"),
    "a late header": ("\nS001,Alice\nstudent_id,name\n", f"r.csv, line 2: {HEADER}"),
    "half a header": ("student_id,mail\nS001,Alice\n", f"r.csv, line 1: {HEADER}"),
    "a header twice": ("student_id,name,name\nS001,Alice,Bob\n", f"r.csv, line 1: {HEADER}"),
    "only delimiters": (",,,\n", f"r.csv, line 1: {HEADER}"),
    "tabs": ("student_id\tname\nS001\tAlice\n", f"r.csv, line 1: {HEADER}"),
    "a bad id": ("student_id,name\nS001,Alice\nS 2,Bob\n", f"r.csv, line 3: {IDS}"),
    "bad ids": (
        "student_id,name\nM\u00fcller,Alice\n,Bob\nS001,Cleo\n\n" + "x" * 65 + ",Dan\n",
        f"r.csv, lines 2, 3 and 6: {IDS}",
    ),
    "many bad ids": (
        "student_id,name\n" + "/,Alice\n" * 300,
        f"r.csv, lines 2, 3, 4, 5, 6 and 295 more: {IDS}",
    ),
    "no name": (
        "student_id,name\nS001,\nS002\n",
        "r.csv, lines 2 and 3: Please enter a name.",
    ),
    "a long name": (
        f"student_id,name\nS001,{'x' * 81}\n",
        "r.csv, line 2: A name can have at most 80 characters; please shorten it.",
    ),
    "a name that steers": ("student_id,name\nS001,A\x1b[31m\n", f"r.csv, line 2: {INVISIBLE}"),
    "a name on two lines": (
        'student_id,name\n"S001","Al\nice"\n"S002","B\x00b"\n',
        f"r.csv, lines 2 and 4: {INVISIBLE}",
    ),
    "a comma in a name": (
        "student_id,name\nS001,Alice\nS002,Doe, John\n",
        "r.csv, line 3: More cells than in the header; put a name with a comma in quotes.",
    ),
    "an id twice": (
        "student_id,name\nS001,Alice\nS002,Bob\nS001,Alicia\n",
        "r.csv, lines 2 and 4: The id S001 appears more than once; keep only one.",
    ),
    "an open quotation mark": (
        'student_id,name\nS001,Alice\nS002,"Bob\nS003,Cleo\n',
        f"r.csv, line 3: {QUOTES}",
    ),
    "a stray quotation mark": ('student_id,name\nS001,"Al"ice\n', f"r.csv, line 2: {QUOTES}"),
}


def refusal(content: bytes) -> str:
    with pytest.raises(QuizError) as refused:
        parse(content, "r.csv")
    assert refused.value.code == "bad_request"
    return refused.value.message


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT.keys())
def test_a_roster_is_read_as_programs_write_it(text: str) -> None:
    assert parse(text.encode(), "r.csv").names == CLASS


def test_a_name_in_quotation_marks_may_hold_a_comma_and_a_mark() -> None:
    text = 'student_id,name\nS001,"Doe, John ""Jo"""\n'
    assert parse(text.encode(), "r.csv").names == {"S001": 'Doe, John "Jo"'}


@pytest.mark.parametrize(("text", "sentence"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_roster_gets_a_sentence_with_its_lines(text: str, sentence: str) -> None:
    assert refusal(text.encode()) == sentence


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("student_id,name\nS001,Alice\nS002,Zo\u00eb\n".encode("latin-1"), 3),
        ("student_id,name\r\nS001,Zo\u00eb\r\n".encode("cp1252"), 2),
        ("student_id,name\n".encode("utf-16"), 1),
        (b"\xef\xbb\xbfstudent_id,name\n\xff\n", 2),
    ],
)
def test_a_roster_that_is_not_utf_8_gets_a_sentence(content: bytes, line: int) -> None:
    expected = f"r.csv, line {line}: This is not UTF-8; save the file again as CSV in UTF-8."
    assert refusal(content) == expected


def test_a_file_is_read_and_named_in_what_is_said(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text(RIGHT["commas"], encoding="utf-8")
    assert read_file(file) == Roster(CLASS)
    file.write_bytes(b"")
    with pytest.raises(QuizError, match=r"r\.csv is empty") as refused:
        read_file(file)
    assert refused.value.message == f"{tmp_path}/{EMPTY}"


def test_a_file_that_can_not_be_read_gets_a_sentence(tmp_path: Path) -> None:
    missing, large = tmp_path / "no.csv", tmp_path / "large.csv"
    large.write_bytes(b"x" * (LARGEST_FILE + 1))
    for path, sentence in (
        (missing, f"{missing} can't be read (No such file or directory); check --roster."),
        (tmp_path, f"{tmp_path} can't be read (Is a directory); check --roster."),
        (large, f"{large} is larger than 4 MiB; is it really a class list?"),
    ):
        with pytest.raises(QuizError) as refused:
            read_file(path)
        assert refused.value.message == sentence


def test_who_is_not_on_the_roster_is_told_what_to_do() -> None:
    roster = Roster({**CLASS, "s2": "Small"})
    assert roster.name_of("S001") == "Alice"
    for student_id, sentence in (
        ("S404", "The id S404 is not on the class list; check it, or ask your teacher to add it."),
        (
            "s001",
            "The class list has S001, not s001: "
            "type the id with the same capital and small letters.",
        ),
    ):
        with pytest.raises(QuizError) as refused:
            roster.name_of(student_id)
        assert (refused.value.code, refused.value.field) == ("forbidden", "student_id")
        assert refused.value.message == sentence
