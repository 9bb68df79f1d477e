"""GIFT: the constructions of its documentation, mistakes with their places, and the way back."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.bank.gift import GIFT
from livequiz.bank.gift.reader import read
from livequiz.bank.gift.writer import write
from livequiz.bank.reading import Entry, Item, Kind, Problem
from livequiz.domain.errors import QuizError
from livequiz.domain.model import Draft
from tests.bank.cases import assert_reads_as_expected, cases, whole
from tests.bank.drafts import drafts
from tests.bank.linear import assert_linear

# What GIFT has a place for.
held: dict[str, Any] = {"points": 1, "time_limit": None, "source": None, "scoring": "partial"}


@cases("gift")
def test_a_file_is_read_as_expected(path: Path) -> None:
    assert_reads_as_expected(GIFT, path)


@given(st.lists(drafts(**held), max_size=3))
def test_what_is_written_is_read_back_unchanged(bank: list[Draft]) -> None:
    writing = write(bank)
    assert not writing.problems
    reading = whole(read(writing.content))
    assert not [problem for problem in reading.problems if problem.kind is not Kind.LOST]
    assert [simple(draft) for draft in reading.drafts] == [simple(draft) for draft in bank]


def simple(draft: Draft) -> tuple[object, ...]:
    """Return what GIFT has of a question; of the same topic, difficulty and stars."""
    return (draft.text, draft.options, draft.correct, draft.type, draft.scoring, draft.topics,
            draft.difficulty, draft.explanation, draft.wildcards, draft.weights)  # fmt: skip


def test_what_gift_has_no_place_for_is_told() -> None:
    draft = Draft(text="?", options=("a", "b"), correct=0, points=3, time_limit=20, source="Me")
    told = [(problem.kind, problem.message) for problem in write([draft]).problems]
    assert told == [
        (Kind.LOST, "Written without its 3 points."),
        (Kind.LOST, "Written without its time limit."),
        (Kind.LOST, "Written without its source."),
    ]


@given(
    st.binary(max_size=100) | st.text("={}~#%:\\nT\n /$-><>.0159[]ab", max_size=120).map(str.encode)
)
def test_whatever_a_file_holds_only_the_coded_error_comes_out(content: bytes) -> None:
    items: list[Item] = []
    with contextlib.suppress(QuizError):
        items.extend(read(content))
    assert all(isinstance(item, Entry | Problem) for item in items)


@pytest.mark.parametrize(
    "piece",
    [
        "{",
        "}",
        "\\",
        "=a~",
        "{=",
        "::",
        "####",
        "#",
        "{}\n\n",
        "a {=b ~c}\n\n",
        "\n",
        "//x\n",
        "->",
    ],
)
def test_the_time_grows_with_the_length_alone(piece: str) -> None:
    assert_linear(lambda size: list(read(("x {" + piece * size).encode())))


def test_ten_thousand_questions_are_read() -> None:
    bank = [
        Draft(text=f"Question {n}?", options=("a", "b", "c"), correct=n % 3, explanation="Why.")
        for n in range(10_000)
    ]
    assert whole(read(write(bank).content)).drafts == bank
