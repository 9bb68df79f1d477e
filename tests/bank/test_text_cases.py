"""Small text files, made after what real ones hold, that were refused or read with a wrong key."""

from __future__ import annotations

from pathlib import Path

import pytest

from livequiz.bank import formats
from livequiz.bank.aiken import read as read_aiken
from livequiz.bank.reading import Reading
from livequiz.domain.model import Draft
from tests.bank.cases import whole

FOLDER = Path(__file__).parent / "cases"


def read(name: str) -> Reading:
    return formats.read_whole(FOLDER / name)


def key(draft: Draft) -> str:
    assert isinstance(draft.correct, int)
    return draft.options[draft.correct]


def aiken(text: str) -> Reading:
    return whole(read_aiken(text.encode()))


def test_aiken_may_leave_out_the_blank_use_small_letters_and_have_questions_of_lines() -> None:
    reading = read("habits.aiken")
    assert not reading.problems
    assert [(draft.text, key(draft)) for draft in reading.drafts] == [
        ("Which number is even?", "8"),
        ("Which number is odd?", "7"),
        ("Question of\ntwo lines?", "8"),
    ]


def test_a_program_in_an_aiken_question_keeps_its_indents() -> None:
    (draft,) = aiken("What is it?\nif x:\n    y()\na)1\nb)2\nANSWER: b\n").drafts
    assert (draft.text, key(draft)) == ("What is it?\nif x:\n    y()", "2")


def test_a_line_that_only_looks_like_an_option_stays_in_the_aiken_question() -> None:
    (draft,) = aiken(
        "Which abbreviation is Latin,\ne.g. for students?\nA.i.e.\nB.USA\nANSWER: A"
    ).drafts
    assert (draft.text, draft.options) == (
        "Which abbreviation is Latin,\ne.g. for students?",
        ("i.e.", "USA"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("In\nA.D. 1066?\nA) x\nB) y\nANSWER: A", "This option is A, but B comes next"),
        ("Which?\na)x\nc)y\nANSWER: A", "This is a second line of an option"),
        ("Quiz 1\n\nWhich?\nA) x\nB) y\nANSWER: A", "An empty line stands in the question"),
        ("Which?\n(a) x\n(b) y\nANSWER: A", "ANSWER is A: give a letter, below options"),
    ],
)
def test_aiken_in_doubt_is_refused(text: str, said: str) -> None:
    (problem,) = aiken(text).problems
    assert problem.message.startswith(said)
