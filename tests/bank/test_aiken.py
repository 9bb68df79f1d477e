"""Aiken: its documentation's examples, mistakes with their places, and the way back."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.bank.aiken import AIKEN, read, write
from livequiz.bank.reading import Item, Kind
from livequiz.domain.errors import QuizError
from livequiz.domain.model import Draft, QuestionType
from tests.bank.cases import assert_reads_as_expected, assert_usable, cases, whole
from tests.bank.drafts import drafts, lines
from tests.bank.linear import assert_linear


@cases("aiken")
def test_a_file_is_read_as_expected(path: Path) -> None:
    assert_reads_as_expected(AIKEN, path)


held: dict[str, Any] = {
    "question": lines, "points": 1, "time_limit": None, "topics": [], "difficulty": None,
    "explanation": None, "source": None,
}  # fmt: skip


@given(st.lists(drafts([QuestionType.SINGLE], **held), max_size=3))
def test_what_is_written_is_read_back_unchanged(bank: list[Draft]) -> None:
    # What can't be told from Aiken's other lines, or from code, is left out, and told.
    writing = write(bank)
    assert all(problem.kind is Kind.UNSUPPORTED for problem in writing.problems)
    kept = [draft for draft in bank if not write([draft]).left_out]
    assert writing.left_out == len(bank) - len(kept)
    assert whole(read(writing.content)).drafts == kept


@given(st.lists(drafts(), max_size=3))
def test_what_is_written_is_read_at_all(bank: list[Draft]) -> None:
    writing = write(bank)
    reading = whole(read(writing.content))
    assert not reading.problems
    assert len(reading.drafts) == len(bank) - writing.left_out


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"text": "A) which?"}, "Left out: Aiken would take its text for an option or an answer; "
                                "begin it with another word."),
        ({"text": "ANSWER: which?"}, "Left out: Aiken would take its text for an option or an "
                                     "answer; begin it with another word."),
        ({"text": "What?\n```\nx\n```"}, "Left out: its code needs lines of its own, which Aiken "
                                        "does not allow; choose another format."),
        ({"options": ("a b", "a\nb")}, "Left out: two options are the same once each is on one "
                                       "line; change one of them."),
        ({"correct": (0,), "type": QuestionType.MULTIPLE},
         "Left out: Aiken has no questions of type multiple; choose another format."),
        ({"text": "One\ntwo?"}, "Written on one line, as Aiken needs it."),
        ({"options": ("One\ntwo", "b")}, "Written on one line, as Aiken needs it."),
        ({"type": QuestionType.TRUE_FALSE}, "Written as a choice of two: Aiken has only choices."),
        ({"points": 2}, "Written without its 2 points."),
        ({"weights": (100.0, 50.0)}, "Written without the weights of its answers."),
        ({"explanation": "So."}, "Written without its explanation."),
    ],
)  # fmt: skip
def test_what_aiken_has_no_place_for_is_told(fields: dict[str, Any], told: str) -> None:
    draft = Draft(**{"text": "Which?", "options": ("a", "b"), "correct": 0, **fields})
    writing = write([draft])
    assert [problem.message for problem in writing.problems] == [told]
    assert writing.left_out == told.startswith("Left out")
    assert bool(writing.content) != told.startswith("Left out")


def test_a_question_is_a_line_its_options_and_a_letter() -> None:
    draft = Draft(text="Which\none?", options=("a", "b"), correct=1)
    assert write([draft]).content == b"Which one?\nA) a\nB) b\nANSWER: B\n\n"


@pytest.mark.parametrize(
    ("content", "suffix", "expected"),
    [
        (b"", ".aiken", True),
        (b"Q\nA) a\nB) b\nANSWER: A", ".txt", True),
        (b"\xef\xbb\xbfQ\rA) a\rB) b\rANSWER: A", ".txt", True),
        (b"Q\r\na) a\r\nb) b\r\n ANSWER: A\r\n", "", True),
        (b"Q\nA) a\nANSWER: A", ".md", False),
        (b"The ANSWER: A", ".txt", False),
        (b"Which? {=a ~b}", ".txt", False),
    ],
)
def test_a_file_is_known_by_its_answers(content: bytes, suffix: str, expected: bool) -> None:
    assert AIKEN.recognises(content, suffix) is expected


@given(
    st.binary(max_size=100) | st.text("ABab).: \n\r\tNSWERx,(\ufb06", max_size=120).map(str.encode)
)
def test_whatever_a_file_holds_only_the_coded_error_comes_out(content: bytes) -> None:
    items: list[Item] = []
    with contextlib.suppress(QuizError):
        items.extend(read(content))
    assert_usable(items)


@pytest.mark.parametrize(
    "piece",
    [
        "A) a\n",
        "x\n",
        "ANSWER: A\n",
        "\n",
        "A",
        "A) a\nx\n",
        "x\n\nA) a\n\n",
        "Answer ",
        " ",
        "A, ",
    ],
)
@pytest.mark.parametrize("start", ["x\n", "x\nA) a\nANSWER: A"])
def test_the_time_grows_with_the_length_alone(start: str, piece: str) -> None:
    assert_linear(lambda size: list(read((start + piece * size).encode())))


def test_ten_thousand_questions_are_read() -> None:
    bank = [
        Draft(text=f"Question {n}?", options=("a", "b", "c"), correct=n % 3) for n in range(10_000)
    ]
    assert whole(read(write(bank).content)).drafts == bank
