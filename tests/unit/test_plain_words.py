"""What people read when a request or a file is not right."""

from __future__ import annotations

import pytest

from livequiz.bank.reading import Place, Problem, item
from livequiz.domain.errors import QuizError
from livequiz.protocol.codec import decode
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
            "`difficulty` can't be 'impossible'. It is easy, medium or hard.",
        ),
        ({"quesion": "What?"}, "`quesion` is no field that is known here."),
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
        ({"answer": "a"}, "`answer` is no field that is known here. Did you mean `correct`?"),
        ({"quesion": "x"}, "`quesion` is no field that is known here. Did you mean `question`?"),
        ({"xyz": "x"}, "`xyz` is no field that is known here."),
        ({"correct": "b"}, "`correct` is `b`, but the options are 0 to 1: write 1."),
        ({"correct": "c"}, "`correct` is `c`, but the options are 0 to 1."),
    ],
)
def test_what_may_be_meant_is_said(change: dict[str, object], sentence: str) -> None:
    problem = item({**GOOD, **change}, Place())
    assert isinstance(problem, Problem)
    assert problem.message == sentence
