"""JSON values from and to the types of the wire: the only place that touches raw ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.text import printable
from livequiz.protocol.messages import ErrorMessage, Message
from livequiz.protocol.plain_words import QUOTED, in_words
from livequiz.protocol.requests import Request

T = TypeVar("T")
Json = dict[str, Any]

_LONGEST = 200  # characters of the validator's sentence at each end; its middle may be all of it
_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_UNKNOWN_FIELD = re.compile(r"unknown field `(?P<name>[^`]*)")
_MISSING_FIELD = re.compile(r"missing required field `(?P<name>[^`]*)`")
_ALLOWED = {
    "student_id": "1 to 64 letters, digits, or . _ @ -",
    "instructor_id": "1 to 64 letters, digits, or . _ @ -",
    "meeting_id": "1 to 32 letters, digits, or _ -",
    "question_id": "an id that this server gave",
    "round_id": "an id that this server gave",
    "after": "the `next` of the page before",
    "limit": "a whole number from 1 to 1,000",
}
_CHOICES = {
    "difficulty": "easy, medium or hard",
    "reveal": "at_once or after_round",
    "type": "single, true_false, multiple, numeric or short_text",
    "scoring": "all or partial",
}


def decode(raw: object, kind: type[T]) -> T:
    """Return a JSON value as the type that it has to be.

    Raises:
        QuizError: `bad_request`, with the field that is at fault.
    """
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise _bad_request(str(error)) from None
    except (RecursionError, ValueError, TypeError):
        raise QuizError(Code.BAD_REQUEST, "That request can't be read.") from None


def decode_json(content: bytes, kind: type[T]) -> T:
    """Return JSON text as the type that it has to be; nothing behind the first fault is built.

    Raises:
        QuizError: `bad_request`, with the field that is at fault.
    """
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.ValidationError as error:
        raise _bad_request(str(error)) from None
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise QuizError(Code.BAD_REQUEST, "The body is not JSON.") from None


class EventDecoder:
    """Decodes events straight from JSON text, if nothing at all is wrong with them.

    Args:
        kinds: The types of the requests, by the names of the events.
    """

    def __init__(self, kinds: Mapping[str, type[Request]]) -> None:
        self._envelope = msgspec.json.Decoder(tuple[str, msgspec.Raw])
        self._decoders = {event: msgspec.json.Decoder(kind) for event, kind in kinds.items()}

    def __call__(self, text: str) -> tuple[str, Request] | None:
        """Return the event and its request; None where `decode` has to find the words for it.

        Args:
            text: An array of the event's name and one object, as Socket.IO sends it.
        """
        try:
            event, fields = self._envelope.decode(text)
            return event, self._decoders[event].decode(fields)
        except (msgspec.DecodeError, KeyError, ValueError, RecursionError):
            return None


def decode_id(raw: object, kind: type[T], field: str) -> T:
    """Return an identifier that stands by itself, such as one in a URL.

    Raises:
        QuizError: `bad_request`, with that field.
    """
    try:
        return decode(raw, kind)
    except QuizError:
        raise _malformed(field) from None


def encode(message: Message) -> Json:
    """Return a message as JSON values."""
    builtins: Json = msgspec.to_builtins(message)
    return builtins


def encode_event(event: str, message: Message) -> bytes:
    """Return an event with its message as JSON text, in the array that Socket.IO wants."""
    return b'["%b",%b]' % (event.encode(), msgspec.json.encode(message))


def encode_ack(answer: Message | Json | None) -> bytes:
    """Return the ack of a request as JSON text, in the array that Socket.IO wants.

    Args:
        answer: What meets the request, or the `nack` that refuses it.
    """
    if answer is None:
        return b'[{"ok":true}]'
    fields = msgspec.json.encode(answer)
    if not isinstance(answer, Message):
        return b"[%b]" % fields
    return b'[{"ok":true,%b]' % fields[1:] if fields != b"{}" else b'[{"ok":true}]'


def ack(message: Message | None = None) -> Json:
    """Return the ack of a request that was met."""
    return {"ok": True, **(encode(message) if message is not None else {})}


def nack(error: QuizError, event: str) -> Json:
    """Return the ack of a request that was refused."""
    return {"ok": False, "error": encode(error_message(error, event))}


def error_message(error: QuizError, event: str) -> ErrorMessage:
    """Return an error as the wire carries it."""
    return ErrorMessage(
        code=error.code.value,
        message=error.message,
        event=event,
        field=error.field,
        in_doubt=error.in_doubt,
    )


def _bad_request(reason: str) -> QuizError:
    """Turn the validator's sentence into ours, and find which field it is about."""
    if len(reason) > 2 * _LONGEST:
        reason = f"{reason[:_LONGEST]}{reason[-_LONGEST:]}"
    path = _PATH.search(reason)
    what = reason[: path.start()] if path else reason
    for pattern, sentence in (
        (_MISSING_FIELD, "`{}` is missing."),
        (_UNKNOWN_FIELD, "`{}` is no field that is known here."),
    ):
        if found := pattern.search(what):
            name = printable(found["name"][:QUOTED])
            return QuizError(Code.BAD_REQUEST, sentence.format(name), name)
    field = printable(path["path"][:QUOTED]) if path else None
    if "matching regex" in what and field:
        return _malformed(field)
    subject = f"`{field}`" if field else "That"
    sentence = f"{subject} {in_words(printable(what))}."
    if field in _CHOICES and "enum" in what:
        sentence += f" It is {_CHOICES[field]}."
    return QuizError(Code.BAD_REQUEST, sentence, field)


def _malformed(field: str) -> QuizError:
    allowed = _ALLOWED.get(field, "text in Unicode")
    return QuizError(Code.BAD_REQUEST, f"`{field}` has to be {allowed}.", field)
