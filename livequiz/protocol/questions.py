"""A question as people and programs write it: in a bank file and in `POST /questions`."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Difficulty, Draft, QuestionType
from livequiz.domain.text import is_hostile
from livequiz.protocol.fields import Duration, Topics
from livequiz.protocol.requests import Request

QuestionText = Annotated[str, Meta(min_length=1, max_length=4_000)]
OptionText = Annotated[str, Meta(min_length=1, max_length=500)]


class QuestionIn(Request, kw_only=True):
    """One question of a bank; only `question`, `options` and `correct` are required."""

    question: QuestionText
    options: Annotated[list[OptionText], Meta(min_length=2, max_length=26)]
    correct: Annotated[int, Meta(ge=0)]
    type: QuestionType = QuestionType.SINGLE
    points: Annotated[int, Meta(ge=0, le=1_000)] = 1
    time_limit: Duration | None = None
    topics: Topics = msgspec.field(default_factory=list)
    difficulty: Difficulty | None = None
    explanation: Annotated[str, Meta(max_length=4_000)] | None = None
    source: Annotated[str, Meta(max_length=500)] | None = None


def to_draft(raw: QuestionIn) -> Draft:
    """Return what was written as a question that can go into the bank.

    Raises:
        QuizError: `bad_request` if no option is the key, two options are the same, or a text
            has characters that are invisible or steer a terminal.
    """
    options = tuple(_clean(option, "options") for option in raw.options)
    if raw.correct >= len(options):
        message = f"`correct` is {raw.correct}, but the options are 0 to {len(options) - 1}."
        raise QuizError(Code.BAD_REQUEST, message, "correct")
    if len(set(options)) < len(options):
        raise QuizError(Code.BAD_REQUEST, "Two options are the same.", "options")
    return Draft(
        text=_clean(raw.question, "question"),
        options=options,
        correct=raw.correct,
        type=raw.type,
        points=raw.points,
        time_limit=raw.time_limit,
        topics=tuple(dict.fromkeys(_clean(topic, "topics") for topic in raw.topics)),
        difficulty=raw.difficulty,
        explanation=_clean(raw.explanation, "explanation") if raw.explanation else None,
        source=_clean(raw.source, "source") if raw.source else None,
    )


def _clean(text: str, field: str) -> str:
    """Return a text trimmed, its line ends as newlines; layout is kept, control is refused."""
    trimmed = text.replace("\r\n", "\n").strip()
    if not trimmed:
        raise QuizError(Code.BAD_REQUEST, f"A text in `{field}` is empty.", field)
    if any(is_hostile(character) for character in trimmed if character not in "\n\t"):
        message = f"A text in `{field}` has invisible or control characters."
        raise QuizError(Code.BAD_REQUEST, message, field)
    return trimmed
