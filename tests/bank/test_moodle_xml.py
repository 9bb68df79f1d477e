"""Moodle XML: its types, mistakes with their places, hostile files, and the way back."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.bank.moodle_xml import MOODLE, read, write
from livequiz.bank.reading import Entry, Item, Problem
from livequiz.domain.errors import QuizError
from livequiz.domain.model import Draft
from tests.bank.cases import assert_reads_as_expected, cases, whole
from tests.bank.drafts import drafts
from tests.bank.linear import assert_linear

# What Moodle has a place for.
held: dict[str, Any] = {"time_limit": None, "source": None, "scoring": "partial"}
PIECES = [b"", b"<", b"&", b"\x00", b"]]>", b"</question>", b'"', b"1e999", b"\xff"]
DOCUMENTATION = Path(__file__).parent / "moodle" / "documentation.xml"


@cases("moodle")
def test_a_file_is_read_as_expected(path: Path) -> None:
    assert_reads_as_expected(MOODLE, path)


@given(st.lists(drafts(**held), max_size=3))
def test_what_is_written_is_read_back_unchanged(bank: list[Draft]) -> None:
    writing = write(bank)
    assert not writing.problems
    reading = whole(read(writing.content))
    assert not reading.problems
    assert reading.drafts == bank


def test_what_moodle_has_no_place_for_is_told() -> None:
    draft = Draft(text="?", options=("a", "b"), correct=0, points=3, time_limit=20, source="Me")
    told = [problem.message for problem in write([draft]).problems]
    assert told == ["Written without its time limit.", "Written without its source."]


@given(st.data())
def test_whatever_a_file_holds_only_the_coded_error_comes_out(data: st.DataObject) -> None:
    content = bytearray(DOCUMENTATION.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        length = data.draw(st.integers(0, 20))
        content[at : at + length] = data.draw(st.sampled_from(PIECES))
    items: list[Item] = []
    with contextlib.suppress(QuizError):
        items.extend(read(bytes(content)))
    assert all(isinstance(item, Entry | Problem) for item in items)


@pytest.mark.parametrize(
    "piece",
    [
        "<question/>",
        "<question type='multichoice'><answer fraction='100'><text>a</text></answer></question>",
        "&lt;b&gt;",
        "<!-- -->",
        "\n",
    ],
)
def test_the_time_grows_with_the_length_alone(piece: str) -> None:
    assert_linear(lambda size: list(read(f"<quiz>{piece * size}</quiz>".encode())))


def test_ten_thousand_questions_are_read() -> None:
    bank = [
        Draft(text=f"Question {n}?", options=("a", "b", "c"), correct=n % 3, explanation="Why.")
        for n in range(10_000)
    ]
    assert whole(read(write(bank).content)).drafts == bank
