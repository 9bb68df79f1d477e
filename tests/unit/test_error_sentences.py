"""What people read when a request or a file is not right."""

from __future__ import annotations

import pytest

from livequiz.bank.reading import Place, Problem, item
from livequiz.domain.errors import QuizError
from livequiz.protocol.codec import decode
from livequiz.protocol.error_sentences import in_words
from livequiz.protocol.questions import QuestionIn

GOOD = {"question": "What?", "options": ["a", "b"], "correct": 0}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"question": 1}, "`question` has to be text, not a whole number."),
        ({"question": ""}, "`question` is empty."),
        ({"options": "a"}, "`options` has to be a list, not text."),
        ({"points": -1}, "`points` has to be at least 0."),
        ({"points": "b"}, "`points` has to be a number, not text."),
        ({"time_limit": 0.5}, "`time_limit` has to be at least 1."),
        ({"topics": [""]}, "`topics[0]` is empty."),
        (
            {"difficulty": "impossible"},
            "`difficulty` can't be 'impossible'. Use easy, medium or hard.",
        ),
        ({"quesion": "What?"}, "Unknown field `quesion`."),
    ],
)
def test_a_reason_is_a_sentence_without_the_validators_words(
    change: dict[str, object], sentence: str
) -> None:
    with pytest.raises(QuizError) as refusal:
        decode({**GOOD, **change}, QuestionIn)
    assert refusal.value.message == sentence


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"answer": "a"}, "Unknown field `answer`. Did you mean `correct`?"),
        ({"quesion": "x"}, "Unknown field `quesion`. Did you mean `question`?"),
        ({"xyz": "x"}, "Unknown field `xyz`."),
        ({"correct": "b"}, "`correct` is `b`, but the options are numbered 0 to 1: write 1."),
        ({"correct": "c"}, "`correct` is `c`, but the options are numbered 0 to 1."),
    ],
)
def test_what_may_be_meant_is_said(change: dict[str, object], sentence: str) -> None:
    problem = item({**GOOD, **change}, Place())
    assert isinstance(problem, Problem)
    assert problem.message == sentence


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("int | float | str | array", "a number, text or a list"),
        ("int|float", "a number"),
        ("int | str", "a whole number or text"),
        ("str | null", "text or empty"),
    ],
)
def test_several_types_are_listed_as_people_do(wanted: str, words: str) -> None:
    """It said "a whole number or a number or text or a list"."""
    reason = f"Expected `{wanted}`, got `object`"
    assert in_words(reason, "correct") == f"`correct` has to be {words}, not an object."


@pytest.mark.parametrize(
    ("reason", "field", "sentence"),
    [
        ("Expected `object`, got `array`", None, "Expected an object, got a list."),
        ("Expected `str`", None, "Expected text."),
        ("Expected `array` of length <= 26", "answer", "`answer` can have at most 26 entries."),
        ("Expected `str` of length <= 2", "name", "`name` can have at most 2 characters."),
        ("Expected `array` of length >= 2", "options", "`options` needs at least 2 entries."),
    ],
)
def test_a_sentence_says_what_is_expected(reason: str, field: str | None, sentence: str) -> None:
    assert in_words(reason, field) == sentence
