"""CSV, workbooks and Kahoot's template: cells with their places, hostile files, the way back."""

from __future__ import annotations

import contextlib
import csv
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livequiz.bank import formats
from livequiz.bank.csv_file import CSV
from livequiz.bank.format_type import Format
from livequiz.bank.kahoot import KAHOOT, LIMITS
from livequiz.bank.reading import Item, Kind
from livequiz.bank.template import EXAMPLES, template
from livequiz.bank.xlsx_file import XLSX
from livequiz.domain.errors import QuizError
from livequiz.domain.model import Draft, QuestionType
from tests.bank.cases import assert_reads_as_expected, assert_usable, cases, whole
from tests.bank.drafts import drafts, lines
from tests.bank.linear import assert_linear

both = pytest.mark.parametrize("known", [CSV, XLSX], ids=lambda known: known.name)


@cases("csv")
def test_a_csv_is_read_as_expected(path: Path) -> None:
    assert_reads_as_expected(CSV, path)


@cases("xlsx")
def test_a_workbook_is_read_as_expected(path: Path) -> None:
    assert_reads_as_expected(XLSX, path)


@cases("kahoot")
def test_kahoots_template_is_read_as_expected(path: Path) -> None:
    assert_reads_as_expected(KAHOOT, path)
    assert formats.detect(path.read_bytes(), path.suffix) is KAHOOT


@both
@settings(deadline=None)
@given(st.lists(drafts(), max_size=3))
def test_what_is_written_is_read_back_unchanged(known: Format, bank: list[Draft]) -> None:
    assert known.write is not None
    writing = known.write(bank)
    assert not writing.problems
    reading = whole(known.read(writing.content))
    assert not reading.problems
    assert reading.drafts == bank


@both
@settings(deadline=None)
@given(drafts([QuestionType.SHORT_TEXT]), st.booleans(), st.booleans())
def test_how_words_are_compared_is_kept(
    known: Format, draft: Draft, case: bool, stars: bool
) -> None:
    assert known.write is not None
    odd = replace(draft, case_sensitive=case, wildcards=stars)
    assert whole(known.read(known.write([odd]).content)).drafts == [odd]


FORMULA = Draft(text='=HYPERLINK("http://x")', options=("+1", "-1", "@x", "'=y"), correct=0)


def test_no_cell_of_a_csv_is_computed_by_a_spreadsheet() -> None:
    assert CSV.write is not None
    content = CSV.write([FORMULA]).content
    (_, row) = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert whole(CSV.read(content)).drafts == [FORMULA]


def test_no_cell_of_a_workbook_is_a_formula() -> None:
    for known in (XLSX, KAHOOT):
        assert known.write is not None
        book = openpyxl.load_workbook(io.BytesIO(known.write([FORMULA]).content))
        cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f"]
        assert any(cell.value == FORMULA.text for cell in cells)


held = drafts(
    [QuestionType.SINGLE], question=lines, points=1, time_limit=st.sampled_from([*LIMITS]),
    topics=[], difficulty=None, explanation=None, source=None,
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(held.filter(lambda draft: len(draft.options) <= 4), max_size=3))
def test_what_kahoot_has_room_for_is_read_back(bank: list[Draft]) -> None:
    assert KAHOOT.write is not None
    writing = KAHOOT.write(bank)
    assert not writing.problems
    assert whole(KAHOOT.read(writing.content)).drafts == bank


GOOD = Draft(text="?", options=("a", "b"), correct=0)


@pytest.mark.parametrize(
    ("draft", "kind", "sentence"),
    [
        (replace(GOOD, text="x" * 121), Kind.UNSUPPORTED, "up to 120 characters"),
        (replace(GOOD, options=tuple("abcde")), Kind.UNSUPPORTED, "up to 4 answers"),
        (replace(GOOD, options=("a", "b" * 76)), Kind.UNSUPPORTED, "up to 75 characters"),
        (
            replace(GOOD, type=QuestionType.MULTIPLE, correct=(0, 1)),
            Kind.UNSUPPORTED,
            "no questions of type multiple",
        ),
        (replace(GOOD, time_limit=45), Kind.LOST, "a time limit of 30 s"),
        (replace(GOOD, text="a\nb"), Kind.LOST, "on one line"),
        (replace(GOOD, text="a\n```\nb\n```"), Kind.UNSUPPORTED, "lines of a program"),
        (replace(GOOD, type=QuestionType.TRUE_FALSE), Kind.LOST, "a choice of two"),
        (replace(GOOD, explanation="Why."), Kind.LOST, "without its explanation"),
    ],
)
def test_what_kahoot_has_no_room_for_is_told(draft: Draft, kind: Kind, sentence: str) -> None:
    assert KAHOOT.write is not None
    writing = KAHOOT.write([draft])
    assert [(p.kind, sentence in p.message) for p in writing.problems] == [(kind, True)]
    assert len(whole(KAHOOT.read(writing.content)).drafts) == (kind is Kind.LOST)


@pytest.mark.parametrize("name", ["class.csv", "class.xlsx"])
def test_the_template_can_be_imported_as_it_is(name: str) -> None:
    content = template(Path(name))
    known = formats.detect(content, Path(name).suffix)
    reading = whole(known.read(content))
    assert not reading.problems
    assert len(reading.drafts) == len(EXAMPLES)
    assert {draft.type for draft in reading.drafts} == set(QuestionType)


def test_the_template_offers_what_may_be_chosen() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(Path("class.xlsx"))))
    assert book.sheetnames == ["Questions", "How to fill this in"]
    offered = [choice.formula1 for choice in book["Questions"].data_validations.dataValidation]
    assert '"single,true_false,multiple,numeric,short_text"' in offered
    assert book["Questions"].freeze_panes == "B2"


def test_a_template_is_called_for_what_it_is() -> None:
    with pytest.raises(QuizError, match=r"Call it class\.xlsx or class\.csv\."):
        template(Path("class.odt"))


def workbook_with(name: str, size: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", "<workbook/>")
        parts.writestr(name, b"\0" * size)
    return file.getvalue()


def test_a_workbook_that_would_grow_huge_is_not_unpacked() -> None:
    bomb = workbook_with("xl/worksheets/sheet1.xml", 300 * 1024 * 1024)
    assert len(bomb) < 1_000_000
    with pytest.raises(QuizError, match="too large when unpacked: split it"):
        list(XLSX.read(bomb))


@pytest.mark.parametrize("part", ["xl/styles.xml", "xl/worksheets/sheet1.xml"])
def test_entities_in_a_workbook_are_not_expanded(part: str) -> None:
    source = io.BytesIO((Path(__file__).parent / "xlsx" / "second-sheet.xlsx").read_bytes())
    bomb = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(bomb, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == part:
                end = text.find(b"?>") + 2 if text.startswith(b"<?") else 0
                text = text[:end] + b'<!DOCTYPE x [<!ENTITY a "b">]>' + text[end:]
            new.writestr(name, text)
    with pytest.raises(QuizError, match="This workbook can't be read"):
        list(XLSX.read(bomb.getvalue()))


def rows_of_csv(size: int) -> bytes:
    return b"question,correct,option_a,option_b\n" + b"Why?,A,x,y\n" * size


@pytest.mark.parametrize(
    "make",
    [rows_of_csv, lambda size: b"," * size * 20, lambda size: b'"' * size * 20],
    ids=["rows", "commas", "quotes"],
)
def test_the_time_grows_with_the_length_alone(make: Callable[[int], bytes]) -> None:
    def work(size: int) -> None:
        with contextlib.suppress(QuizError):
            list(CSV.read(make(size)))

    assert_linear(work)


@pytest.mark.parametrize("known", [CSV, XLSX, KAHOOT], ids=lambda known: known.name)
@settings(deadline=None, max_examples=200)
@given(st.data())
def test_whatever_a_file_holds_only_the_coded_error_comes_out(
    known: Format, data: st.DataObject
) -> None:
    folder = Path(__file__).parent / known.name
    path = data.draw(st.sampled_from(sorted(p for p in folder.iterdir() if p.suffix != ".yaml")))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=5))
    items: list[Item] = []
    with contextlib.suppress(QuizError):
        items.extend(known.read(bytes(content)))
    assert_usable(items)


@both
def test_ten_thousand_questions_are_read(known: Format) -> None:
    bank = [
        Draft(text=f"Question {n}?", options=("a", "b", "c"), correct=n % 3, explanation="Why.")
        for n in range(10_000)
    ]
    assert known.write is not None
    assert whole(known.read(known.write(bank).content)).drafts == bank
