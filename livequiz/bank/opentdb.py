"""Open Trivia DB's JSON (https://opentdb.com/api_config.php); its questions are CC BY-SA 4.0."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated
from urllib.parse import unquote, unquote_plus

import msgspec
from msgspec import Meta, Struct

from livequiz.bank import native
from livequiz.bank.foreign_question import scattered
from livequiz.bank.format_type import Format
from livequiz.bank.html_tree import unescape
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
# The values of `type` in base64 and in all the other encodings.
_TYPES = frozenset({"multiple", "boolean"})
_TYPES_IN_BASE64 = frozenset({"bXVsdGlwbGU=", "Ym9vbGVhbg=="})
_TRUTH = {"true": True, "false": False}
_ASK_AGAIN = "take it out, or ask Open Trivia DB again"
Decode = Callable[[str], str]


class _Question(Struct):
    type: str
    difficulty: str
    category: str
    question: str
    correct_answer: str
    incorrect_answers: Annotated[list[str], Meta(max_length=25)]

    def texts(self) -> tuple[str, ...]:
        """Return the texts that are encoded, without `type` and `difficulty`."""
        return (self.category, self.question, self.correct_answer, *self.incorrect_answers)


class _Answer(Struct):
    results: list[msgspec.Raw] | None = None
    response_code: int = 0


def read(content: bytes) -> Iterator[Item]:
    """Read questions from an API response, in any of its encodings.

    Raises:
        QuizError: `bad_request` if it isn't a response of the API, or reports an error.
    """
    content = content.removeprefix(b"\xef\xbb\xbf")
    results, places = _results(content)
    found = [_parsed(raw, place) for raw, place in zip(results, places, strict=True)]
    decode = _encoding([question for question in found if isinstance(question, _Question)])
    for question, place in zip(found, places, strict=True):
        yield question if isinstance(question, Problem) else _item(question, decode, place)


def _results(content: bytes) -> tuple[list[msgspec.Raw], list[Place]]:
    """Return the raw questions, and where each begins.

    Raises:
        QuizError: `bad_request` if it isn't a response of the API, or reports an error.
    """
    try:
        answer = msgspec.json.decode(content, type=_Answer)
        _check(answer.response_code)
        if answer.results is None:
            raise QuizError(
                Code.BAD_REQUEST, "This is not a response of Open Trivia DB: no `results`."
            )
        return answer.results, list(native.places_in(content.decode(), "results"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"This is not a response of Open Trivia DB: {error}."
        raise QuizError(Code.BAD_REQUEST, message) from None
    except ValueError:  # an integer with thousands of digits
        message = "This is not a response of Open Trivia DB: a number in it is too long."
        raise QuizError(Code.BAD_REQUEST, message) from None


def _check(response_code: int) -> None:
    if response_code:
        message = "Open Trivia DB answered with an error: ask it again."
        raise QuizError(Code.BAD_REQUEST, _CODES.get(response_code, message))


def _parsed(raw: msgspec.Raw, place: Place) -> _Question | Problem:
    try:
        return msgspec.json.decode(raw, type=_Question)
    except (msgspec.DecodeError, RecursionError) as error:
        message = f"This is not a question ({error}): {_ASK_AGAIN}."
        return Problem(Kind.WRONG, place, message)


def _encoding(questions: Sequence[_Question]) -> Decode:
    """Return the function that decodes a response's texts.

    URL-encoded text contains no spaces: the legacy encoding writes `+` instead. In unencoded
    responses, at least one text has a space.
    """
    if any(question.type in _TYPES_IN_BASE64 for question in questions):
        return _base64
    sample = "".join(text for question in questions for text in question.texts())
    if " " in sample or not ("%" in sample or "+" in sample):
        return unescape
    return unquote_plus if "+" in sample else unquote


def _base64(text: str) -> str:
    """Decode a text in base64.

    Raises:
        ValueError: If it isn't valid base64, or not UTF-8.
    """
    return base64.b64decode(text, validate=True).decode()


def _item(question: _Question, decode: Decode, place: Place) -> Item:
    try:
        kind = question.type if question.type in _TYPES else decode(question.type)
        text = tidy(decode(question.question))
        key = tidy(decode(question.correct_answer))
        wrong = [tidy(decode(answer)) for answer in question.incorrect_answers]
        category = decode(question.category)
        difficulty = decode(question.difficulty).lower()
    except ValueError:
        message = f"This is a question in no encoding of Open Trivia DB's: {_ASK_AGAIN}."
        return Problem(Kind.WRONG, place, message, beginning(question.question[:200]))
    fields: dict[str, object] = {
        "question": text,
        "topics": [tidy(part) for part in category.split(":") if tidy(part)],
        "difficulty": difficulty,
        "source": SOURCE,
    }
    if kind == "boolean":
        if key.lower() not in _TRUTH:
            message = f"The answer is {key[:20]}, not True or False: {_ASK_AGAIN}."
            return Problem(Kind.WRONG, place, message, beginning(text))
        return item({**fields, "type": "true_false", "correct": _TRUTH[key.lower()]}, place)
    if kind != "multiple":
        message = f"There is no question of type {kind[:40]} here."
        return Problem(Kind.UNSUPPORTED, place, message, beginning(text))
    return item({**fields, **scattered(text, key, wrong)}, place)


def _is_opentdb(content: bytes, suffix: str) -> bool:
    start = content[:4_096]
    return b'"response_code"' in start or (
        b'"results"' in start and b'"incorrect_answers"' in start
    )


OPENTDB = Format("opentdb", "Open Trivia DB", (".json",), _is_opentdb, read)
