"""Tables as teachers write them who have read nothing: other names of columns, other keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from livequiz.bank.csv_file import CSV
from livequiz.bank.formats import read_whole
from livequiz.bank.reading import Problem
from livequiz.bank.template import template_csv, without_examples
from livequiz.domain.model import Draft, QuestionType
from tests.bank.cases import whole


def read(text: str) -> Draft:
    reading = whole(CSV.read(text.encode()))
    assert not reading.problems
    (draft,) = reading.drafts
    return draft


def problem(text: str) -> Problem:
    reading = whole(CSV.read(text.encode()))
    assert not reading.entries
    return reading.problems[-1]


@pytest.mark.parametrize(
    "header",
    [
        "Question,A,B,Correct",
        "Question,Choice A,Choice B,Correct",
        "question,option_1,option_2,correct",
        "question,option1,option2,correct",
        "question,optiona,optionb,correct",
        "Question,Answer A,Answer B,Correct Answer",
        "Question,Answer 1,Answer 2,Correct",
        "Question text,Answer option 1,Answer option 2,Answer",
        "Stem,Alternative A,Alternative B,Key",
    ],
)
def test_columns_of_options_have_many_names(header: str) -> None:
    """They were left out, and `A` became the text that is right."""
    draft = read(f"{header}\nCapital of Spain?,Lisbon,Madrid,B")
    assert (draft.type, draft.options, draft.correct) == (
        QuestionType.SINGLE,
        ("Lisbon", "Madrid"),
        1,
    )


def test_other_columns_have_other_names_too() -> None:
    draft = read(
        "Question,Answer,Category,Level,Feedback,Seconds,Question type\n?,7,X,easy,Y,9,number"
    )
    assert (draft.type, draft.topics, draft.explanation) == (QuestionType.NUMERIC, ("X",), "Y")
    assert (draft.difficulty, draft.time_limit) == ("easy", 9)


def test_a_name_of_its_own_goes_first() -> None:
    reading = whole(CSV.read(b"question,answer,correct,option_a,option_b\n?,y,A,a,b"))
    assert (reading.drafts[0].correct, reading.drafts[0].options) == (0, ("a", "b"))
    assert "answer" in reading.problems[0].message


def test_options_in_columns_of_no_meaning_are_not_overlooked() -> None:
    wrong = problem("question,possible 1,possible 2,correct\n?,Madrid,Lisbon,A")
    assert "call them option_a, option_b and so on" in wrong.message
    said = whole(CSV.read(b"question,type,note,from,correct\n?,short_text,x,y,A"))
    assert said.drafts[0].correct == ("A",)


@pytest.mark.parametrize(
    ("key", "correct"),
    [
        ("B", 1),
        ("b", 1),
        ("Madrid", 1),
        (" madrid ", 1),
        ("2", 1),
        ('"A,C"', (0, 2)),
        ('"A, C"', (0, 2)),
        ("A;C", (0, 2)),
        ("A and C", (0, 2)),
        ("A & C", (0, 2)),
        ("A C", (0, 2)),
        ("AC", (0, 2)),
        ("1/3", (0, 2)),
        ('"Lisbon, Rome"', (0, 2)),
    ],
)
def test_a_key_is_a_letter_a_text_or_a_number(key: str, correct: object) -> None:
    draft = read(f"question,option_a,option_b,option_c,correct\n?,Lisbon,Madrid,Rome,{key}")
    assert draft.correct == correct
    several = isinstance(correct, tuple)
    assert draft.type is (QuestionType.MULTIPLE if several else QuestionType.SINGLE)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (
            "?,,4,3,5,6,3",
            "`correct` is 3: is that option C, or the option that says 3? Write option_c or ",
        ),
        ("?,,a,b,c,,D", "`correct` is D, but the last option is C."),
        ("?,,a,b,c,,4", "`correct` is 4: give the letter of an option, such as B, or of several"),
        ("?,,a,b,c,,CA", "`correct` is CA: give the letter of an option, such as B, or of several"),
        ("?,single,a,b,c,,AC", "`correct` is AC: several options need the type multiple."),
        ("?,,a,b,c,," + "x " * 600, "`correct` is x x x x x x x x x x ...: give the letter"),
        ('?,numeric,,,,,"1,000"', "`correct` is 1,000: write 1000, or 1.000."),
        ('?,numeric,,,,,"5 ± 1,000"', "`correct` is 1,000: write 1000, or 1.000."),
    ],
)
def test_a_key_that_could_be_two_is_asked_for(row: str, sentence: str) -> None:
    wrong = problem(f"question,type,option_a,option_b,option_c,option_d,correct\n{row}")
    assert wrong.message.startswith(sentence)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Multiple choice", QuestionType.SINGLE),
        ("MCQ", QuestionType.SINGLE),
        ("Checkboxes", QuestionType.MULTIPLE),
    ],
)
def test_types_have_many_names(written: str, kind: QuestionType) -> None:
    assert read(f"question,type,option_a,option_b,correct\n?,{written},a,b,A").type is kind


@pytest.mark.parametrize(
    ("cell", "topics"),
    [
        ("Maths; Algebra", ("Maths", "Algebra")),
        ('"Maths, Algebra"', ("Maths", "Algebra")),
        ('"Kings, queens;"', ("Kings, queens",)),
        (r"Semi\;colon", ("Semi;colon",)),
    ],
)
def test_topics_have_semicolons_or_commas_between_them(cell: str, topics: tuple[str]) -> None:
    assert read(f"question,correct,topics\n?,true,{cell}").topics == topics


def test_a_topic_with_a_comma_is_read_back() -> None:
    draft = Draft(text="?", options=("a", "b"), correct=0, topics=("Kings, queens",))
    assert CSV.write is not None
    assert whole(CSV.read(CSV.write([draft]).content)).drafts == [draft]


def test_the_templates_examples_do_not_come_along(tmp_path: Path) -> None:
    path = tmp_path / "class.csv"
    path.write_bytes(template_csv())
    assert len(without_examples(read_whole(path)).entries) == 5
    path.write_bytes(template_csv() + b"Mine?,,a,b,,,,,A\r\n")
    reading = without_examples(read_whole(path))
    assert [draft.text for draft in reading.drafts] == ["Mine?"]
    assert len(reading.problems) == 5
    assert reading.left_out == 0


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("question,a,b,answer\n?,x,y,Z", "`answer` is Z, but the last option is B."),
        ("question,a,b,answer\n?,x,y,", "`answer` is empty: say which answer is right."),
        ("question,a,b,Correct Answer\n?,B,A,B", "`Correct Answer` is B: is that option B, or"),
        (
            "question,a,b,kind of,Question type,Key\n?,x,y,,short answer,x",
            "leave `Key` empty, or the options",
        ),
        (
            "question,answer,Question type\n?," + "x" * 201 + ",short answer",
            "Each text in `answer` needs 1 to 200 characters",
        ),
        ("question,answer\n?,1|B", "`answer` is 'B': write a number"),
        ("question,a,b,answer,marks\n?,x,y,A,many", "`marks` is 'many': write a number"),
        ("question,Choice A,Choice B,Choice C,key\n?,x,,y,A", "`Choice B` is empty, but there"),
    ],
)
def test_a_message_calls_a_column_what_the_file_calls_it(table: str, sentence: str) -> None:
    """It said `correct` of a column called `answer`."""
    (*_, found) = whole(CSV.read(table.encode())).problems
    assert sentence in found.message


def test_a_message_quotes_an_option_that_is_called_like_a_column() -> None:
    found = problem("question,a,b,answer\n?,correct,correct,A")
    assert "the same, A and B: `correct`." in found.message


HEAD = "question,a,b,answer\nOne?,x,y,A\n"


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ('"Two?,x,y,B\nThree?,x,y,B\n"Four?",x,y,A\n', "3 to 5"),
        ('"Two?,x,y,B\n"Three?",x,y,A\n', "3 to 4"),
        ('Two?,"x,y,B\nThree?,x,y,B\nFour?,"x, or z",y,A\n', "3 to 5"),
        ('Two?,x,y,"B\nThree?,x,y,B\n\nFour?,x,y,"A"\n', "3 to 6"),
        ('"Two?,x,y,B\r\nThree?,x,y,B\r\nA screen of 5"",x,y,B\r\nIt is "x",x,y,A', "3 to 6"),
    ],
)
def test_rows_that_a_quotation_mark_makes_one_cell_of_are_told(rows: str, lines: str) -> None:
    """They became the text of one question."""
    reading = whole(CSV.read(f"{HEAD}{rows}Last?,x,y,B\n".encode()))
    assert [draft.text for draft in reading.drafts][:1] == ["One?"]
    assert not any("\n" in draft.text for draft in reading.drafts)
    (found,) = reading.problems
    assert f"lines {lines}, which look like rows" in found.message


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_rows_in_one_cell_are_told_whatever_the_delimiter(delimiter: str) -> None:
    table = f'{HEAD}"Two?,x,y,B\nThree?,x,y,B\n"Four?",x,y,A\n'.replace(",", delimiter)
    (found,) = whole(CSV.read(table.encode())).problems
    assert "lines 3 to 5, which look like rows" in found.message


@pytest.mark.parametrize(
    "text",
    [
        "What is printed?\n```\nfor a, b, c in d:\n    print(a, b)\n```",
        "Roses are red, dear,\nviolets are blue,\nwho wrote it, and when, and why?",
        "def f(a, b, c, d):\n    return a\n\nf(1, 2, 3, 4)",
    ],
)
def test_a_poem_or_a_program_in_a_cell_stays_there(text: str) -> None:
    for row in (f'"{text}",x,y,B', f'?,"{text}",y,B'):
        reading = whole(CSV.read(f"{HEAD}{row}\n".encode()))
        assert not reading.problems
        assert len(reading.drafts) == 2
