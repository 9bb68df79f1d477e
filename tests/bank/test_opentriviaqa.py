"""OpenTriviaQA's text: the right answer is a text, and has to be that of one option."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.bank import formats
from livequiz.bank.opentriviaqa import OPENTRIVIAQA, read
from livequiz.bank.reading import Kind, Reading
from tests.bank.cases import assert_usable, whole
from tests.bank.linear import assert_linear

TWO = b"#Q Who?\r\n^ B\r\nA A\r\nB B\r\nC C\r\n\r\n#Q Is it?\n^ No\nA Yes\nB No\n\n"


def reading(text: str) -> Reading:
    return whole(read(text.encode()))


def test_the_key_is_the_option_that_says_the_right_answer() -> None:
    found = whole(read(TWO))
    assert not found.problems
    assert [(draft.text, draft.options, draft.correct) for draft in found.drafts] == [
        ("Who?", ("A", "B", "C"), 1),
        ("Is it?", ("Yes", "No"), 1),
    ]


def test_a_letter_is_the_text_of_an_option_and_never_its_place() -> None:
    (draft,) = reading("#Q Which letter?\n^ A\nA C\nB A\nC B\n").drafts
    assert draft.options[1] == "A"
    assert draft.correct == 1


def test_a_question_has_lines_and_empty_lines_and_lines_that_begin_with_a_letter() -> None:
    text = "#Q In a shop:\n\nClient: how much?\nA man answers: one.\n\nTrue?\n^ Yes\nA Yes\nB No\n"
    (draft,) = reading(text).drafts
    assert draft.text == "In a shop:\n\nClient: how much?\nA man answers: one.\n\nTrue?"
    assert draft.correct == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("#Q Q?\n^ c\nA a\nB b\n", "The right answer `c` is not one of the options: write it"),
        ("#Q Q?\n^ B\nA a\nB b\n", "The right answer `B` is not one of the options"),
        ("#Q Q?\n^ a\nA a\nB b\nC a\n", "Options A and C both say `a`: which of them is right?"),
        ("#Q Q?\nA a\nB b\n", "The question has 0 lines with `^`: give it one"),
        ("#Q Q?\n^ a\n^ b\nA a\nB b\n", "The question has 2 lines with `^`: give it one"),
        ("#Q Q?\n^ a\nA a\nC b\n", "Is this option C, or does it belong to the one before?"),
        ("#Q Q?\n^ a\nA a\nA b\n", "Is this option A, or does it belong to the one before?"),
        ("x\n#Q Q?\n^ a\nA a\nB b\n", "There is no question before this line"),
        ("#Q Q?\n^ a\nA a\nB b\n\nWho?\nA) x\n", "Does this line belong to option B?"),
        ("#Q Q?\n^ a\n", "The right answer `a` is not one of the options"),
    ],
)
def test_what_is_in_doubt_is_refused(text: str, said: str) -> None:
    (problem,) = reading(text).problems
    assert problem.kind is Kind.WRONG
    assert problem.message.startswith(said)


def test_a_line_that_is_not_in_utf_8_is_read_as_windows_1252_and_told() -> None:
    found = whole(
        read("#Q é?\n^ ü\nA ü\nB u\n".encode("cp1252") + "#Q “é”?\n^ x\nA x\nB y".encode())
    )
    assert [draft.text for draft in found.drafts] == ["é?", "“é”?"]
    (problem,) = found.problems
    assert problem.message == "It is not in UTF-8 and was read as Windows-1252: check its accents."


@pytest.mark.parametrize("suffix", ["", ".txt"])
def test_a_file_is_known_by_its_lines(suffix: str) -> None:
    assert formats.detect(b"\n" + TWO, suffix).name == "opentriviaqa"


@given(st.binary(max_size=60) | st.text("#QA^B \n\r\té", max_size=80).map(str.encode))
def test_whatever_a_file_holds_it_is_read_to_its_end(content: bytes) -> None:
    assert_usable(read(content))


@pytest.mark.parametrize("piece", ["#Q a\n", "^ a\n", "A a\n", "x\n", "\n", "#Q a\n^ b\n", "^"])
def test_the_time_grows_with_the_length_alone(piece: str) -> None:
    assert_linear(lambda size: list(read(b"#Q a\n^ a\nA a\n" + piece.encode() * size)))
    assert_linear(lambda size: OPENTRIVIAQA.recognises(b"#Q a\n" + piece.encode() * size, ""))
