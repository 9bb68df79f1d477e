"""Open Trivia DB: its encodings, its errors, and an order of options that gives nothing away."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.bank import formats
from livequiz.bank.opentdb import OPENTDB, read
from livequiz.bank.reading import Item
from livequiz.domain.errors import QuizError
from tests.bank.cases import assert_reads_as_expected, assert_usable, cases, whole
from tests.bank.linear import assert_linear

FOLDER = Path(__file__).parent / "opentdb"
ENCODINGS = ("default", "url3986", "urlLegacy", "base64")


@cases("opentdb")
def test_a_file_is_read_as_expected(path: Path) -> None:
    assert_reads_as_expected(OPENTDB, path)
    assert formats.detect(path.read_bytes(), path.suffix) is OPENTDB


def test_every_encoding_says_the_same() -> None:
    found = [whole(read((FOLDER / f"{name}.json").read_bytes())).drafts for name in ENCODINGS]
    assert len(found[0]) == 2
    assert all(drafts == found[0] for drafts in found)


def question(number: int) -> dict[str, object]:
    return {
        "type": "multiple",
        "difficulty": "easy",
        "category": "General Knowledge",
        "question": f"Question {number}?",
        "correct_answer": "right",
        "incorrect_answers": ["one", "two", "three"],
    }


def answer(size: int) -> bytes:
    rows = [question(number) for number in range(size)]
    return json.dumps({"response_code": 0, "results": rows}).encode()


def test_the_key_stands_in_every_place_and_in_the_same_one_at_every_import() -> None:
    content = answer(400)
    drafts = whole(read(content)).drafts
    assert drafts == whole(read(content)).drafts
    counts = [[draft.correct for draft in drafts].count(place) for place in range(4)]
    assert min(counts) > 60


@given(
    st.binary(max_size=80)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["response_code", "results", *question(1)]), inner, max_size=7
            )
        ),
        max_leaves=20,
    ).map(lambda value: json.dumps(value).encode())
)
def test_whatever_a_file_holds_only_the_coded_error_comes_out(content: bytes) -> None:
    items: list[Item] = []
    with contextlib.suppress(QuizError):
        items.extend(read(content))
    assert_usable(items)


def test_the_time_grows_with_the_length_alone() -> None:
    assert_linear(lambda size: list(read(answer(size))))


@pytest.mark.parametrize(
    "bad",
    [
        '{"results": [{"a": 1}, NaN]}',
        '{"results": [[[[[',
        '{"results": 5}',
        '{"response_code": 0}',
        '{"results": [' + "[" * 3_000 + "]" * 3_000 + "]}",
        '{"results": [' + "9" * 5_000 + "]}",
    ],
    ids=["constant", "cut", "number", "nothing", "deep", "long number"],
)
def test_json_that_is_none_is_refused(bad: str) -> None:
    with pytest.raises(QuizError, match="not a response of Open Trivia DB"):
        list(read(bad.encode()))
