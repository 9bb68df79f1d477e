"""Decodes and validates payloads, and encodes messages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.text import printable
from livequiz.protocol.error_sentences import QUOTED, in_words
from livequiz.protocol.message import Message
from livequiz.protocol.messages import ErrorMessage
from livequiz.protocol.requests import Request

T = TypeVar("T")
Json = dict[str, Any]

_LONGEST = 200  # characters kept at each end of the validator's message, which can quote input
_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_UNKNOWN_FIELD = re.compile(r"unknown field `(?P<name>[^`]*)")
_MISSING_FIELD = re.compile(r"missing required field `(?P<name>[^`]*)`")
_ALLOWED = {
    "student_id": "1 to 64 letters, digits, or . _ @ -",
    "instructor_id": "1 to 64 letters, digits, or . _ @ -",
    "meeting_id": "1 to 32 letters, digits, or _ -",
    "question_id": "an id from this server",
    "round_id": "an id from this server",
    "after": "the `next` of the previous page",
    "limit": "a whole number from 1 to 1,000",
}
_CHOICES = {
    "difficulty": "easy, medium or hard",
    "reveal": "at_once or after_round",
    "points_for": "accuracy, speed or off",
    "draw_rules": "per_topic, cover or carry_over",
    "type": "single, true_false, multiple, numeric or short_text",
    "scoring": "all or partial",
}


def decode(raw: object, kind: type[T]) -> T:
    """Validate a JSON value and return it as the expected type.

    Raises:
        QuizError: `bad_request`, with the offending field.
    """
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise _bad_request(str(error)) from None
    except (RecursionError, ValueError, TypeError):
        raise QuizError(Code.BAD_REQUEST, "The request can't be read.") from None


def decode_json(content: bytes, kind: type[T]) -> T:
    """Decode JSON text as the expected type; stops at the first error.

    Raises:
        QuizError: `bad_request`, with the offending field.
    """
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.ValidationError as error:
        raise _bad_request(str(error)) from None
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise QuizError(Code.BAD_REQUEST, "The body is not valid JSON.") from None


class EventDecoder:
    """The fast path for events: decodes valid ones straight from JSON text.

    Args:
        kinds: The request types by event name.
    """

    def __init__(self, kinds: Mapping[str, type[Request]]) -> None:
        self._envelope = msgspec.json.Decoder(tuple[str, msgspec.Raw])
        self._decoders = {event: msgspec.json.Decoder(kind) for event, kind in kinds.items()}

    def __call__(self, text: str) -> tuple[str, Request] | None:
        """Return the event and its request; None if invalid, for `decode` to report the error.

        Args:
            text: A JSON array of the event's name and one object, as Socket.IO sends it.
        """
        try:
            event, fields = self._envelope.decode(text)
            return event, self._decoders[event].decode(fields)
        except (msgspec.DecodeError, KeyError, ValueError, RecursionError):
            return None


def decode_id(raw: object, kind: type[T], field: str) -> T:
    """Validate a standalone identifier, such as one in a URL, and return it.

    Raises:
        QuizError: `bad_request`, with the given field.
    """
    try:
        return decode(raw, kind)
    except QuizError:
        raise _malformed(field) from None


def encode(message: Message) -> Json:
    """Return a message as plain JSON values."""
    builtins: Json = msgspec.to_builtins(message)
    return builtins


def encode_event(event: str, message: Message) -> bytes:
    """Return an event as a Socket.IO payload: a JSON array of its name and its message."""
    return b'["%b",%b]' % (event.encode(), msgspec.json.encode(message))


def encode_ack(answer: Message | Json | None) -> bytes:
    """Return an ack as a Socket.IO payload: a JSON array of one object.

    Args:
        answer: The result, or a `nack`; None for a result without fields.
    """
    if answer is None:
        return b'[{"ok":true}]'
    fields = msgspec.json.encode(answer)
    if not isinstance(answer, Message):
        return b"[%b]" % fields
    return b'[{"ok":true,%b]' % fields[1:] if fields != b"{}" else b'[{"ok":true}]'


def ack(message: Message | None = None) -> Json:
    """Return the ack of a successful request."""
    return {"ok": True, **(encode(message) if message is not None else {})}


def nack(error: QuizError, event: str) -> Json:
    """Return the ack of a refused request."""
    return {"ok": False, "error": encode(error_message(error, event))}


def error_message(error: QuizError, event: str) -> ErrorMessage:
    """Return an error in its wire format."""
    return ErrorMessage(
        code=error.code.value,
        message=error.message,
        event=event,
        field=error.field,
        in_doubt=error.in_doubt,
    )


def _bad_request(reason: str) -> QuizError:
    """Translate the validator's message into ours, and find the field it is about."""
    if len(reason) > 2 * _LONGEST:
        reason = f"{reason[:_LONGEST]}{reason[-_LONGEST:]}"
    path = _PATH.search(reason)
    what = reason[: path.start()] if path else reason
    for pattern, sentence in (
        (_MISSING_FIELD, "`{}` is missing."),
        (_UNKNOWN_FIELD, "Unknown field `{}`."),
    ):
        if found := pattern.search(what):
            name = printable(found["name"][:QUOTED])
            return QuizError(Code.BAD_REQUEST, sentence.format(name), name)
    field = printable(path["path"][:QUOTED]) if path else None
    if "matching regex" in what and field:
        return _malformed(field)
    sentence = in_words(printable(what), field)
    choices = _CHOICES.get(field.partition("[")[0]) if field else None
    if choices and "enum" in what:
        sentence += f" Use {choices}."
    return QuizError(Code.BAD_REQUEST, sentence, field)


def _malformed(field: str) -> QuizError:
    allowed = _ALLOWED.get(field, "text in Unicode")
    return QuizError(Code.BAD_REQUEST, f"`{field}` has to be {allowed}.", field)
