"""text2qti's input: the examples of its documentation in other words, and mistakes."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.bank import formats
from livequiz.bank.reading import Item, Kind, Reading
from livequiz.bank.text2qti import read
from livequiz.domain.errors import QuizError
from livequiz.domain.model import Number, QuestionType
from tests.bank.cases import assert_usable, whole
from tests.bank.linear import assert_linear

QUIZ = """\
Quiz title: Sums
Quiz description: Some of them.
shuffle answers: true

% A comment.
Title: The first
Points: 2.5
1.  What is 2 + 3?
... Count with fingers.
a)  6
b)  1
*c) 5

COMMENT
9.  This is none.
END_COMMENT
2.  Which are prime?
[ ] 4
[*] 5
[]  6
[*] 7

3.  What lives at the pole?
*   Bear
*   A * bear

4.  Root of 2?
=   1.41 +- 0.01

5.  Root of 3?
=   [1.73, 1.74]

6.  About a hundred?
=   1_00 +- 5%

7.  Does it float?
*a) True
b)  False

8.  What does this print?

    ```python
    if 1:
        print("x")
    ```
a)  `x`
    and more
*b) **y**
"""


def reading(text: str) -> Reading:
    return whole(read(text.encode()))


def test_questions_of_every_kind_are_read() -> None:
    found = reading(QUIZ)
    assert not found.problems
    single, ticks, typed, root, between, per_cent, truth, code = found.drafts
    assert (single.text, single.options, single.correct) == ("What is 2 + 3?", ("6", "1", "5"), 2)
    assert (single.points, single.explanation) == (2.5, "Count with fingers.")
    assert (ticks.type, ticks.correct, ticks.points) == (QuestionType.MULTIPLE, (1, 3), 1)
    assert (typed.correct, typed.wildcards) == (("Bear", "A * bear"), False)
    assert root.correct == (Number(1.41, 0.01),)
    assert between.correct == (Number(1.735, 0.005),)
    assert per_cent.correct == (Number(100, 5),)
    assert (truth.type, truth.correct) == (QuestionType.TRUE_FALSE, 0)
    assert code.text == 'What does this print?\n\n```python\nif 1:\n    print("x")\n```'
    assert (code.options, code.correct) == (("`x`\nand more", "**y**"), 1)


def test_feedback_to_right_answers_explains_and_other_feedback_is_told() -> None:
    found = reading("1. Q?\n+ Since it is.\n- No.\n*a) a\n... Well.\nb) b\n")
    (draft,) = found.drafts
    assert draft.explanation == "Well.\nSince it is."
    assert [problem.kind for problem in found.problems] == [Kind.LOST]


def test_a_group_gives_its_questions_points() -> None:
    group = "GROUP\npick: 1\npoints per question: 3\n\n1. Q?\n*a) a\nb) b\nEND_GROUP\n2. R?\n= 1\n"
    assert [draft.points for draft in reading(group).drafts] == [3, 1]


@pytest.mark.parametrize(
    ("text", "said", "kind"),
    [
        ("1. Q?\na) a\nb) b\n", "No option is right", Kind.WRONG),
        ("1. Q?\n*a) a\n*b) b\n", "Several options are right: mark one with `*`", Kind.WRONG),
        ("1. Q?\n[ ] a\n[ ] b\n", "No option is right", Kind.WRONG),
        ("1. Q?\n*a) a\n[ ] b\n", "The question has answers of several kinds", Kind.WRONG),
        ("1. Q?\n= 1\n= 2\n", "The question has answers of several kinds", Kind.WRONG),
        ("1. Q?\n*a)a\nb) b\n", "This line begins with none of text2qti's marks", Kind.WRONG),
        ("1. Q?\n*a) a\nb) b\nmore\n", "This line begins with none of text2qti's", Kind.WRONG),
        ("1. Q?\n= about 3\n", "`about 3` is not a number", Kind.WRONG),
        ("1. Q?\n= 1 +- few\n", "`few` is not a number", Kind.WRONG),
        ("1. Q?\n", "The question has no answers", Kind.WRONG),
        ("Points: many\n1. Q?\n= 1\n", "`many` is not a number of points", Kind.WRONG),
        ("a) a\n", "This belongs to no question", Kind.WRONG),
        ("1. Q?\n____\n", "An essay has no answer key", Kind.UNSUPPORTED),
        ("1. Q?\n^^^^\n", "There are no files to hand in here", Kind.UNSUPPORTED),
        ("```{.python .run}\n1. Q?\n= 1\n```\n", "Programs are not run", Kind.UNSUPPORTED),
        ("Text: See below.\n", "Left out a text between questions", Kind.LOST),
    ],
)
def test_what_can_not_be_used_is_told(text: str, said: str, kind: Kind) -> None:
    found = reading(text)
    (problem,) = found.problems
    assert problem.message.startswith(said)
    assert problem.kind is kind
    assert not found.entries


@pytest.mark.parametrize(
    "text",
    [QUIZ, "1. Q?\n*a) a\nb) b", "1. Q?\n[*] a\n[ ] b", "1. Q?\n= 5 +- 1", "2. Q?\n= [1, 2]"],
)
def test_a_file_is_known_by_its_marks(text: str) -> None:
    assert formats.detect(text.encode(), ".txt").name == "text2qti"


@given(st.binary(max_size=60) | st.text("1.a)*[]= +-!_^`%\nGT: 5", max_size=80).map(str.encode))
def test_whatever_a_file_holds_only_the_coded_error_comes_out(content: bytes) -> None:
    items: list[Item] = []
    with contextlib.suppress(QuizError):
        items.extend(read(content))
    assert_usable(items)


@pytest.mark.parametrize(
    "piece",
    ["1. a\n", "*a) a\n", "[ ] a\n", "= 1\n", "x\n", "\n", "  x\n", "... a\n", "- a b\n", "`"],
)
def test_the_time_grows_with_the_length_alone(piece: str) -> None:
    assert_linear(lambda size: list(read(b"1. a\n*a) a\n" + piece.encode() * size)))
