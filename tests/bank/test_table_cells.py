"""What cells hold: every draft there and back, and what spreadsheets make of what is typed."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.formula import ArrayFormula

from livequiz.bank.csv_file import CSV
from livequiz.bank.format_type import Format
from livequiz.bank.kahoot import KAHOOT
from livequiz.bank.reading import Kind
from livequiz.bank.template import template_xlsx
from livequiz.bank.xlsx_file import XLSX
from livequiz.domain.model import Draft, Number, QuestionType, Scoring
from livequiz.domain.text import is_hostile
from livequiz.domain.typed_answers import plain_text
from livequiz.protocol.codec import decode
from livequiz.protocol.questions import QuestionIn, to_draft
from tests.bank.cases import whole
from tests.bank.drafts import drafts
from tests.bank.linear import assert_linear

both = pytest.mark.parametrize("known", [CSV, XLSX], ids=lambda known: known.name)
HEADER = ("question", "correct", "option_a", "option_b")
Q = QuestionType

# All that a bank takes, with what tables and workbooks give a meaning to more often than not.
characters = st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff").filter(
    lambda character: not is_hostile(character)
)
marks = st.sampled_from(["_x000D_", "_x0041_", "_x005F_", *"\\|;,'=\n\t"])
texts = st.lists(characters | marks, min_size=1, max_size=12).map(lambda p: "".join(p).strip())
texts = texts.filter(bool)
words = texts.filter(lambda text: bool(plain_text(text)))
weights = st.floats(-100, 100).map(lambda weight: weight + 0.0)
numbers = st.floats(-1e300, 1e300).map(lambda value: value + 0.0)


@st.composite
def any_draft(draw: st.DrawFn) -> Draft:
    """Return a question that uses as much of its type as may be."""
    kind = draw(st.sampled_from(QuestionType))
    raw: dict[str, object] = {
        "type": kind.value,
        "question": draw(texts),
        "topics": draw(st.lists(texts.map(lambda text: text[:80].strip()), max_size=4)),
        "explanation": draw(st.none() | texts),
        "source": draw(st.none() | texts),
        "points": draw(st.integers(0, 1_000)),
        "time_limit": draw(st.none() | st.floats(1, 86_400)),
    }
    options: list[Any] = draw(st.lists(texts, min_size=2, max_size=26, unique=True))
    right = 0
    match kind:
        case Q.SINGLE:
            right = draw(st.integers(0, len(options) - 1))
            raw |= {"options": options, "correct": right}
        case Q.TRUE_FALSE:
            raw |= {"options": draw(st.just([]) | st.just(options[:2])), "correct": right == 0}
            options = options[:2]
        case Q.MULTIPLE:
            places = st.integers(0, len(options) - 1)
            raw |= {"options": options, "correct": draw(st.lists(places, min_size=1, max_size=9))}
            raw |= {"scoring": draw(st.sampled_from(Scoring)).value}
        case Q.NUMERIC:
            around = st.floats(0, 1e300)
            some = st.builds(lambda v, t: {"value": v, "tolerance": t}, numbers, around)
            options = draw(st.lists(some, min_size=1, max_size=4))
            raw |= {"correct": options}
        case Q.SHORT_TEXT:
            options = draw(st.lists(words, min_size=1, max_size=4, unique_by=_spaced))
            raw |= {"correct": options, "case_sensitive": draw(st.booleans())}
            raw |= {"wildcards": draw(st.booleans())}
    if draw(st.booleans()):
        shares = draw(st.lists(weights, min_size=len(options), max_size=len(options)))
        raw["weights"] = [*shares[:right], 100.0, *shares[right + 1 :]]
    return to_draft(decode(raw, QuestionIn))


def _spaced(text: str) -> str:
    return " ".join(text.split())


@both
@settings(deadline=None, max_examples=200)
@given(st.lists(any_draft(), max_size=3))
def test_every_draft_is_read_back_unchanged(known: Format, bank: list[Draft]) -> None:
    assert known.write is not None
    writing = known.write(bank)
    assert not writing.problems
    reading = whole(known.read(writing.content))
    assert not reading.problems
    assert reading.drafts == bank


def book(*rows: Sequence[object], sheets: int = 1) -> bytes:
    made = openpyxl.Workbook()
    for number in range(sheets):
        sheet = made.create_sheet(f"Week {number + 1}")
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("=1+1", "This cell is a formula, and none is computed here"),
        (ArrayFormula("C2:C2", "=SUM(A1:A2)"), "This cell is a formula"),
        ("#DIV/0!", "This cell shows #DIV/0!, an error"),
        (datetime.datetime(2026, 2, 1), "This cell is a date, 2026-02-01: if it has to be"),  # noqa: DTZ001
        (datetime.time(10, 30), "This cell is a date, 10:30:00"),
    ],
    ids=["formula", "array", "error", "date", "time"],
)
def test_what_a_spreadsheet_made_of_a_cell_is_told_and_the_rest_is_read(
    value: object, sentence: str
) -> None:
    content = book(HEADER, ["Odd?", "A", value, "y"], ["Good?", "B", "x", "y"])
    reading = whole(XLSX.read(content))
    assert [draft.text for draft in reading.drafts] == ["Good?"]
    (problem,) = reading.problems
    assert (problem.kind, str(problem.place), problem.text) == (Kind.WRONG, "Week 1:C2", "Odd?")
    assert problem.message.startswith(sentence)
    assert problem.field == "option_a"


def test_an_odd_cell_of_kahoots_template_is_told() -> None:
    header = ["Question", "Answer 1", "Answer 2", "Time limit", "Correct answer(s)"]
    content = book(header, ["Odd?", "=1+1", "y", 20, 1], ["Good?", "x", "y", 20, 1])
    reading = whole(KAHOOT.read(content))
    assert [draft.text for draft in reading.drafts] == ["Good?"]
    assert [(str(p.place), p.text) for p in reading.problems] == [("Week 1:B2", "Odd?")]
    assert "a formula" in reading.problems[0].message


def test_a_time_limit_of_kahoots_that_is_none_is_told() -> None:
    header = ["Question", "Answer 1", "Answer 2", "Time limit", "Correct answer(s)"]
    reading = whole(KAHOOT.read(book(header, ["?", "x", "y", "soon", 1])))
    assert [draft.options for draft in reading.drafts] == [("x", "y")]
    (problem,) = reading.problems
    assert (str(problem.place), problem.kind) == ("Week 1:D2", Kind.LOST)
    assert "`Time limit` is 'soon'" in problem.message


def test_a_question_of_kahoots_with_several_right_answers_goes_there_and_back() -> None:
    draft = Draft(
        text="?", options=("a", "b", "c"), correct=0, weights=(100, 0, 100), time_limit=20
    )
    assert KAHOOT.write is not None
    writing = KAHOOT.write([draft])
    assert not writing.problems
    assert whole(KAHOOT.read(writing.content)).drafts == [draft]


def test_kahoot_has_no_part_of_the_points() -> None:
    draft = Draft(text="?", options=("a", "b"), correct=0, weights=(100, 50), time_limit=20)
    assert KAHOOT.write is not None
    writing = KAHOOT.write([draft])
    assert [p.message for p in writing.problems] == ["Written without the weights of its answers."]
    (read,) = whole(KAHOOT.read(writing.content)).drafts
    assert (read.correct, read.weights) == (0, ())


def test_every_sheet_with_the_columns_is_read() -> None:
    reading = whole(XLSX.read(book(HEADER, ["What?", "A", "x", "y"], sheets=3)))
    assert [str(e.place) for e in reading.entries] == ["Week 1:A2", "Week 2:A2", "Week 3:A2"]


def test_what_excel_writes_for_a_carriage_return_is_a_line_end() -> None:
    reading = whole(XLSX.read(book(HEADER, ["One_x000D_\nTwo", "A", "x", "y"])))
    assert [draft.text for draft in reading.drafts] == ["One\nTwo"]


def test_what_xml_can_not_hold_is_told() -> None:
    assert XLSX.write is not None
    writing = XLSX.write([Draft(text="a\uffffb", options=("x", "y"), correct=0)])
    assert [(p.kind, p.text) for p in writing.problems] == [(Kind.LOST, "a\uffffb")]
    assert [draft.text for draft in whole(XLSX.read(writing.content)).drafts] == ["a\ufffdb"]


LONG = Draft(text="Long?", correct=tuple(f"{n:0200}" for n in range(200)), type=Q.SHORT_TEXT)


def test_a_question_that_no_cell_of_a_workbook_has_room_for_is_told_and_left_out() -> None:
    good = Draft(text="Good?", correct=("a",), type=Q.SHORT_TEXT)
    assert XLSX.write is not None
    writing = XLSX.write([LONG, good])
    assert [(p.kind, p.text) for p in writing.problems] == [(Kind.UNSUPPORTED, "Long?")]
    assert whole(XLSX.read(writing.content)).drafts == [good]


def test_a_cell_of_a_csv_has_room_for_all_that_is_accepted_and_for_no_book() -> None:
    assert CSV.write is not None
    assert whole(CSV.read(CSV.write([LONG]).content)).drafts == [LONG]
    (problem,) = whole(CSV.read(f"question,correct\n{'x' * 40_000},1".encode())).problems
    assert problem.message == "This cell has 40000 characters: shorten it to 32767 or less."


def test_what_looks_like_a_formula_stays_text_when_it_is_edited() -> None:
    assert XLSX.write is not None
    content = XLSX.write([Draft(text="=1+1", options=("a", "-b"), correct=0)]).content
    row = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0][2]
    marked = [cell.value for cell in row if cell.quotePrefix]
    assert marked == ["=1+1", "-b"]


def test_what_is_typed_into_the_template_stays_text() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(template_xlsx()))["Questions"]
    columns = [sheet.column_dimensions[column].number_format for column in "ACIS"]
    assert columns == ["@"] * 4


def test_a_row_is_as_high_as_its_texts_and_may_grow() -> None:
    """In LibreOffice the second line of a question stood in the next row."""
    assert XLSX.write is not None
    long = Draft(text="What is this? " * 6, options=("a", "b"), correct=0)
    written = XLSX.write([long, Draft(text="What?", options=("a", "b"), correct=0)]).content
    with zipfile.ZipFile(io.BytesIO(written)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert re.findall("<row [^>]*>", sheet) == ['<row r="1">', '<row r="2" ht="30">', '<row r="3">']


def test_a_semicolon_table_opened_elsewhere_has_no_cell_that_is_computed() -> None:
    full_width = Draft(text="\uff1d1+1", options=("\uff20x", "y"), correct=0)
    assert CSV.write is not None
    content = CSV.write([full_width]).content
    assert "'\uff1d1+1" in content.decode()
    assert whole(CSV.read(content)).drafts == [full_width]


def test_a_draft_of_numbers_is_exact_to_the_last_digit() -> None:
    odd = Draft(text="?", correct=(Number(0.1 + 0.2, 5e-324), Number(1e22)), type=Q.NUMERIC)
    assert CSV.write is not None
    assert whole(CSV.read(CSV.write([odd]).content)).drafts == [odd]


def question_with(cell: str) -> bytes:
    return f'question,correct,topics\nWhy?,"{cell}","{cell}"\n'.encode()


@pytest.mark.parametrize(
    "make",
    [
        lambda size: "9" + " " * size + "x",
        lambda size: "|" * size,
        lambda size: "\\" * size + ";",
        lambda size: "+-" * (size // 2),
        lambda size: "\u00a0\u200b" * (size // 2),
    ],
    ids=["spaces", "bars", "backslashes", "signs", "invisible"],
)
def test_the_time_grows_with_the_length_of_a_cell_alone(make: Callable[[int], str]) -> None:
    assert_linear(lambda size: list(CSV.read(question_with(make(size)))))


@settings(deadline=None)
@given(drafts(), st.text(characters, min_size=1, max_size=20).filter(lambda end: '"' not in end))
def test_a_quotation_mark_that_is_never_closed_leaves_what_was_before_it(
    draft: Draft, end: str
) -> None:
    assert CSV.write is not None
    reading = whole(CSV.read(CSV.write([draft]).content + f'"{end}'.encode()))
    assert reading.drafts == [draft]
    (problem,) = reading.problems
    assert (str(problem.place), problem.kind) == ("A3", Kind.WRONG)
    assert "never closed" in problem.message


@pytest.mark.parametrize(("key", "place"), [("2", 1), ("B", 1), ("b", 1), ("Rome", 1), (2.0, 1)])
def test_a_key_of_kahoots_may_be_a_letter_or_the_text(key: object, place: int) -> None:
    header = ["Question", "Answer 1", "Answer 2", "Time limit", "Correct answer(s)"]
    reading = whole(KAHOOT.read(book(header, ["Capital?", "Paris", "Rome", 20, key])))
    assert [draft.correct for draft in reading.drafts] == [place]


def test_a_key_of_kahoots_that_names_nothing_is_told() -> None:
    header = ["Question", "Answer 1", "Answer 2", "Time limit", "Correct answer(s)"]
    reading = whole(KAHOOT.read(book(header, ["Capital?", "Paris", "Rome", 20, "Berlin"])))
    assert "give the numbers of answers, such as 2 or 1,3" in reading.problems[0].message
