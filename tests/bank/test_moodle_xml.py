"""Moodle XML: its types, mistakes with their places, hostile files, and the way back."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.bank.moodle import MOODLE
from livequiz.bank.moodle.reader import read
from livequiz.bank.moodle.writer import FRACTIONS, write
from livequiz.bank.reading import Item
from livequiz.bank.xml_tree import Element, parse
from livequiz.domain.errors import QuizError
from livequiz.domain.model import Draft, QuestionType, Scoring
from tests.bank.cases import assert_reads_as_expected, assert_usable, cases, whole
from tests.bank.drafts import drafts
from tests.bank.linear import assert_linear

# What Moodle has a place for.
held: dict[str, Any] = {"time_limit": None, "source": None, "scoring": "partial"}
PIECES = [b"", b"<", b"&", b"\x00", b"]]>", b"</question>", b'"', b"1e999", b"\xff", b"<![",
          b"&#" + b"9" * 5000 + b";", b"<text>", b"\xef\xbf\xbf", b"9" * 5000]  # fmt: skip
FOLDER = Path(__file__).parent / "moodle"
GOOD = [FOLDER / name for name in ("documentation.xml", "texts.xml", "answers.xml", "settings.xml")]
worth = st.sampled_from([float(f"{fraction:.5f}") for fraction in FRACTIONS])


@st.composite
def weighted(draw: st.DrawFn) -> Draft:
    """Return questions whose answers have weights that Moodle knows, words with their settings."""
    kinds = [kind for kind in QuestionType if kind is not QuestionType.TRUE_FALSE]
    draft = draw(drafts(kinds, **held))
    key = draft.correct
    if isinstance(key, int):
        weights = [draw(worth.filter(lambda weight: weight < 100)) for _ in draft.options]
        weights[key] = 100.0
        return replace(draft, weights=tuple(weights) if weights.count(0) < len(weights) - 1 else ())
    if draft.type is QuestionType.MULTIPLE:
        wrong = draw(st.sampled_from([0.0, -5.0, -33.33333]))
        weights = [100.0 if place in key else wrong for place in range(len(draft.options))]
        alone = len(key) == 1 and wrong == -100
        return draft if alone else replace(draft, weights=tuple(weights), scoring=Scoring.ALL)
    shares = [100.0, *(draw(worth.filter(lambda weight: weight > 0)) for _ in key[1:])]
    draft = replace(draft, weights=tuple(shares) if min(shares) < 100 else ())
    if draft.type is QuestionType.NUMERIC:
        return draft
    texts = cast("tuple[str, ...]", draft.correct)
    if draw(st.booleans()) and not any("\\" in text for text in texts):
        draft = replace(draft, wildcards=True, correct=tuple(f"{text} *" for text in texts))
    return replace(draft, case_sensitive=draw(st.booleans()))


@cases("moodle")
def test_a_file_is_read_as_expected(path: Path) -> None:
    assert_reads_as_expected(MOODLE, path)


@given(st.lists(drafts(**held) | weighted(), max_size=3))
def test_what_is_written_is_read_back_unchanged(bank: list[Draft]) -> None:
    writing = write(bank)
    assert not writing.problems
    reading = whole(read(writing.content))
    assert not reading.problems
    assert reading.drafts == bank


def _written(*bank: Draft) -> Element:
    return parse(write(bank).content)


def test_questions_without_topics_do_not_stay_in_the_category_before() -> None:
    plain = Draft(text="?", options=("a", "b"), correct=0)
    topical = replace(plain, topics=("Art", "A/C"))
    root = _written(plain, topical, topical, plain)
    kinds = [question.attributes["type"] for question in root]
    assert kinds == ["multichoice", "category", *["multichoice"] * 2, "category", "multichoice"]
    paths = [found.text for found in root.walk() if found.name == "category"]
    assert paths == ["top/Art/A//C", "top/Default for LiveQuiz"]


def test_moodle_is_given_fractions_that_it_knows() -> None:
    options = tuple("abcdefghijkl")
    draft = Draft(text="?", options=options, correct=tuple(range(11)), type=QuestionType.MULTIPLE,
                  scoring=Scoring.PARTIAL)  # fmt: skip
    answers = [found for found in _written(draft).walk() if found.name == "answer"]
    assert [found.attributes["fraction"] for found in answers] == ["10"] * 11 + ["-10"]
    told = [problem.message for problem in write([draft]).problems]
    assert told == ["Written without its exact weights: Moodle has none between its own, "
                    "the nearest are taken."]  # fmt: skip
    for fraction in FRACTIONS:
        # Moodle: no further than 0.00001 of all points from one of its own.
        assert abs(float(f"{fraction:.5f}") - fraction) < 0.001


def test_a_character_that_xml_has_not_spoils_no_file() -> None:
    draft = Draft(text="a\uffffb\ufffe", options=("a", "b"), correct=0)
    assert whole(read(write([draft]).content)).drafts == [replace(draft, text="a\ufffdb\ufffd")]


def test_what_moodle_has_no_place_for_is_told() -> None:
    draft = Draft(text="?", options=("a", "b"), correct=0, points=3, time_limit=20, source="Me")
    true = Draft(text="?", options=("Yes", "No"), correct=0, type=QuestionType.TRUE_FALSE,
                 weights=(100.0, -50.0), topics=("Default for Art",))  # fmt: skip
    told = [problem.message for problem in write([draft, true]).problems]
    assert told == [
        "Written without its time limit.",
        "Written without its source.",
        "Written without its own words for true and false.",
        "Written without the names of its topics as they are: Moodle has another use for them.",
        "Written without the weights of its answers.",
    ]


@given(st.data())
def test_whatever_a_file_holds_only_the_coded_error_comes_out(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(GOOD)).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        length = data.draw(st.integers(0, 20))
        content[at : at + length] = data.draw(st.sampled_from(PIECES))
    items: list[Item] = []
    with contextlib.suppress(QuizError):
        items.extend(read(bytes(content)))
    assert_usable(items)


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_refused_with_the_coded_error(content: bytes, is_quiz: bool) -> None:
    with contextlib.suppress(QuizError):
        list(read(b"<quiz>" + content + b"</quiz>" if is_quiz else content))


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


def test_html_that_is_never_closed_takes_linear_time_too() -> None:
    def bank(size: int) -> bytes:
        text = "&lt;!-- &lt;b ![" * size
        return f"<quiz><question type='x'><questiontext><text>{text}</text></questiontext>" \
               f"</question></quiz>".encode()  # fmt: skip

    assert_linear(lambda size: list(read(bank(size))))


def test_ten_thousand_questions_are_read() -> None:
    bank = [
        Draft(text=f"Question {n}?", options=("a", "b", "c"), correct=n % 3, explanation="Why.")
        for n in range(10_000)
    ]
    assert whole(read(write(bank).content)).drafts == bank
