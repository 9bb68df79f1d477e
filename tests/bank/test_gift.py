"""GIFT: the constructions of its documentation, and mistakes with their places."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.bank.gift import GIFT
from livequiz.bank.gift.reader import read
from livequiz.bank.gift.writer import write
from livequiz.bank.reading import Item
from livequiz.domain.errors import QuizError
from livequiz.domain.model import Draft
from tests.bank.cases import assert_reads_as_expected, assert_usable, cases, whole
from tests.bank.drafts import drafts
from tests.bank.linear import assert_linear

# What GIFT has a place for.
held: dict[str, Any] = {"points": 1, "time_limit": None, "source": None, "scoring": "partial"}
DOCUMENTATION = Path(__file__).parent / "gift" / "documentation.gift"


@cases("gift")
def test_a_file_is_read_as_expected(path: Path) -> None:
    assert_reads_as_expected(GIFT, path)


PIECES = [b"", b"{", b"}", b"=", b"~", b"#", b"\\", b"\n\n", b"%", b"\x00", b"\xff",
          b"1e999", b"9" * 5000, b"..", b":", b"[html]<![", b"->", b"\r", b"//",
          "\u202e".encode()]  # fmt: skip


@given(
    st.binary(max_size=100)
    | st.text("={}~#%:\\nT\n /$-><>.0159[]ab*", max_size=120).map(str.encode)
)
def test_whatever_a_file_holds_only_the_coded_error_comes_out(content: bytes) -> None:
    assert_reads_to_its_end(content)


@given(st.data())
def test_a_file_with_mistakes_ends_in_the_coded_error_at_most(data: st.DataObject) -> None:
    content = bytearray(DOCUMENTATION.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        length = data.draw(st.integers(0, 20))
        content[at : at + length] = data.draw(st.sampled_from(PIECES))
    assert_reads_to_its_end(bytes(content))


@given(st.text("0159.,:eE+-* %=~#\n\u2212\u00a0", max_size=60))
def test_whatever_stands_for_a_number_only_the_coded_error_comes_out(number: str) -> None:
    assert_reads_to_its_end(f"a {{#{number}}}".encode())


def assert_reads_to_its_end(content: bytes) -> None:
    items: list[Item] = []
    with contextlib.suppress(QuizError):
        items.extend(read(content))
    assert_usable(items)


@given(st.lists(drafts(**held), min_size=2, max_size=4), st.data())
def test_a_brace_that_is_forgotten_costs_one_question(
    bank: list[Draft], data: st.DataObject
) -> None:
    parts = [write([replace(draft, topics=())]).content.decode().strip() for draft in bank]
    place = data.draw(st.integers(0, len(parts) - 1))
    parts[place] = parts[place].removesuffix("}")
    reading = whole(read("\n\n".join(parts).encode()))
    assert len(reading.drafts) == len(bank) - 1
    assert reading.left_out == 1


@pytest.mark.parametrize(
    ("content", "suffix", "expected"),
    [
        (b"", ".gift", True),
        (b"Is it? {T}", ".txt", True),
        (b"Is it?\r\r{ FALSE }", ".txt", True),
        (b"Which? {\r\n=a\r\n~b}", "", True),
        (b"::Name:: An essay? {}", ".txt", True),
        (b"\xef\xbb\xbf$CATEGORY: a\n", ".txt", True),
        (b"Which? {=a ~b}", ".md", False),
        (b"Just a text.", ".txt", False),
        (b"Text \\{=a\\}", ".txt", False),
        (b"int main() {}\nvoid f() { T x; }", ".txt", False),
        (b'{"a": 1}', ".txt", False),
    ],
)
def test_a_file_is_known_by_its_name_or_its_braces(
    content: bytes, suffix: str, expected: bool
) -> None:
    assert GIFT.recognises(content, suffix) is expected


BRACES = [
    "{", "}", "\\", "=a~", "{=", "::", "####", "#", "{}\n\n", "a {=b ~c}\n\n", "\n", "//x\n", "->",
    "\\####", "\\#", "%", "%1", "=%5%", "{\n\n", "{=a\n\n{", "~[html]<b>", " ", "x\n",
]  # fmt: skip
OTHERS = [("x {#", "9"), ("x {#", "=9..9"), ("x {#", "=*"), ("//", "[tag:"), ("//", "[tag:a]"),
          ("::", "a\\:"), ("[html]", "<b>"), ("$CATEGORY: ", "a/"), ("x {T", "#")]  # fmt: skip


@pytest.mark.parametrize(("start", "piece"), [*(("x {", piece) for piece in BRACES), *OTHERS])
def test_the_time_grows_with_the_length_alone(start: str, piece: str) -> None:
    assert_linear(lambda size: list(read((start + piece * size + "}").encode())))


def test_ten_thousand_questions_are_read() -> None:
    bank = [
        Draft(
            text=f"Question `{n}`?", options=("a", "**b**", "c"), correct=n % 3, explanation="Why."
        )
        for n in range(10_000)
    ]
    assert whole(read(write(bank).content)).drafts == bank
