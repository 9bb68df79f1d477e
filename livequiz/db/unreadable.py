"""Skips and reports invalid documents, edited by hand or written by a newer version."""

from __future__ import annotations

import dataclasses
import functools
import logging
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from livequiz.db.client import Document, UnreadableError
from livequiz.domain.model import Number, Question, QuestionType

log = logging.getLogger(__name__)
T = TypeVar("T")

MOST_NAMED = 20  # documents to list by name; the others are only counted
MOST_KEPT = 1_000


class Unreadable:
    """Converts documents, and keeps a list of those that can't be read."""

    def __init__(self) -> None:
        # The reason and the meeting (None for the bank), by collection and document id.
        self._found: dict[tuple[str, str], tuple[str, str | None]] = {}

    def about(self, meeting_id: str) -> list[str]:
        """Return a line for each unreadable document of a meeting or of the bank."""
        found = [
            f"{collection} {document_id}: {reason}"
            for (collection, document_id), (reason, where) in self._found.items()
            if where in {None, meeting_id}
        ]
        more = len(found) - MOST_NAMED
        return found[:MOST_NAMED] + ([f"and {more} more"] if more > 0 else [])

    def read(
        self, collection: str, convert: Callable[[Document], T], documents: Iterable[Document]
    ) -> list[T]:
        """Convert documents, leaving out and noting those that can't be read."""
        found = []
        for document in documents:
            try:
                found.append(_checked(convert(document)))
            except (KeyError, TypeError, ValueError, msgspec.ValidationError) as error:
                meeting_id = document.get("meeting_id")
                where = meeting_id if isinstance(meeting_id, str) else None
                self.note(collection, str(document.get("_id")), _reason(error), where)
            else:
                if self._found:
                    self._found.pop((collection, str(document.get("_id"))), None)
        return found

    def read_one(
        self, collection: str, convert: Callable[[Document], T], document: Document | None
    ) -> T | None:
        """Convert a document; None if there is none or it can't be read."""
        found = self.read(collection, convert, [document] if document else [])
        return found[0] if found else None

    def note(self, collection: str, document_id: str, reason: str, where: str | None) -> None:
        """Record that a document can't be used, and log it once."""
        key = collection, document_id
        if key not in self._found and len(self._found) < MOST_KEPT:
            log.warning("Left out %s %s: %s", collection, document_id, reason)
            self._found[key] = reason, where


def required(found: T | None, what: str) -> T:
    """Return a value that must not be None.

    Raises:
        UnreadableError: If it is None, because its document could not be read.
    """
    if found is None:
        raise UnreadableError(what)
    return found


class _QuestionFields(msgspec.Struct):
    """A question's fields except its key, whose type depends on the question's."""

    text: str
    options: tuple[str, ...]
    created_at: datetime
    points: float
    time_limit: float | None
    topics: tuple[str, ...]
    explanation: str | None
    source: str | None
    case_sensitive: bool
    wildcards: bool


def _checked(value: T) -> T:
    """Validate the types of a value's fields, and return the value."""
    kind: Any = _QuestionFields if isinstance(value, Question) else type(value)
    names = kind.__struct_fields__ if kind is _QuestionFields else _names(kind)
    msgspec.convert({name: getattr(value, name) for name in names}, kind)
    if isinstance(value, Question) and not _fits(value):
        raise ValueError("its key does not fit its type and options")
    return value


@functools.cache
def _names(kind: Hashable) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))  # type: ignore[arg-type]


def _fits(question: Question) -> bool:
    """Whether a question's key fits its type and options, so that answers can be graded."""
    key = question.correct if isinstance(question.correct, tuple) else (question.correct,)
    match question.type:
        case QuestionType.NUMERIC:
            return bool(key) and all(isinstance(number, Number) for number in key)
        case QuestionType.SHORT_TEXT:
            return bool(key) and all(isinstance(text, str) for text in key)
        case QuestionType.MULTIPLE:
            single = False
        case _:
            single = True
    places = isinstance(question.correct, int) if single else isinstance(question.correct, tuple)
    options = range(len(question.options))
    return places and bool(key) and len(options) > 1 and all(place in options for place in key)


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"`{error.args[0]}` is missing"
    return str(error).replace(" - at `$.", ", in `")
