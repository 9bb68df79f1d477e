"""Open Trivia DB's JSON (https://opentdb.com/api_config.php); its questions are CC BY-SA 4.0."""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
from collections.abc import Callable, Iterator
from typing import Annotated
from urllib.parse import unquote, unquote_plus

import msgspec
from msgspec import Meta, Struct

from livequiz.bank import own
from livequiz.bank.format import Format
from livequiz.bank.reading import Item, Kind, Place, Problem, beginning, item, tidy
from livequiz.domain.errors import Code, QuizError

SOURCE = "Open Trivia DB (opentdb.com), CC BY-SA 4.0"
_CODES = {
    1: "Open Trivia DB had too few questions for what was asked of it: ask for fewer.",
    2: "Open Trivia DB did not understand what it was asked: look at the address.",
    3: "Open Trivia DB did not know the session token: ask for a new one.",
    4: "Open Trivia DB had no more questions for this session token: reset it.",
    5: "Open Trivia DB was asked too often: wait five seconds and ask again.",
}
Decode = Callable[[str], str]


class _Question(Struct):
    type: str
    difficulty: str
    category: str
    question: str
    correct_answer: str
    incorrect_answers: Annotated[list[str], Meta(max_length=25)]


class _Answer(Struct):
    results: list[msgspec.Raw]
    response_code: int = 0


def read(content: bytes) -> Iterator[Item]:
    """Read questions of the API's answer, in whichever of its encodings.

    Raises:
        QuizError: `bad_request` if it is none of its answers, or says what went wrong.
    """
    try:
        answer = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"), type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"This is no answer of Open Trivia DB: {error}."
        raise QuizError(Code.BAD_REQUEST, message) from None
    if answer.response_code:
        message = "Open Trivia DB answered with an error: ask it again."
        raise QuizError(Code.BAD_REQUEST, _CODES.get(answer.response_code, message))
    places = own.places_in(content.removeprefix(b"\xef\xbb\xbf").decode(), "results")
    decode: Decode | None = None
    for raw, place in zip(answer.results, places, strict=True):
        try:
            question = msgspec.json.decode(raw, type=_Question)
        except (msgspec.DecodeError, RecursionError) as error:
            yield Problem(Kind.WRONG, place, f"This is no question: {error}.")
            continue
        decode = decode or _encoding(question)
        yield _item(question, decode, place)


def _encoding(question: _Question) -> Decode:
    """Return how texts are to be read: a type is `multiple` or `boolean` in every encoding."""
    if question.type not in {"multiple", "boolean"}:
        return _base64
    sample = question.question + question.category + question.correct_answer
    if "%" in sample and " " not in sample:
        return unquote_plus if "+" in sample else unquote
    if "+" in sample and " " not in sample:
        return unquote_plus
    return html.unescape


def _base64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return text


def _item(question: _Question, decode: Decode, place: Place) -> Item:
    text = tidy(decode(question.question))
    key = tidy(decode(question.correct_answer))
    wrong = [tidy(decode(answer)) for answer in question.incorrect_answers]
    kind = decode(question.type) if question.type not in {"multiple", "boolean"} else question.type
    fields: dict[str, object] = {
        "question": text,
        "topics": [tidy(part) for part in decode(question.category).split(":") if tidy(part)],
        "difficulty": decode(question.difficulty).lower(),
        "source": SOURCE,
    }
    if kind == "boolean":
        return item({**fields, "type": "true_false", "correct": key.lower() == "true"}, place)
    if kind != "multiple":
        message = f"There is no question of type {kind[:40]} here."
        return Problem(Kind.UNSUPPORTED, place, message, beginning(text))
    options = sorted([key, *wrong], key=lambda option: _order(text, option))
    return item({**fields, "options": options, "correct": options.index(key)}, place)


def _order(question: str, option: str) -> bytes:
    """Return what options are sorted by: the same in every import, and no hint at the key."""
    return hashlib.sha256(f"{question}\n{option}".encode()).digest()


def _is_opentdb(content: bytes, suffix: str) -> bool:
    start = content[:4_096]
    return b'"response_code"' in start or (
        b'"results"' in start and b'"incorrect_answers"' in start
    )


OPENTDB = Format("opentdb", "Open Trivia DB", (".json",), _is_opentdb, read)
