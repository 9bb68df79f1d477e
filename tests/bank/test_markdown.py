"""Markdown with task lists, as quizzes in repositories have it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.bank import formats
from livequiz.bank.markdown_lists import read
from livequiz.bank.reading import Item, Kind, Reading
from livequiz.domain.errors import QuizError
from livequiz.domain.model import Draft, QuestionType
from tests.bank.cases import assert_usable, whole
from tests.bank.linear import assert_linear

QUIZ = """\
---
title: A quiz
---
# Colours

#### Q1. Which is `warm`?

```py
a = 1
```

- [ ] Blue
- [x] Red\\_1
- [ ] **Grey**

[See](https://example.org/a)

Since *fire* is.

## Light

#### Q2. Which are cold?

* [X] Blue
* [ ] Red
* [x] Green
"""


def reading(text: str) -> Reading:
    return whole(read(text.encode()))


def keys(text: str) -> list[tuple[str, str]]:
    """Return the questions of a text and their right options."""
    found = reading(text)
    assert not found.problems
    return [(draft.text, right(draft)) for draft in found.drafts]


def right(draft: Draft) -> str:
    assert isinstance(draft.correct, int)
    return draft.options[draft.correct]


def test_headings_are_questions_and_what_stands_below_a_list_explains() -> None:
    found = reading(QUIZ)
    assert not found.problems
    one, two = found.drafts
    assert one.text == "Which is `warm`?\n\n```py\na = 1\n```"
    assert (one.options, one.correct) == (("Blue", "Red_1", "**Grey**"), 1)
    assert one.explanation == "See (https://example.org/a)\n\nSince *fire* is."
    assert one.topics == ("Colours",)
    assert (two.type, two.correct, two.topics) == (
        QuestionType.MULTIPLE, (0, 2), ("Colours", "Light"),
    )  # fmt: skip
    assert [str(entry.place) for entry in found.entries] == ["6", "22"]


LIST = "- [ ] a\n- [x] b\n"


@pytest.mark.parametrize(
    "text",
    [
        f"1. One?\n{LIST}2. Two?\n{LIST}",
        f"1) One?\n\n{LIST}\n2) Two?\n\n{LIST}",
        "1. One?\n   - [ ] a\n   - [x] b\n2. Two?\n   - [ ] a\n   - [x] b\n",
        f"**One?**\n\n{LIST}\n**Two?**\n\n{LIST}",
        f"**1. One?**\n{LIST}\n**2. Two?**\n{LIST}",
        f"**1.** One?\n{LIST}\n**2.** Two?\n{LIST}",
        f"One?\n\n{LIST}\nTwo?\n\n{LIST}",
        f"One?\n{LIST}\n---\nTwo?\n{LIST}",
        f"# Topic\n\nOne?\n{LIST}\nTwo?\n{LIST}",
        f"# Question 1\n\nOne?\n{LIST}\n# Question 2\n\nTwo?\n{LIST}",
        f"Q1: One?\n{LIST}\nExplanation: so.\n\nTwo?\n{LIST}",
        f"# Q1. One?\n{LIST}\n##Q2. Two?\n{LIST}",
        "One?\n\n-[ ] a\n-[x] b\n\nTwo?\n\n*[ ] a\n*[x] b\n",
        f"One?\r\n{LIST}\r\nTwo?\r\n{LIST}",
        "1. One?\n   1. [ ] a\n   2. [x] b\n2. Two?\n   1. [ ] a\n   2. [x] b\n",
    ],
)
def test_a_question_is_numbered_bold_a_heading_or_plain(text: str) -> None:
    assert keys(text) == [("One?", "b"), ("Two?", "b")]


def test_code_between_the_boxes_belongs_to_the_option_above_it() -> None:
    code = "\n```js\nx({n})\n```\n\n"
    parts = [f"- [{'x' if n == 1 else ' '}] `{n}`\n{code.replace('{n}', str(n))}" for n in range(3)]
    (draft,) = reading("#### Q1. Which?\n\n" + "".join(parts) + "So.\n").drafts
    assert draft.options == tuple(f"`{n}`\n\n```js\nx({n})\n```" for n in range(3))
    assert (draft.correct, draft.explanation) == (1, "So.")


def test_an_option_may_go_on_in_lines_below_its_text() -> None:
    (draft,) = reading("Which?\n- [ ] a\n  b\n- [x] c\n\n  d\n* [ ] e\n").drafts
    assert draft.options == ("a\nb", "c\n\nd", "e")
    assert draft.correct == 1


def test_a_second_list_with_a_right_option_of_its_own_is_no_part_of_the_first() -> None:
    found = reading(f"Which?\n{LIST}\n* [x] c\n* [ ] d\n")
    assert [(draft.options, right(draft)) for draft in found.drafts] == [(("a", "b"), "b")]
    assert found.problems[0].message.startswith("Where does this question begin?")


def test_formulas_and_escapes_stay_what_they_mean() -> None:
    text = (
        "What is $a_{1}\\_b$ and \\(x^*\\) of a\\_b?\n"
        "- [ ] roads\\[2\\]\n- [x] $\\{x\\}$\n- [ ] 2*3*4\n"
    )
    (draft,) = reading(text).drafts
    assert draft.text == "What is $a_{1}\\_b$ and \\(x^*\\) of a_b?"
    assert draft.options == ("roads[2]", "$\\{x\\}$", "2*3*4")


def test_a_picture_is_told_and_one_that_is_an_option_refused() -> None:
    assert reading(f"See ![A cat](a.png)?\n{LIST}").problems[0].message == (
        "Imported without a picture (A cat)."
    )
    (problem,) = reading("Which?\n- [x] ![A cat](a.png)\n- [ ] b").problems
    assert problem.message == "Option A is a picture (A cat): write what it shows as text."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Which?\n- [ ] a\n- [ ] b\n", "No option is right"),
        ("Which?\n- [x] a\n- b\n", "`b` has no box"),
        ("Which?\n- [x] a\n- [v] b\n", "Is `[v] b` right?"),
        (LIST, "Where does this question begin?"),
        ("Which?\n- [x] a\n- [ ] a\n", "Two options are the same"),
        ("Which?\n- [x] a\n- [ ]\n", "Option B has no text"),
        (f"One?\n{LIST}Two?\n{LIST}", "Does `Two?` belong to the option"),
        (f"One?\n{LIST}**Two?**\n{LIST}", "Does `**Two?**` belong to the option"),
        (f"One?\n{LIST}Explanation: so.\n", "Does `Explanation: so.` belong to the option"),
        ("One?\n  - [x] a\n  - [ ] b\n  more\n", "Does `more` belong to the option"),
        (f"# Q1. Which?\n{LIST}\n* [x] c\n* [ ] d\n", "Text stands between the options"),
        (f"# Q1. Which?\n{LIST}\nMore.\n\n- [x] c\n- [ ] d\n", "Text stands between the options"),
    ],
)
def test_what_is_in_doubt_is_refused(text: str, said: str) -> None:
    found = reading(text)
    assert not found.entries
    assert found.problems[0].kind is Kind.WRONG
    assert found.problems[0].message.startswith(said)


def test_where_two_paragraphs_could_be_the_next_question_none_is_taken_for_it() -> None:
    found = reading(f"One?\n{LIST}\nSome.\n\nMore.\n\n{LIST}")
    assert [draft.text for draft in found.drafts] == ["One?"]
    assert [problem.message[:16] for problem in found.problems] == ["Where does this "]


@pytest.mark.parametrize(
    ("text", "suffix"), [(QUIZ, ".md"), ("Words.", ".md"), (QUIZ, ".txt"), (QUIZ, "")]
)
def test_a_file_is_known_by_its_boxes_or_its_name(text: str, suffix: str) -> None:
    assert formats.detect(text.encode(), suffix).name == "markdown"


@given(st.binary(max_size=60) | st.text("1.-*[] x#`\n>?ab()!", max_size=100).map(str.encode))
def test_whatever_a_file_holds_only_the_coded_error_comes_out(content: bytes) -> None:
    items: list[Item] = []
    with contextlib.suppress(QuizError):
        items.extend(read(content))
    assert_usable(items)


@pytest.mark.parametrize(
    "piece", ["- [ ] a\n", "- [x] a\n\n", "# a\n", "x\n", "\n", "  - a\n", "```\n", "1. a\n",
              "x?\n- [x] a\n- [ ] b\n\n", "[x] ", "**", "- [x] a\n\n```\nb\n```\n\n"]
)  # fmt: skip
def test_the_time_grows_with_the_length_alone(piece: str) -> None:
    assert_linear(lambda size: list(read(b"x\n- [x] a\n" + piece.encode() * (size // 4))))
