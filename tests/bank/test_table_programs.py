"""The tables of other programs: one reader, by the names of their columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

import openpyxl
import pytest

from livequiz.bank import formats
from livequiz.bank.csv_file import CSV
from livequiz.bank.kahoot import KAHOOT
from livequiz.bank.reading import Kind, Reading
from livequiz.bank.xlsx_file import XLSX
from livequiz.domain.model import QuestionType
from tests.bank.cases import whole

Rows = Sequence[Sequence[object]]
S, M, T = QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.SHORT_TEXT


def as_csv(rows: Rows) -> Reading:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return whole(CSV.read(file.getvalue().encode()))


def as_semicolons(rows: Rows) -> Reading:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=";").writerows(rows)
    return whole(CSV.read(file.getvalue().encode("utf-8-sig")))


def as_workbook(rows: Rows) -> Reading:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append([None if cell == "" else cell for cell in row])
    file = io.BytesIO()
    book.save(file)
    return whole(formats.detect(file.getvalue(), ".xlsx").read(file.getvalue()))


every_way = pytest.mark.parametrize("read", [as_csv, as_semicolons, as_workbook])
Read = Callable[[Rows], Reading]

WAYGROUND: Rows = [
    ["Question Text", "Question Type", *(f"Option {n}" for n in range(1, 6)), "Correct Answer",
     "Time in seconds", "Image Link", "Answer explanation"],
    ["Text of the question\n\n(required)\n\n\n", "Question Type\n\n(default is Multiple Choice)\n",
     *["Text for an option\n\n(optional)\n\n"] * 5, "The correct option choice (between 1-5).",
     "Time in seconds\n\n(optional, default value is 30 seconds)", "Link\n\n(optional)", ""],
    ["Which is the largest?", "Multiple Choice", "Earth", "Mars", "Venus", "Jupiter", "Pluto", 4,
     20, "https://example.org/a.jpg", "By far."],
    ["Which are planets?", "Checkbox", "Venus", "Neptune", "Uranus", "Pluto", "", "1,2,3", 45,
     "", ""],
    ["Name a moon of Mars", "Fill-in-the-Blank", "Phobos", "Deimos", "", "", "", "", 60, "", ""],
    ["What would you do there?", "Open-Ended", "", "", "", "", "", "", 180, "", ""],
    ["Which do you like?", "Poll", "Stars", "Planets", "", "", "", "", 20, "", ""],
    ["Which is even?", "Multiple Choice", 3, 1, 2, 5, "", 3, 20, "", ""],
]  # fmt: skip


@every_way
def test_waygrounds_table_is_read(read: Read) -> None:
    reading = read(WAYGROUND)
    assert [(d.type, d.options, d.correct, d.time_limit) for d in reading.drafts] == [
        (S, ("Earth", "Mars", "Venus", "Jupiter", "Pluto"), 3, 20),
        (M, ("Venus", "Neptune", "Uranus", "Pluto"), (0, 1, 2), 45),
        (T, (), ("Phobos", "Deimos"), 60),
        (S, ("3", "1", "2", "5"), 2, 20),
    ]
    assert reading.drafts[0].explanation == "By far."
    told = [(p.kind, p.message) for p in reading.problems]
    assert told == [
        (Kind.LOST, "LiveQuiz does not know these columns and left them out: image_link."),
        (Kind.UNSUPPORTED, "There is no question of type Open-Ended here."),
        (Kind.UNSUPPORTED, "There is no question of type Poll here."),
    ]


def test_texts_among_waygrounds_keys_put_its_numbers_in_doubt() -> None:
    rows = [WAYGROUND[0], WAYGROUND[7], ["?", "", "x", "y", "", "", "", "y", "", "", ""]]
    reading = as_csv(rows)
    assert [draft.correct for draft in reading.drafts] == [1]
    assert "is that option C, or the option that says 3?" in reading.problems[-1].message


def test_numbers_that_are_all_texts_of_options_too_are_asked_about() -> None:
    reading = as_csv([WAYGROUND[0], WAYGROUND[7]])
    assert not reading.entries
    assert "is that option C, or the option that says 3?" in reading.problems[-1].message


BLOOKET: Rows = [
    ["Blooket\nImport Template", "", "", "", "", "", "", ""],
    ["Question #", "Question Text", "Answer 1", "Answer 2", "Answer 3\n(Optional)",
     "Answer 4\n(Optional)", "Time Limit (sec)\n(Max: 300 seconds)",
     "Correct Answer(s)\n(Only include Answer #)"],
    [1, "Which is odd?", 2, 3, 1, 4, 20, "2,3"],
    [2, "Which is third?", "Mars", "Earth", "", "", 30, 2],
    *([number, "", "", "", "", "", 20, ""] for number in range(3, 100)),
]  # fmt: skip


@every_way
def test_blookets_table_is_read(read: Read) -> None:
    """`Question #` was taken for the question, and each empty numbered row for a wrong one."""
    reading = read(BLOOKET)
    assert [(d.text, d.options, d.correct, d.time_limit) for d in reading.drafts] == [
        ("Which is odd?", ("2", "3", "1", "4"), 1, 20),
        ("Which is third?", ("Mars", "Earth"), 1, 30),
    ]
    assert reading.drafts[0].weights == (0, 100, 100, 0)
    assert reading.left_out == 0


GIMKIT: Rows = [
    ["Gimkit Spreadsheet Import Template", "", "", "", ""],
    ["Question", "Correct Answer", "Incorrect Answer 1", "Incorrect Answer 2 (Optional)",
     "Incorrect Answer 3 (Optional)"],
    ["Which letter is a vowel?", "a", "b", "c", "d"],
    ["Which is even?", 2, 1, 3, ""],
    ["Which is third?", "Earth", "", "", ""],
]  # fmt: skip


@every_way
def test_gimkits_table_is_read(read: Read) -> None:
    reading = read(GIMKIT)
    assert not reading.problems
    vowel, even, third = reading.drafts
    assert sorted(vowel.options) == ["a", "b", "c", "d"]
    assert isinstance(vowel.correct, int)
    assert vowel.options[vowel.correct] == "a"
    assert sorted(even.options) == ["1", "2", "3"]
    assert isinstance(even.correct, int)
    assert even.options[even.correct] == "2"
    assert (third.type, third.correct) == (T, ("Earth",))


def test_the_right_answer_among_the_wrong_ones_is_refused() -> None:
    reading = as_csv([GIMKIT[1], ["Which is third?", "Earth", "Mars", "Earth", ""]])
    assert not reading.entries
    assert "Two options are the same" in reading.problems[0].message
    assert "`Earth`" in reading.problems[0].message


KAHOOTS: Rows = [
    ["Quiz template", "", "", "", "", "", "", ""],
    ["", "Question - max 120 characters", *(f"Answer {n} - max 75 characters" for n in range(1, 5)),
     "Time limit (sec) – 5, 10, 20, 30, 60, 90, 120, or 240 secs",
     "Correct answer(s) - choose at least one"],
    [1, "Which is odd?", 2, 3, 1, 4, 20, "2,3"],
    [2, "Which is third?", "Mars", "", "Earth", "", 30, 3],
    [3, "", "", "", "", "", "", ""],
]  # fmt: skip


@every_way
def test_kahoots_table_is_read(read: Read) -> None:
    reading = read(KAHOOTS)
    assert not reading.problems
    odd, third = reading.drafts
    assert (odd.options, odd.correct, odd.weights) == (("2", "3", "1", "4"), 1, (0, 100, 100, 0))
    assert (third.options, third.correct, third.time_limit) == (("Mars", "Earth"), 1, 30)


def test_a_text_with_a_digit_in_it_is_no_number_of_an_answer() -> None:
    """`Apollo 11` was read as the answer of that number, or of its digits."""
    rows = [*KAHOOTS[:2], [1, "Who landed first?", "Apollo 2", "Apollo 1", "", "", 20, "Apollo 1"]]
    assert [draft.correct for draft in as_csv(rows).drafts] == [1]


def test_only_kahoots_template_is_called_so() -> None:
    for rows, known in ((BLOOKET, XLSX), (KAHOOTS, KAHOOT)):
        book = openpyxl.Workbook()
        for row in rows:
            book.worksheets[0].append([None if cell == "" else cell for cell in row])
        file = io.BytesIO()
        book.save(file)
        assert formats.detect(file.getvalue(), ".xlsx") is known


@pytest.mark.parametrize(
    "header",
    [
        "questionText,optionA,optionB,correctAnswer,timeLimit,questionType",
        "question,option1,option2,correctOption,timeLimit,type",
        "Question Text,Choice 1,Choice 2,Correct Choice,Time in seconds,Question Type",
        "QuestionText,AnswerA,AnswerB,RightAnswer,Seconds,Type",
        "Prompt,Option A (required),Option B (required),Correct option (A-F),Time (s),Type",
    ],
)
def test_names_of_columns_may_be_in_camel_case_and_have_remarks(header: str) -> None:
    (draft,) = whole(CSV.read(f"{header}\n?,x,y,B,20,multipleChoice".encode())).drafts
    assert (draft.options, draft.correct, draft.time_limit) == (("x", "y"), 1, 20)


def test_every_column_that_means_nothing_is_named() -> None:
    """Of the eleventh one nothing was told."""
    names = [f"extra_{number}" for number in range(1, 26)]
    header = ",".join(["question", "correct", *names])
    (problem,) = whole(CSV.read(f"{header}\n?,true".encode())).problems
    assert all(name in problem.message for name in names)
    many = ",".join(f"extra_{number}" for number in range(150))
    (problem,) = whole(CSV.read(f"question,correct,{many}\n?,true".encode())).problems
    assert problem.message.endswith("extra_99, and 50 more.")


@pytest.mark.parametrize("name", ["options", "Answers", "choices"])
def test_options_in_one_cell_are_not_overlooked(name: str) -> None:
    reading = whole(CSV.read(f"question,{name},correct\n?,Paris;London,Paris".encode()))
    assert not reading.entries
    assert "call them option_a, option_b and so on" in reading.problems[-1].message


@pytest.mark.parametrize("key", ["2", "Deimos"])
def test_one_of_several_texts_to_be_typed_as_the_key_is_asked_about(key: str) -> None:
    row = ["Name a moon", "Fill-in-the-Blank", "Phobos", "Deimos", "", "", "", key, 60, "", ""]
    reading = as_csv([WAYGROUND[0], row])
    assert not reading.entries
    assert "counts as right" in reading.problems[-1].message
