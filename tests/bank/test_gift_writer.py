"""GIFT, written: what comes back from it, and what Moodle makes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.bank.gift.reader import read
from livequiz.bank.gift.writer import write
from livequiz.bank.reading import Kind
from livequiz.domain.model import Difficulty, Draft, Number, QuestionType, Scoring
from tests.bank.cases import whole
from tests.bank.drafts import drafts

# What GIFT has a place for.
held: dict[str, Any] = {"points": 1, "time_limit": None, "source": None, "scoring": "partial"}
# What Moodle's reader takes for something else, and what terminals show as more than text.
TEXTS = [
    "[html]<b>", "[plain]", "%50%x", "%d and %s", "% 5 % 2", "// no comment", "::no name::",
    "p->x", "$CATEGORY: no", "T", "FALSE", "#5", "####", "=a ~b {c}", "\\n", "\\\\=", "a\n\n\nb",
    "a < b && c", "**bold**", "Use `a <b> {c}` here", "```python\nif a:\n    b = {}\n```",
    "2**3", "`", "*", "\\*",
    "&lt;", "1..2", "\\", "a\n//b",
]  # fmt: skip
SHARES = {1: [100.0], 2: [100.0, 33.33333], 3: [25.0, 100.0, 12.5]}


@given(st.lists(drafts(**held), max_size=3))
def test_what_is_written_is_read_back_unchanged(bank: list[Draft]) -> None:
    bank = [draft for draft in bank if not is_taken_for_pairs(draft)]
    writing = write(bank)
    assert not writing.problems
    reading = whole(read(writing.content))
    assert not [problem for problem in reading.problems if problem.kind is not Kind.LOST]
    assert [simple(draft) for draft in reading.drafts] == [simple(draft) for draft in bank]


def is_taken_for_pairs(draft: Draft) -> bool:
    texts = draft.correct if draft.type is QuestionType.SHORT_TEXT else ()
    return isinstance(texts, tuple) and len(texts) > 1 and any("->" in str(t) for t in texts)


def simple(draft: Draft) -> tuple[object, ...]:
    """Return what GIFT has of a question; of the same topic, difficulty and stars."""
    return (draft.text, draft.options, draft.correct, draft.type, draft.scoring, draft.topics,
            draft.difficulty, draft.explanation, draft.wildcards, draft.weights)  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_texts_that_look_like_marks_stay_texts(text: str) -> None:
    bank = [
        Draft(text=text, options=(text, "other"), correct=0, explanation=text),
        Draft(text=text, options=("other", text), correct=0),
        Draft(text=text, options=("b", text, "c"), correct=(0, 1), type=QuestionType.MULTIPLE,
              scoring=Scoring.PARTIAL, explanation=text),
        Draft(text=text, correct=(Number(5.0),), type=QuestionType.NUMERIC, explanation=text),
        Draft(text=text, options=("True", "False"), correct=1, type=QuestionType.TRUE_FALSE,
              explanation=text),
    ]  # fmt: skip
    writing = write(bank)
    assert not writing.problems
    assert [simple(d) for d in whole(read(writing.content)).drafts] == [simple(d) for d in bank]


@pytest.mark.parametrize("text", [text for text in TEXTS if "\n" not in text])
def test_accepted_texts_stay_what_is_typed(text: str) -> None:
    for question in ("What?", "What does `x` give?"):
        draft = Draft(text=question, correct=(text,), type=QuestionType.SHORT_TEXT)
        assert whole(read(write([draft]).content)).drafts == [draft]
        two = replace(draft, correct=(text, "other"), weights=(50.0, 100.0))
        writing = write([two])
        assert whole(read(writing.content)).drafts == ([] if writing.left_out else [two])
        assert writing.left_out == ("->" in text)


@pytest.mark.parametrize(
    "fields",
    [
        {"options": ("a", "b", "c"), "correct": 1, "weights": (50.0, 100.0, -33.33333)},
        {"options": ("a", "b", "c"), "correct": (0, 2), "weights": (60.0, -0.5, 40.0),
         "type": QuestionType.MULTIPLE},
        {"correct": (Number(1.0, 0.1), Number(1.0, 1.0)), "weights": (100.0, 50.0),
         "type": QuestionType.NUMERIC},
        {"correct": ("a*", "\\*b"), "weights": (12.5, 100.0), "wildcards": True,
         "type": QuestionType.SHORT_TEXT},
    ],
)  # fmt: skip
def test_weights_and_stars_come_back(fields: dict[str, Any]) -> None:
    draft = Draft(text="Which?", **fields)
    writing = write([draft])
    assert not writing.problems
    assert whole(read(writing.content)).drafts == [draft]


@given(drafts(**held), st.data())
def test_weights_come_back(draft: Draft, data: st.DataObject) -> None:
    key = draft.correct
    if isinstance(key, int):
        others = st.sampled_from([-100.0, -33.33333, 0.0, 12.5, 50.0])
        weights = [100.0 if n == key else data.draw(others) for n in range(len(draft.options))]
        if draft.type is QuestionType.TRUE_FALSE or sum(map(abs, weights)) == 100:
            return
    elif draft.type is QuestionType.MULTIPLE:
        return
    else:
        weights = SHARES[len(key)]
    weighted = replace(draft, weights=tuple(weights) if any(w != 100 for w in weights) else ())
    reading = whole(read(write([weighted]).content))
    assert [simple(draft) for draft in reading.drafts] == [simple(weighted)]


@pytest.mark.parametrize(
    ("draft", "written"),
    [
        (Draft(text="a=b?", options=("x", "y"), correct=0), "a\\=b? {\n=x\n~y\n}"),
        (Draft(text="a<b?", options=("x", "y"), correct=1), "[plain]a<b? {\n~x\n=y\n}"),
        (Draft(text="**a**?", options=("<x>", "y"), correct=0, explanation="`z`"),
         "[html]<p><strong>a</strong>?</p> "
         "{\n=<p>&lt;x&gt;</p>\n~<p>y</p>\n####<p><code>z</code></p>\n}"),
        (Draft(text="1 < 2", options=("True", "False"), correct=0, type=QuestionType.TRUE_FALSE,
               explanation="Yes: less."), "[plain]1 < 2 {TRUE####Yes\\: less.\n}"),
        (Draft(text="n?", correct=(Number(1.5), Number(2.0, 0.5)), type=QuestionType.NUMERIC,
               weights=(100.0, 33.33333)), "n? {#\n=1.5:0\n=%33.33333%2:0.5\n}"),
        (Draft(text="`t`?", correct=("a<b", "c"), type=QuestionType.SHORT_TEXT),
         "[html]<p><code>t</code>?</p> {\n=a<b\n=c\n}"),
        (Draft(text="t?", correct=("p->x",), type=QuestionType.SHORT_TEXT), "t? {\np->x\n}"),
        (Draft(text="m?", options=("x", "y", "z"), correct=(0, 1), type=QuestionType.MULTIPLE,
               topics=("A/B", "C"), difficulty=Difficulty.HARD, scoring=Scoring.PARTIAL),
         "$CATEGORY: A//B/C\n\n// [tag:hard]\nm? {\n~%50%x\n~%50%y\n~%-50%z\n}"),
    ],
)  # fmt: skip
def test_a_file_is_written_as_moodle_reads_it(draft: Draft, written: str) -> None:
    assert write([draft]).content.decode() == f"{written}\n\n"


@pytest.mark.parametrize(
    "draft",
    [
        Draft(text="Q", options=("A$X", "a", "I$!"), correct=2),
        Draft(text="Q", options=("\\(A", "b\\)"), correct=1),
        Draft(type=QuestionType.SHORT_TEXT, text="Q", options=(), correct=("$5", "5$")),
    ],
)
def test_half_a_formula_in_each_of_two_answers_stays_there(draft: Draft) -> None:
    assert whole(read(write([draft]).content)).drafts == [draft]


def test_several_accepted_texts_with_an_arrow_are_left_out_and_told() -> None:
    draft = Draft(text="How?", correct=("p->x", "(*p).x"), type=QuestionType.SHORT_TEXT)
    other = Draft(text="What?", options=("a", "b"), correct=0)
    writing = write([draft, other])
    assert [(problem.kind, problem.text) for problem in writing.problems] == [
        (Kind.UNSUPPORTED, "How?")
    ]
    assert whole(read(writing.content)).drafts == [other]


def test_what_gift_has_no_place_for_is_told() -> None:
    draft = Draft(text="?", options=("a", "b"), correct=0, points=3, time_limit=20, source="Me")
    told = [(problem.kind, problem.message) for problem in write([draft]).problems]
    assert told == [
        (Kind.LOST, "Written without its 3 points."),
        (Kind.LOST, "Written without its time limit."),
        (Kind.LOST, "Written without its source."),
    ]


def test_a_topic_whose_name_means_something_to_moodle_is_told() -> None:
    draft = Draft(text="?", options=("a", "b"), correct=0, topics=("top",))
    writing = write([draft])
    assert whole(read(writing.content)).drafts == [replace(draft, topics=())]
    (problem,) = writing.problems
    assert problem.message.startswith("Written without the names of its topics as they are")


def test_a_topic_and_a_tag_that_look_like_a_mark_of_a_language_keep_their_braces() -> None:
    draft = Draft(text="Which?", options=("a", "b"), correct=0, topics=("{mlang}",))
    assert whole(read(write([draft]).content)).drafts == [draft]
    tagged = b"// [tag:{mlang en}]\nWhich? {=a ~b}\n"
    assert whole(read(tagged)).drafts[0].topics == ("{mlang en}",)
