"""The bank file formats, and which one a file is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from livequiz.bank import own
from livequiz.bank.aiken import AIKEN
from livequiz.bank.csv_file import CSV
from livequiz.bank.format import Format
from livequiz.bank.gift import GIFT
from livequiz.bank.kahoot import KAHOOT
from livequiz.bank.markdown_lists import MARKDOWN
from livequiz.bank.moodle import MOODLE
from livequiz.bank.opentdb import OPENTDB
from livequiz.bank.opentriviaqa import OPENTRIVIAQA
from livequiz.bank.qti import QTI, QTI1, QTI3
from livequiz.bank.reading import (
    Entry,
    Item,
    Kind,
    Place,
    Problem,
    Reading,
    Writing,
    beginning,
)
from livequiz.bank.text2qti import TEXT2QTI
from livequiz.bank.xlsx_file import XLSX
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Draft
from livequiz.files import read_at_most

LARGEST_FILE = 64 * 1024 * 1024  # bytes
MOST_ITEMS = 100_000  # questions and problems of a file
# The first that recognises a file reads it, so those with the surest marks stand first.
FORMATS: tuple[Format, ...] = (
    KAHOOT,
    XLSX,
    QTI3,
    QTI1,
    QTI,
    MOODLE,
    OPENTDB,
    own.YAML,
    own.JSON,
    CSV,
    OPENTRIVIAQA,
    TEXT2QTI,
    MARKDOWN,
    AIKEN,
    GIFT,
)


# Their marks may stand in each other's texts.
_TEXTS = frozenset({OPENTRIVIAQA, TEXT2QTI, MARKDOWN, AIKEN, GIFT})


class Writable(NamedTuple):
    """A format that questions can be written in."""

    title: str
    write: Callable[[Sequence[Draft]], Writing]


def named(name: str) -> Format:
    """Return a format by its name.

    Raises:
        QuizError: `bad_request` if there is none.
    """
    for known in FORMATS:
        if known.name == name:
            return known
    names = ", ".join(known.name for known in FORMATS)
    raise QuizError(Code.BAD_REQUEST, f"There is no format {name}; choose one of {names}.")


def to_write(path: Path, name: str | None = None) -> Writable:
    """Return the format to write a file in: of that name, or the one its suffix stands for.

    Raises:
        QuizError: `bad_request` if there is none, or it is only read.
    """
    writable = [known for known in FORMATS if known.write]
    names = ", ".join(known.name for known in writable)
    if name is not None:
        known = named(name)
        if known.write is None:
            message = f"{known.title} is only read; choose one of {names}."
            raise QuizError(Code.BAD_REQUEST, message)
        return Writable(known.title, known.write)
    suffix = path.suffix.lower()
    # Of several that have it, the one whose usual suffix it is.
    for known in sorted(writable, key=lambda known: known.suffixes[0] != suffix):
        if known.write and known.by_suffix and suffix in known.suffixes:
            return Writable(known.title, known.write)
    message = f"Its name does not say what {path.name} should hold; say --format, one of {names}."
    raise QuizError(Code.BAD_REQUEST, message)


def detect(content: bytes, suffix: str) -> Format:
    """Return the format of a file, by its content first.

    Args:
        content: All of it.
        suffix: Of its name, with the dot.

    Raises:
        QuizError: `bad_request` if it is none that is known.
    """
    found = [known for known in FORMATS if known.recognises(content, suffix.lower())]
    if found:
        return _certain(found, content) if found[0] in _TEXTS else found[0]
    titles = ", ".join(known.title for known in FORMATS)
    message = f"This is no question bank in a format that LiveQuiz reads ({titles}); "
    raise QuizError(Code.BAD_REQUEST, f"{message}if it is, say which one with --format.")


def _certain(found: Sequence[Format], content: bytes) -> Format:
    """Return which of several text formats a file is in: the only one that finds questions in it.

    Raises:
        QuizError: `bad_request` if several find different ones.
    """
    if len(found) == 1:
        return found[0]
    read = {known: drafts for known in found if (drafts := _drafts(known, content))}
    best, *others = read or found
    if any(read[other] != read[best] for other in others if read):
        titles = " or ".join(known.title for known in read)
        names = " or ".join(f"--format {known.name}" for known in read)
        raise QuizError(Code.BAD_REQUEST, f"Is this {titles}? It can be read as each: say {names}.")
    return best


def _drafts(known: Format, content: bytes) -> list[Draft]:
    with suppress(QuizError):
        items = islice(known.read(content), MOST_ITEMS)
        return [item.draft for item in items if isinstance(item, Entry)]
    return []


def contents(path: Path) -> bytes:
    """Return what is in a bank file.

    Raises:
        QuizError: `bad_request` if it is too large or can't be read.
    """
    try:
        content = read_at_most(path, LARGEST_FILE + 1)  # a pipe does not say how long it is
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise QuizError(Code.BAD_REQUEST, f"{path} can't be read: {reason}.") from None
    if not content and path.is_fifo():
        raise QuizError(Code.BAD_REQUEST, f"{path} is empty.")
    if len(content) > LARGEST_FILE:
        limit = LARGEST_FILE // 2**20
        raise QuizError(Code.BAD_REQUEST, f"{path} is larger than {limit} MiB; split it.")
    return content


def read_file(path: Path, format_name: str | None = None) -> Iterator[Item]:
    """Read a bank file in the format that it is in.

    Yields:
        Each question, and each problem, in the file's order.

    Raises:
        QuizError: `bad_request` if it can't be read at all.
    """
    content = contents(path)
    try:
        known = named(format_name) if format_name else detect(content, path.suffix)
        for number, item in enumerate(known.read(content), start=1):
            if number > MOST_ITEMS:
                message = (
                    f"It has more than {MOST_ITEMS} questions; the others were not read. Split it."
                )
                yield Problem(Kind.WRONG, Place(), message)
                return
            yield item
            if isinstance(item, Entry):
                for note in item.notes:
                    yield Problem(Kind.LOST, item.place, note, beginning(item.draft.text))
    except QuizError as error:
        raise QuizError(error.code, f"{path}: {error.message}") from None


def read_whole(path: Path, format_name: str | None = None) -> Reading:
    """Read a bank file as `read_file` does, all of it."""
    reading = Reading()
    for item in read_file(path, format_name):
        reading.take(item)
    return reading
