"""Aiken: its documentation's examples, mistakes with their places, and the way back."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.bank.aiken import AIKEN, read, write
from livequiz.bank.reading import Entry, Item, Kind, Problem
from livequiz.domain.errors import QuizError
from livequiz.domain.model import Draft, QuestionType
from tests.bank.cases import assert_reads_as_expected, cases, whole
from tests.bank.drafts import drafts, lines
from tests.bank.linear import assert_linear


@cases("aiken")
def test_a_file_is_read_as_expected(path: Path) -> None:
    assert_reads_as_expected(AIKEN, path)


# A text that begins like one of Aiken's other lines can't be told from it.
plain = lines.filter(lambda text: not text.startswith(("ANSWER:",)) and text[1:2] not in {")", "."})


@given(
    st.lists(
        drafts(
            [QuestionType.SINGLE],
            question=plain,
            points=1,
            time_limit=None,
            topics=[],
            difficulty=None,
            explanation=None,
            source=None,
        ),
        max_size=3,
    )
)
def test_what_is_written_is_read_back_unchanged(bank: list[Draft]) -> None:
    writing = write(bank)
    assert not writing.problems
    assert whole(read(writing.content)).drafts == bank


@given(drafts())
def test_what_aiken_has_no_place_for_is_told(draft: Draft) -> None:
    writing = write([draft])
    reading = whole(read(writing.content))
    if any(problem.kind is Kind.UNSUPPORTED for problem in writing.problems):
        assert writing.left_out == 1
        assert not reading.drafts
    elif not writing.problems:
        assert reading.drafts in ([draft], [])


@given(st.binary(max_size=100) | st.text("AB).: \nNSWER", max_size=120).map(str.encode))
def test_whatever_a_file_holds_only_the_coded_error_comes_out(content: bytes) -> None:
    items: list[Item] = []
    with contextlib.suppress(QuizError):
        items.extend(read(content))
    assert all(isinstance(item, Entry | Problem) for item in items)


@pytest.mark.parametrize("piece", ["A) a\n", "x\n", "ANSWER: A\n", "\n", "A"])
def test_the_time_grows_with_the_length_alone(piece: str) -> None:
    assert_linear(lambda size: list(read(("x\n" + piece * size).encode())))
