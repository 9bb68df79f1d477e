"""A key in a table is never guessed: the column decides, or people are asked."""

from __future__ import annotations

import io

import openpyxl
import pytest

from livequiz.bank.csv_file import CSV
from livequiz.bank.reading import Reading
from livequiz.bank.xlsx_file import XLSX
from livequiz.domain.model import Draft, QuestionType
from tests.bank.cases import whole

HEADER = "question,type,option_a,option_b,option_c,option_d,correct"


def read(*rows: str, header: str = HEADER) -> Reading:
    return whole(CSV.read("\n".join([header, *rows]).encode()))


def keys(*rows: str, header: str = HEADER) -> list[object]:
    reading = read(*rows, header=header)
    assert not reading.problems, reading.problems
    return [draft.correct for draft in reading.drafts]


def refusals(*rows: str, header: str = HEADER) -> list[str]:
    reading = read(*rows, header=header)
    assert not reading.entries
    return [problem.message for problem in reading.problems]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "?,,an,a,the,no article,a",
            "`correct` is a: is that option A, or the option that says a? "
            "Write option_a or option_b.",
        ),
        (
            "?,,D,L,C,X,D",
            "`correct` is D: is that option D, or the option that says D? "
            "Write option_d or option_a.",
        ),
        (
            "?,,3,1,2,5,3",
            "`correct` is 3: is that option C, or the option that says 3? "
            "Write option_c or option_a.",
        ),
        (
            '?,multiple,B,C,A,D,"A,C"',
            "`correct` is A,C: is that options A and C, or the option that says A,C? "
            "Write option_a,option_c or option_c,option_b.",
        ),
        (
            "?,,DC,AB,AC,none,AC",
            "`correct` is AC: is that options A and C, or the option that says AC? "
            "Write option_a,option_c or option_c.",
        ),
        (
            "?,,Mars,Venus,Earth,A and B,A and B",
            "`correct` is A and B: is that options A and B, or the option that says A and B? "
            "Write option_a,option_b or option_d.",
        ),
        (
            "?,,Paris,paris,Rome,,PARIS",
            "`correct` is PARIS: is that option A, or option B? Write option_a or option_b.",
        ),
    ],
)
def test_a_key_that_names_two_options_is_asked_for(row: str, message: str) -> None:
    assert refusals(row) == [message]


def test_letters_elsewhere_in_the_column_do_not_settle_what_a_text_may_mean() -> None:
    reading = read("Which is third?,,Mars,Earth,,,B", "Which stands before dog?,,an,a,the,,a")
    assert [draft.correct for draft in reading.drafts] == [1]
    assert "is that option A, or the option that says a?" in reading.problems[0].message


def test_texts_settle_it_only_where_every_key_of_the_column_is_one() -> None:
    rows = ("?,,an,a,the,,a", "?,,Mars,Earth,,,Earth")
    assert keys(*rows) == [1, 1]
    assert len(read(*rows, "?,,Mars,Earth,,,B").problems) == 1


@pytest.mark.parametrize("key", ["option_b", "Option B", "optionB", "option 2", "Answer 2"])
def test_a_key_may_be_the_name_of_a_column(key: str) -> None:
    assert keys(f"?,,an,a,the,,{key}") == [1]


@pytest.mark.parametrize(
    ("options", "key", "place"),
    [
        ("a,à,b,", "à", 1),
        ("resume,résumé,,", "résumé", 1),
        ("Polish,polish,,", "polish", 1),
        ("año,ano,,", "ANO", 1),
        ("cote,côte,côté,", "Côte", 1),
    ],
)
def test_the_option_that_differs_least_is_the_right_one(options: str, key: str, place: int) -> None:
    """Without accents two options are the same, and the exact one was asked for."""
    assert keys(f"?,single,{options},{key}") == [place]


def test_a_column_with_a_zero_counts_from_zero() -> None:
    """2 was the second option in a file whose first one is 0."""
    rows = ("?,,Mars,Earth,Venus,,0", "?,,Mars,Earth,Venus,,2", '?,multiple,x,y,z,,"0,1"')
    assert keys(*rows) == [0, 2, (0, 1)]


def test_digits_are_refused_where_a_column_counts_from_zero_and_from_one() -> None:
    reading = read("?,,Mars,Earth,,,0", "?,,Mars,Earth,,,2", "?,,Mars,Earth,,,B")
    assert [draft.correct for draft in reading.drafts] == [1]
    assert [problem.message for problem in reading.problems] == [
        f"`correct` is {key}: do the numbers of this column count from 0 or from 1? Write "
        "letters, such as B."
        for key in "02"
    ]


@pytest.mark.parametrize("mark", [";", "/", " ", " and "])
def test_a_zero_among_several_numbers_counts_too(mark: str) -> None:
    rows = (f"?,multiple,x,y,z,,0{mark}2", f"?,multiple,x,y,z,,1{mark}2")
    assert keys(*rows) == [(0, 2), (1, 2)]


def test_a_zero_on_another_sheet_counts_too() -> None:
    book = openpyxl.Workbook()
    for key in (0, 1):
        sheet = book.create_sheet()
        sheet.append(["question", "option_a", "option_b", "correct"])
        sheet.append(["?", "x", "y", key])
    file = io.BytesIO()
    book.save(file)
    assert [d.correct for d in whole(XLSX.read(file.getvalue())).drafts] == [0, 1]


def test_a_zero_that_is_an_option_does_not_show_what_numbers_count_from() -> None:
    rows = ("How many moons has Venus?,,0,1,2,3,0", "Which is third?,,Mars,Venus,Earth,,2")
    assert len(refusals(*rows)) == 2


def test_a_zero_that_is_an_option_and_a_number_past_the_end_show_it() -> None:
    rows = ("How many moons has Venus?,,0,1,2,3,0", "Which is third?,,Mars,Venus,Earth,,3")
    assert keys(*rows) == [0, 2]


def test_numbers_without_a_zero_count_from_one() -> None:
    assert keys("?,,Mars,Earth,,,1", "?,,Mars,Earth,,,2") == [0, 1]


def test_a_digit_that_no_option_says_is_no_number_where_other_keys_are_texts() -> None:
    """The right answer was missing among 1, 2 and 4, and the third option was taken for it."""
    reading = read("1 + 2?,,1,2,4,,3", "10 + 2?,,10,11,13,,12")
    assert not reading.entries
    assert reading.problems[0].message == (
        "`correct` is 3: other keys of this column are texts, and no option says this one. "
        "Correct it, or write option_c."
    )


def test_a_number_that_its_option_says_too_is_no_question() -> None:
    assert keys("2 - 1?,,1,2,3,,1", "Which is third?,,Mars,Earth,,,Earth", "?,,x,y,,,B") == [
        0,
        1,
        1,
    ]


@pytest.mark.parametrize("key", ["B", "b", "2", '"A,B"', "option_b"])
def test_a_key_that_names_an_option_where_there_is_none_is_asked_about(key: str) -> None:
    """`B` became the text to be typed."""
    (message,) = refusals(f"Which picture shows it?,,,,,,{key}")
    assert "but there are no options: fill them in, or say in `type`" in message


@pytest.mark.parametrize("kind", ["Multiple Choice", "MCQ", "quiz"])
def test_a_choice_without_options_is_no_text_to_be_typed(kind: str) -> None:
    assert refusals(f"?,{kind},,,,,Paris")


@pytest.mark.parametrize("key", ["(B)", "b)", "B."])
def test_a_letter_may_have_a_bracket_or_a_full_stop(key: str) -> None:
    assert keys(f"?,,Mars,Earth,Venus,,{key}") == [1]


@pytest.mark.parametrize(
    "name", ["correctIndex", "correct_answer_index", "answerIndex", "Correct (0-2)"]
)
def test_an_index_is_read_only_where_the_column_shows_what_it_counts_from(name: str) -> None:
    header = f'question,optionA,optionB,optionC,"{name}"'
    assert len(refusals("?,x,y,z,1", "?,x,y,z,2", header=header)) == 2
    assert keys("?,x,y,z,0", "?,x,y,z,2", header=header) == [0, 2]
    assert keys("?,x,y,z,1", "?,x,y,z,3", header=header) == [0, 2]


@pytest.mark.parametrize(
    ("options", "key", "place"),
    [
        ("False,True,,", "true", 1),
        ("False,True,,", "False", 0),
        ("Nope,True,,", "false", 0),
        ("Richtig,Falsch,,", "Falsch", 1),
        ("Richtig,Falsch,,", "true", 0),
        ("True,False,,", "2", 1),
        ("True,False,,", "1", 0),
        ("False,True,,", "B", 1),
    ],
)
def test_true_is_the_option_that_says_so(options: str, key: str, place: int) -> None:
    """The first one was taken for true, whatever it said."""
    assert keys(f"?,true_false,{options},{key}") == [place]


@pytest.mark.parametrize(
    "rows",
    [
        ("?,true_false,True,False,,,0", "?,true_false,True,False,,,1"),
        ("?,true_false,False,True,,,1",),
        ("?,,Mars,Earth,,,0", "?,true_false,,,,,1"),
    ],
)
def test_a_digit_that_may_stand_for_true_or_for_an_option_is_asked_for(
    rows: tuple[str, ...],
) -> None:
    reading = read(*rows)
    assert not [d for d in reading.drafts if d.type is QuestionType.TRUE_FALSE]
    assert reading.problems


def test_what_is_written_is_not_asked_for_when_it_is_read() -> None:
    """A letter that is also a text was written, and nobody could tell which of the two it is."""
    bank = [
        Draft(text="?", options=("b", "a"), correct=0),
        Draft(text="?", options=("b", "a", "c"), correct=(0, 2), type=QuestionType.MULTIPLE),
        Draft(text="?", options=("False", "True"), correct=1, type=QuestionType.TRUE_FALSE),
        Draft(text="?", options=("False", "True"), correct=0, type=QuestionType.TRUE_FALSE),
        Draft(text="?", options=("B", "A"), correct=0, type=QuestionType.TRUE_FALSE),
    ]
    assert CSV.write is not None
    assert whole(CSV.read(CSV.write(bank).content)).drafts == bank


def test_two_options_that_are_the_same_are_named() -> None:
    assert refusals("?,,Mars,Earth,Mars,,B") == [
        "Two options are the same, A and C: `Mars`. Change one, or delete it."
    ]
