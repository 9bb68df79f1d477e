"""What a line means as an answer; two readings are asked about, never guessed."""

from __future__ import annotations

import pytest

from livequiz.domain.model import QuestionType
from livequiz.plain.answers import read_answer
from livequiz.protocol.answers import Stored
from livequiz.protocol.messages import NewQuestion

NOW = "2026-01-15T10:05:00.000Z"
CITIES = ["Lyon", "Paris", "Nice", "The Hague"]
NUMBERS = ["3", "2", "4", "1"]
LETTERS = ["B", "an A", "D", "E"]


def question(kind: QuestionType, options: list[str]) -> NewQuestion:
    return NewQuestion(
        question_id="q",
        question="?",
        options=options,
        sent_time=NOW,
        round_id="r",
        round_number=1,
        type=kind,
        duration=60,
        deadline=NOW,
        remaining=60,
        server_time=NOW,
        points=1,
    )


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("b", 1),
        ("B", 1),
        ("b.", 1),
        ("(b)", 1),
        ("2", 1),
        ("option b", 1),
        ("Option 2", 1),
        ("paris", 1),
        ("  the   HAGUE ", 3),
        ("4", 3),
    ],
)
def test_an_option_is_named_in_several_ways(line: str, answer: int) -> None:
    assert read_answer(line, question(QuestionType.SINGLE, CITIES)) == answer


@pytest.mark.parametrize("line", ["e", "5", "0", "-1", "Rome", "a b", "²", "１", "option", "a c"])
def test_what_names_no_option_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="Type a letter from A to D"):
        read_answer(line, question(QuestionType.SINGLE, CITIES))


@pytest.mark.parametrize(
    ("options", "line", "meant", "other"),
    [(NUMBERS, "3", "C", "A"), (NUMBERS, "1", "A", "D"), (LETTERS, "b", "B", "A")],
)
def test_two_readings_are_asked_about(
    options: list[str], line: str, meant: str, other: str
) -> None:
    asked = question(QuestionType.SINGLE, options)
    with pytest.raises(ValueError, match=f"Do you mean option {meant}, .* or option {other},"):
        read_answer(line, asked)
    for letter in (meant, other):
        assert read_answer(f"option {letter}", asked) == "ABCD".index(letter)


def test_one_reading_is_taken_where_both_are_the_same() -> None:
    asked = question(QuestionType.SINGLE, NUMBERS)
    assert read_answer("2", asked) == 1
    assert read_answer("c", asked) == 2


def test_options_that_read_the_same_need_a_letter() -> None:
    asked = question(QuestionType.SINGLE, ["café", "Cafe", "tea"])
    with pytest.raises(ValueError, match="Several options say that"):
        read_answer("cafe", asked)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("a c", [0, 2]),
        ("ca", [0, 2]),
        ("c,a", [0, 2]),
        ("a, c and d", [0, 2, 3]),
        ("1 3", [0, 2]),
        ("b", [1]),
        ("b b", [1]),
        ("paris", [1]),
        ("The Hague", [3]),
        ("option a option c", [0, 2]),
    ],
)
def test_several_options_are_named(line: str, answer: list[int]) -> None:
    assert read_answer(line, question(QuestionType.MULTIPLE, CITIES)) == answer


def test_a_list_of_letters_can_be_told_from_a_list_of_texts() -> None:
    asked = question(QuestionType.MULTIPLE, LETTERS)
    with pytest.raises(ValueError, match=r"Do you mean option B, .* or option A,"):
        read_answer("b c", asked)
    assert read_answer("option b c", asked) == [1, 2]


@pytest.mark.parametrize("line", ["a x", "ax", "and", "13", ","])
def test_a_list_with_something_else_in_it_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="Type"):
        read_answer(line, question(QuestionType.MULTIPLE, CITIES))


@pytest.mark.parametrize(
    ("kind", "line", "answer"),
    [
        (QuestionType.NUMERIC, "3,14", 3.14),
        (QuestionType.NUMERIC, "-2", -2.0),
        (QuestionType.SHORT_TEXT, "  two   words ", "two words"),
    ],
)
def test_what_is_typed_is_taken(kind: QuestionType, line: str, answer: Stored) -> None:
    assert read_answer(line, question(kind, [])) == answer


@pytest.mark.parametrize(
    ("line", "sentence"),
    [("1,000", "Do you mean 1000 or 1.000"), ("3 kg", "without the unit"), ("x", "not a number")],
)
def test_a_number_that_is_none_is_refused(line: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_answer(line, question(QuestionType.NUMERIC, []))
