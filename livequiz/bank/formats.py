"""The bank file formats, and detecting which one a file is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from livequiz.bank import native
from livequiz.bank.aiken import AIKEN
from livequiz.bank.csv_file import CSV
from livequiz.bank.format_type import Format
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
from livequiz.process.files import read_at_most

LARGEST_FILE = 64 * 1024 * 1024  # bytes
MOST_ITEMS = 100_000  # questions and problems per file
# The first that recognises a file reads it, so the most distinctive formats come first.
FORMATS: tuple[Format, ...] = (
    KAHOOT,
    XLSX,
    QTI3,
    QTI1,
    QTI,
    MOODLE,
    OPENTDB,
    native.YAML,
    native.JSON,
    CSV,
    OPENTRIVIAQA,
    TEXT2QTI,
    MARKDOWN,
    AIKEN,
    GIFT,
)


# The marks of one can occur in files of another.
_TEXTS = frozenset({OPENTRIVIAQA, TEXT2QTI, MARKDOWN, AIKEN, GIFT})


class Writable(NamedTuple):
    """A format that can be written."""

    title: str
    write: Callable[[Sequence[Draft]], Writing]


def named(name: str) -> Format:
    """Return the format with this name.

    Raises:
        QuizError: `bad_request` if there is none.
    """
    for known in FORMATS:
        if known.name == name:
            return known
    names = ", ".join(known.name for known in FORMATS)
    raise QuizError(Code.BAD_REQUEST, f"There is no format {name}; choose one of {names}.")


def to_write(path: Path, name: str | None = None) -> Writable:
    """Return the format to write a file in: the named one, else the one its suffix implies.

    Raises:
        QuizError: `bad_request` if there is none, or it is read-only.
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
    # If several formats share the suffix, prefer the one that lists it first.
    for known in sorted(writable, key=lambda known: known.suffixes[0] != suffix):
        if known.write and known.by_suffix and suffix in known.suffixes:
            return Writable(known.title, known.write)
    message = f"{path.name} does not say which format to write. Add --format with one of {names}."
    raise QuizError(Code.BAD_REQUEST, message)


def detect(content: bytes, suffix: str) -> Format:
    """Detect a file's format from its content and suffix.

    Args:
        content: The whole file.
        suffix: The file name's suffix, with the dot.

    Raises:
        QuizError: `bad_request` if no format recognises it, or the format is ambiguous.
    """
    found = [known for known in FORMATS if known.recognises(content, suffix.lower())]
    if found:
        return _certain(found, content) if found[0] in _TEXTS else found[0]
    titles = ", ".join(known.title for known in FORMATS)
    message = f"This is not a question bank in a format that LiveQuiz reads ({titles}); "
    raise QuizError(Code.BAD_REQUEST, f"{message}if it is, say which one with --format.")


def _certain(found: Sequence[Format], content: bytes) -> Format:
    """Choose between text formats that recognise a file: the first that finds questions in it.

    Raises:
        QuizError: `bad_request` if they find different questions.
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
    """Return the content of a bank file.

    Raises:
        QuizError: `bad_request` if it is too large or can't be read.
    """
    try:
        content = read_at_most(path, LARGEST_FILE + 1)  # a pipe doesn't report its length
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
    """Read a bank file in the given format, or else the detected one.

    Yields:
        The questions and problems, in file order.

    Raises:
        QuizError: `bad_request` if the file can't be read at all.
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
    """Read a whole bank file, as `read_file` does."""
    reading = Reading()
    for item in read_file(path, format_name):
        reading.take(item)
    return reading
