"""Errors repeat little of what was sent, and are made without going through all of it."""

from __future__ import annotations

from typing import Any

import pytest

from livequiz.domain.errors import QuizError
from livequiz.protocol.codec import decode
from livequiz.protocol.questions import QuestionIn, to_draft
from livequiz.protocol.requests import TriggerQuestions
from livequiz.protocol.resources import QuestionsRequest

LONG = 60_000
QUOTED = 40
QUESTION: dict[str, Any] = {"question": "Which?", "options": ["a", "b"], "correct": 0}


@pytest.mark.parametrize("character", ["x", "`", "\x1b", "\u202e"])
@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (TriggerQuestions, None, 1),
        (TriggerQuestions, "difficulty", None),
        (TriggerQuestions, "topic", None),
        (QuestionsRequest, "type", None),
        (QuestionsRequest, None, 1),
    ],
)
def test_at_most_forty_characters_of_what_was_sent_are_quoted(
    kind: Any, field: str | None, value: Any, character: str
) -> None:
    wrong = {field or character * LONG: value or character * LONG}
    whole = {"meeting_id": "TEST", **wrong}
    if kind is QuestionsRequest:
        whole = {"questions": [{**QUESTION, **wrong}]}
    with pytest.raises(QuizError) as caught:
        decode(whole, kind)
    for text in (caught.value.message, caught.value.field or ""):
        longest = max(text.count(each) for each in (character, "\ufffd"))
        assert longest <= QUOTED + 2  # the field's own name has marks around it
        assert len(text) < 200


@pytest.mark.parametrize("key", ["x" * LONG, -(10**400), 10**400], ids=["text", "low", "high"])
def test_a_key_that_is_wrong_is_quoted_no_further(key: Any) -> None:
    with pytest.raises(QuizError) as caught:
        to_draft(QuestionIn(**{**QUESTION, "correct": key}))
    assert len(caught.value.message) < 150
