"""The input format of a question, in bank files and in `POST /questions`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from string import ascii_uppercase
from textwrap import shorten
from typing import Annotated, NoReturn, assert_never

import msgspec
from msgspec import Meta

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Difficulty, Draft, Key, Number, QuestionType, Scoring
from livequiz.domain.text import has_hostile
from livequiz.domain.typed_answers import plain_text, read_number
from livequiz.protocol.error_sentences import QUOTED
from livequiz.protocol.fields import Duration, Topics
from livequiz.protocol.requests import Request

QuestionText = Annotated[str, Meta(min_length=1, max_length=4_000)]
OptionText = Annotated[str, Meta(min_length=1, max_length=500)]
Weight = Annotated[float, Meta(ge=-100, le=100)]
MOST_ENTRIES = 250  # of `correct`
TRUE_FALSE = ("True", "False")


class NumberIn(Request):
    """A correct number, within `tolerance`."""

    value: float | str
    tolerance: Annotated[float, Meta(ge=0)] = 0.0


KeyIn = bool | int | float | str | NumberIn | list[int | float | str | NumberIn]


class QuestionIn(Request, kw_only=True, omit_defaults=True):
    """One question of a bank; `question` and `correct` are required, most types need `options`.

    `correct` is, by `type`: for `single` the 0-based index of an option, for `true_false` true or
    false (or an index), for `multiple` a list of indexes, for `numeric` a number, an object with
    `value` and `tolerance` or a list of those, for `short_text` a text or a list of texts.
    """

    question: QuestionText
    options: Annotated[list[OptionText], Meta(max_length=26)] = msgspec.field(default_factory=list)
    correct: KeyIn
    type: QuestionType = QuestionType.SINGLE
    weights: Annotated[list[Weight], Meta(max_length=50)] = msgspec.field(default_factory=list)
    scoring: Scoring = Scoring.ALL
    case_sensitive: bool = False
    wildcards: bool = False
    points: Annotated[float, Meta(ge=0, le=1_000)] = 1
    time_limit: Duration | None = None
    topics: Topics = msgspec.field(default_factory=list)
    difficulty: Difficulty | None = None
    explanation: Annotated[str, Meta(max_length=4_000)] | None = None
    source: Annotated[str, Meta(max_length=500)] | None = None


def to_draft(raw: QuestionIn) -> Draft:
    """Validate a written question and return it as a draft for the bank.

    Raises:
        QuizError: `bad_request` if options, key and weights don't fit the type or one another,
            or a text has invisible or control characters.
    """
    options = _options(raw)
    correct = _key(raw, options)
    return Draft(
        text=_clean(raw.question, "question"),
        options=options,
        correct=correct,
        type=raw.type,
        weights=_weights(raw, options, correct),
        scoring=raw.scoring,
        case_sensitive=raw.case_sensitive,
        wildcards=raw.wildcards,
        points=_points(raw.points),
        time_limit=raw.time_limit,
        topics=tuple(dict.fromkeys(_clean(topic, "topics") for topic in raw.topics)),
        difficulty=raw.difficulty,
        explanation=_clean(raw.explanation, "explanation") if raw.explanation else None,
        source=_clean(raw.source, "source") if raw.source else None,
    )


def from_draft(draft: Draft) -> QuestionIn:
    """Return a draft in the input format, in the shortest form that `to_draft` accepts."""
    key = draft.correct
    correct: KeyIn
    options = list(draft.options)
    if draft.type is QuestionType.TRUE_FALSE and draft.options == TRUE_FALSE:
        options, correct = [], key == 0
    elif isinstance(key, int):
        correct = key
    else:
        entries = [
            (NumberIn(e.value, e.tolerance) if e.tolerance else e.value)
            if isinstance(e, Number)
            else e
            for e in key
        ]
        typed = draft.type in {QuestionType.NUMERIC, QuestionType.SHORT_TEXT}
        correct = entries[0] if typed and len(entries) == 1 else entries
    return QuestionIn(
        question=draft.text,
        options=options,
        correct=correct,
        type=draft.type,
        weights=list(draft.weights),
        scoring=draft.scoring,
        case_sensitive=draft.case_sensitive,
        wildcards=draft.wildcards,
        points=draft.points,
        time_limit=draft.time_limit,
        topics=list(draft.topics),
        difficulty=draft.difficulty,
        explanation=draft.explanation,
        source=draft.source,
    )


def _options(raw: QuestionIn) -> tuple[str, ...]:
    options = tuple(_clean(option, "options") for option in raw.options)
    if raw.type in {QuestionType.NUMERIC, QuestionType.SHORT_TEXT}:
        if options:
            message = f"A {raw.type} question can't have `options`: its answer is typed."
            raise QuizError(Code.BAD_REQUEST, message, "options")
        return ()
    if raw.type is QuestionType.TRUE_FALSE:
        options = options or TRUE_FALSE
        if len(options) != 2:
            message = (
                "A true_false question needs two `options`; leave them out to get True and False."
            )
            raise QuizError(Code.BAD_REQUEST, message, "options")
    if len(options) < 2:
        message = "A question needs at least two `options` to choose from."
        raise QuizError(Code.BAD_REQUEST, message, "options")
    if same := same_options(options):
        raise QuizError(Code.BAD_REQUEST, same, "options")
    return options


def same_options(options: Sequence[str]) -> str:
    """Return a sentence that names two equal options; an empty string if all differ."""
    for place, option in enumerate(options):
        if (first := options.index(option)) < place:
            letters = f"{ascii_uppercase[first]} and {ascii_uppercase[place]}"
            quoted = shorten(option, 40, placeholder="…") or option[:40]
            return f"Two options are the same, {letters}: `{quoted}`. Change one, or delete it."
    return ""


def _points(points: float) -> float:
    """Return points rounded to 0.01, as an int if they are whole."""
    if round(points, 2) != points:
        message = f"`points` is {points}: use at most two decimal places."
        raise QuizError(Code.BAD_REQUEST, message, "points")
    return int(points) if float(points).is_integer() else points


def _key(raw: QuestionIn, options: Sequence[str]) -> Key:
    entries = raw.correct if isinstance(raw.correct, list) else [raw.correct]
    if len(entries) > MOST_ENTRIES:
        _wrong_key(f"`correct` has {len(entries)} entries; use at most {MOST_ENTRIES}.")
    match raw.type:
        case QuestionType.SINGLE:
            return _index(raw.correct, options)
        case QuestionType.TRUE_FALSE:
            if isinstance(raw.correct, bool):
                return 0 if raw.correct else 1
            if isinstance(raw.correct, str):
                _wrong_key(f"`correct` is {_said(raw.correct)}; write true or false.")
            return _index(raw.correct, options)
        case QuestionType.MULTIPLE:
            chosen = tuple(sorted({_index(entry, options) for entry in entries}))
            return chosen or _wrong_key("`correct` names no option.")
        case QuestionType.NUMERIC:
            numbers = tuple(_number(entry) for entry in entries)
            return numbers or _wrong_key("`correct` contains no number.")
        case QuestionType.SHORT_TEXT:
            texts = tuple(dict.fromkeys(_accepted(entry) for entry in entries))
            return texts or _wrong_key("`correct` contains no text.")
        case _:
            assert_never(raw.type)


def _index(entry: object, options: Sequence[str]) -> int:
    if not isinstance(entry, int) or isinstance(entry, bool) or not 0 <= entry < len(options):
        message = (
            f"`correct` is {_said(entry)}, but the options are numbered 0 to {len(options) - 1}"
        )
        message += f": write {options.index(entry)}." if entry in options else "."
        raise QuizError(Code.BAD_REQUEST, message, "correct")
    return entry


def _number(entry: object) -> Number:
    value, tolerance = (
        (entry.value, entry.tolerance) if isinstance(entry, NumberIn) else (entry, 0.0)
    )
    number = None
    if isinstance(value, str):
        number = read_number(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
    if number is None or not math.isfinite(number) or not math.isfinite(tolerance):
        _wrong_key(f"`correct` is {_said(value)}, which is not a number.")
    return Number(number, tolerance)


def _accepted(entry: object) -> str:
    if isinstance(entry, bool) or not isinstance(entry, int | float | str):
        _wrong_key(f"`correct` is {_said(entry)}, which is not text.")
    text = _clean(str(entry), "correct")
    # One visible character is enough: checking the whole text would take ten times as long.
    if len(text) > 200 or not any(map(plain_text, dict.fromkeys(text))):
        message = "Each text in `correct` needs 1 to 200 characters, not all of them spaces."
        raise QuizError(Code.BAD_REQUEST, message, "correct")
    return " ".join(text.split())


def _weights(raw: QuestionIn, options: Sequence[str], key: Key) -> tuple[float, ...]:
    if not raw.weights:
        return ()
    typed = not isinstance(key, int) and raw.type is not QuestionType.MULTIPLE
    count = len(key) if typed and not isinstance(key, int) else len(options)
    if len(raw.weights) != count:
        what = "accepted answer" if typed else "option"
        message = f"`weights` has {len(raw.weights)} numbers; give one for each {what}."
        raise QuizError(Code.BAD_REQUEST, message, "weights")
    if isinstance(key, int):
        best = raw.weights[key] == 100
    elif typed:
        best = max(raw.weights) == 100
    else:
        best = sum(w for w in raw.weights if w > 0) >= 99.9
    if not best:
        message = "The right answer has to be worth 100 per cent: see `weights`."
        raise QuizError(Code.BAD_REQUEST, message, "weights")
    return tuple(raw.weights)


def _wrong_key(message: str) -> NoReturn:
    raise QuizError(Code.BAD_REQUEST, message, "correct")


def _said(entry: object) -> str:
    if isinstance(entry, int | float):
        return str(entry).lower()[:QUOTED]
    return f"`{entry[:QUOTED]}`" if isinstance(entry, str) else "an object or a list"


def _clean(text: str, field: str) -> str:
    """Return a text, trimmed and with `LF` line ends; refuses invisible and control characters."""
    trimmed = text.replace("\r\n", "\n").strip()
    if not trimmed:
        raise QuizError(Code.BAD_REQUEST, f"A text in `{field}` is empty.", field)
    if has_hostile(trimmed, keep="\n\t"):
        message = f"A text in `{field}` contains invisible or control characters."
        raise QuizError(Code.BAD_REQUEST, message, field)
    return trimmed
