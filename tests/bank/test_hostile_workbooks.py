"""Workbooks that lie, that grow, and that hold more than questions."""

from __future__ import annotations

import io
import itertools
import struct
import traceback
import tracemalloc
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import livequiz
from livequiz.bank.format_type import Format
from livequiz.bank.kahoot import KAHOOT
from livequiz.bank.reading import Item
from livequiz.bank.template import EXAMPLES, template_xlsx
from livequiz.bank.workbook import MOST_PARTS
from livequiz.bank.xlsx_file import XLSX
from livequiz.domain.errors import QuizError
from tests.bank.cases import assert_usable, whole
from tests.bank.linear import assert_linear

FIRST_SHEET = "xl/worksheets/sheet1.xml"
MIB = 2**20
TEMPLATE = template_xlsx()


def repacked(
    more: Mapping[str, bytes],
    *,
    rows: str | None = None,
    compression: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """Return the template with more parts, and with other rows in its first sheet."""
    source = zipfile.ZipFile(io.BytesIO(TEMPLATE))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as new:
        for name in source.namelist():
            part = source.read(name)
            if name == FIRST_SHEET and rows is not None:
                start, end = part.index(b"<sheetData>"), part.index(b"</sheetData>")
                part = part[:start] + b"<sheetData>" + rows.encode() + part[end:]
            new.writestr(name, part)
        for name, part in more.items():
            new.writestr(name, part)
    return made.getvalue()


def cells(row: int, *texts: str) -> str:
    inside = "".join(
        f'<c r="{column}{row}" t="inlineStr"><is><t>{text}</t></is></c>'
        for column, text in zip("ABCD", texts, strict=False)
    )
    return f'<row r="{row}">{inside}</row>'


HEADER = cells(1, "question", "correct", "option_a", "option_b")


def test_a_part_that_is_larger_than_it_says_is_not_unpacked() -> None:
    content = bytearray(repacked({"xl/large.xml": b"\0" * 64 * MIB}))
    entry = content.rindex(b"PK\x01\x02")
    assert content[entry + 46 :].startswith(b"xl/large.xml")
    struct.pack_into("<I", content, entry + 16, zlib.crc32(b"\0" * 10))
    struct.pack_into("<I", content, entry + 24, 10)
    tracemalloc.start()
    try:
        assert len(whole(XLSX.read(bytes(content))).drafts) == len(EXAMPLES)
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_packed_as_no_spreadsheet_packs_it_is_refused(compression: int) -> None:
    with pytest.raises(QuizError, match=r"This workbook can't be read: save it as \.xlsx"):
        list(XLSX.read(repacked({}, compression=compression)))


def test_a_workbook_of_very_many_parts_is_refused() -> None:
    with pytest.raises(QuizError, match="too large when unpacked: split it"):
        list(XLSX.read(repacked({f"x{number}": b"" for number in range(MOST_PARTS)})))


def test_a_locked_part_is_refused_in_a_sentence() -> None:
    content = bytearray(template_xlsx())
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(QuizError, match="locked: save it without a password"):
        list(XLSX.read(bytes(content)))


def test_pictures_and_links_to_other_files_are_ignored() -> None:
    link = b'<externalLink xmlns="x"><externalBook id="1"/></externalLink>'
    content = repacked(
        {
            "xl/media/image1.svg": b'<!DOCTYPE svg PUBLIC "x" "http://localhost:1/x.dtd"><svg/>',
            "xl/externalLinks/externalLink1.xml": link,
            "xl/vbaProject.bin": b"<!ENTITY",
        }
    )
    assert len(whole(XLSX.read(content)).drafts) == len(EXAMPLES)


def test_entities_are_refused_before_any_parser_sees_them() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    for encoding in ("utf-8", "utf-16"):
        with pytest.raises(QuizError, match="This workbook can't be read"):
            list(XLSX.read(repacked({"xl/that-none-reads.xml": bomb.encode(encoding)})))


@pytest.mark.parametrize("last", [1_048_576, 999_999_999])
def test_a_mark_in_a_sheets_last_row_is_no_million_rows(last: int) -> None:
    rows = HEADER + cells(2, "What?", "A", "x", "y") + f'<row r="{last}"><c r="A{last}"/></row>'
    reading = whole(XLSX.read(repacked({}, rows=rows)))
    assert [draft.text for draft in reading.drafts] == ["What?"]
    assert not reading.problems


def test_a_gap_of_rows_is_skipped_and_counted() -> None:
    rows = HEADER + cells(5_000, "What?", "C", "x", "y")
    (problem,) = whole(XLSX.read(repacked({}, rows=rows))).problems
    assert str(problem.place) == "Questions:B5000"


def test_cells_far_to_the_right_do_not_make_a_row_wide() -> None:
    far = (
        '<row r="2"><c r="A2" t="inlineStr"><is><t>What?</t></is></c><c r="XFD2"><v>1</v></c></row>'
    )
    (problem,) = whole(XLSX.read(repacked({}, rows=HEADER + far))).problems
    assert problem.field == "correct"


def test_the_time_grows_with_the_number_of_rows_alone() -> None:
    def work(size: int) -> None:
        count = size // 10  # a row takes far longer than the other tests' steps
        rows = itertools.chain(
            [HEADER], (cells(number, "What?", "A", "x", "y") for number in range(2, count + 2))
        )
        assert len(whole(XLSX.read(repacked({}, rows="".join(rows)))).drafts) == count

    assert_linear(work)


def test_a_workbook_with_its_end_cut_off_is_refused_at_every_place() -> None:
    content = (Path(__file__).parent / "xlsx" / "second-sheet.xlsx").read_bytes()
    for end in range(0, len(content), 97):
        with pytest.raises(QuizError, match="This workbook can't be read"):
            list(XLSX.read(content[:end]))


KAHOOTS = '<row r="1">' + "".join(
    f'<c t="inlineStr"><is><t>{name}</t></is></c>'
    for name in ("Question", "Answer 1", "Answer 2", "Time limit", "Correct answer(s)")
) + "</row>"  # fmt: skip
values = st.sampled_from(
    [
        *(
            "A",
            "1",
            "1,2",
            "0",
            "-1",
            "1e999",
            "9" * 400,
            "2958466",
            "nan",
            "x",
            "",
            "_x0000_",
            "#REF!",
        ),
        *(
            "=A1",
            "true",
            "2026-01-01T00:00:00Z",
            "PT5M",
            "&#x202e;",
            "&#160;",
            "&amp;",
            "a|b",
            "1.5",
        ),
    ]
)
kinds = st.sampled_from(["n", "s", "b", "e", "d", "str", "inlineStr", "odd", ""])


@st.composite
def odd_cells(draw: st.DrawFn) -> str:
    value = draw(values)
    where = draw(st.sampled_from(["", ' r="B2"', ' r="?"', ' r="A0"', ' r="ZZZZZZ9"', ' r="C3"']))
    inside = draw(
        st.sampled_from(
            [
                f"<v>{value}</v>",
                f"<is><t>{value}</t></is>",
                f"<f>{value}</f><v>{value}</v>",
                f'<f t="shared" si="0" ref="A1:B2">{value}</f>',
                f'<f t="array" ref="{value}">{value}</f>',
                '<f t="dataTable"/>',
                "<v/>",
                "",
            ]
        )
    )
    return f'<c{where} t="{draw(kinds)}" s="{draw(st.integers(0, 9))}">{inside}</c>'


@pytest.mark.parametrize(
    ("known", "header"), [(XLSX, HEADER), (KAHOOT, KAHOOTS)], ids=["xlsx", "kahoot"]
)
@settings(deadline=None, max_examples=300)
@given(st.lists(st.lists(odd_cells(), max_size=6), max_size=3))
@example([['<c t="e"><v>\u202e</v></c>']])
def test_whatever_cells_hold_only_the_coded_error_comes_out(
    known: Format, header: str, rows: list[list[str]]
) -> None:
    odd = "".join(f"<row>{''.join(row)}</row>" for row in rows)
    items: list[Item] = []
    refusal: QuizError | None = None
    try:
        items.extend(known.read(repacked({}, rows=header + odd)))
    except QuizError as error:
        refusal = error
    assert refusal is None or came_from_the_library(refusal)
    assert_usable(items)


def came_from_the_library(error: QuizError) -> bool:
    """Return whether a refusal is no mistake of the reader's own that was taken for damage."""
    frames = traceback.extract_tb(error.__cause__.__traceback__ if error.__cause__ else None)
    folders = {"ours": Path(livequiz.__file__).parent, "its": Path(openpyxl.__file__).parent}
    passed = [
        whose for frame in frames for whose, folder in folders.items()
        if folder in Path(frame.filename).parents
    ]  # fmt: skip
    return not passed or passed[-1] == "its"
