"""Question banks as JSON: an array of objects with the field names of `questions`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from textwrap import shorten

import msgspec

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Draft, Question
from livequiz.protocol.codec import decode
from livequiz.protocol.questions import QuestionIn, from_draft, to_draft

LARGEST_FILE = 64 * 1024 * 1024  # bytes
# An export has them; an import makes its own.
STORED_FIELDS = frozenset({"_id", "id", "created_at", "content_hash"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an entry of a file is left out; `place` is 1-based."""

    place: int
    message: str
    field: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds: the questions that are right, and what is wrong with the others."""

    drafts: list[Draft]
    problems: list[Problem]


def read_file(path: Path) -> Reading:
    """Read a bank file.

    Raises:
        QuizError: `bad_request` if the file can't be read at all.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            limit = LARGEST_FILE // 2**20
            raise QuizError(Code.BAD_REQUEST, f"{path} is larger than {limit} MiB; split it.")
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise QuizError(Code.BAD_REQUEST, f"{path} can't be read: {reason}.") from None
    try:
        return read(content)
    except QuizError as error:
        raise QuizError(error.code, f"{path}: {error.message}") from None


def read(content: bytes) -> Reading:
    """Read a bank from JSON.

    Raises:
        QuizError: `bad_request` if it is not an array in JSON.
    """
    try:
        entries = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"This is not JSON: {error}."
        raise QuizError(Code.BAD_REQUEST, message) from None
    if not isinstance(entries, list):
        raise QuizError(Code.BAD_REQUEST, "A bank is a JSON array of questions.")
    reading = Reading([], [])
    for place, entry in enumerate(entries, start=1):
        try:
            reading.drafts.append(_draft(entry))
        except QuizError as error:
            reading.problems.append(Problem(place, error.message, error.field, _text_of(entry)))
    return reading


def write(questions: Iterable[Question]) -> bytes:
    """Return questions as JSON that `read` takes back unchanged."""
    rows = [from_draft(question) for question in questions]
    return msgspec.json.format(msgspec.json.encode(rows), indent=2) + b"\n"


def sample() -> list[Draft]:
    """Return the questions that come with the program."""
    content = (resources.files("livequiz.bank") / "sample.json").read_bytes()
    return read(content).drafts


def knowledge() -> dict[str, Draft]:
    """Return the sample questions by their texts."""
    return {draft.text: draft for draft in sample()}


def _text_of(entry: object) -> str:
    """Return the beginning of a question's text, for people to find it."""
    text = entry.get("question") if isinstance(entry, dict) else None
    return shorten(text, 50, placeholder="…") if isinstance(text, str) else ""


def _draft(entry: object) -> Draft:
    if isinstance(entry, dict):
        entry = {key: value for key, value in entry.items() if key not in STORED_FIELDS}
    return to_draft(decode(entry, QuestionIn))
