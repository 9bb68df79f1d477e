"""The bank file formats, and which one a file is in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from livequiz.bank import own
from livequiz.bank.format import Format
from livequiz.bank.reading import Item
from livequiz.domain.errors import Code, QuizError

LARGEST_FILE = 64 * 1024 * 1024  # bytes
# The first that recognises a file reads it, so those with the surest marks stand first.
FORMATS: tuple[Format, ...] = (
    own.JSON,
    own.YAML,
)


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


def for_writing(path: Path) -> Format:
    """Return the format that a file's suffix stands for.

    Raises:
        QuizError: `bad_request` if it stands for none that can be written.
    """
    writable = [known for known in FORMATS if known.write]
    for known in writable:
        if path.suffix.lower() in known.suffixes:
            return known
    names = ", ".join(known.name for known in writable)
    message = f"What {path.name} should hold can't be told from its name; say --format, one of "
    raise QuizError(Code.BAD_REQUEST, f"{message}{names}.")


def detect(content: bytes, suffix: str) -> Format:
    """Return the format of a file, by its content first.

    Args:
        content: All of it.
        suffix: Of its name, with the dot.

    Raises:
        QuizError: `bad_request` if it is none that is known.
    """
    for known in FORMATS:
        if known.recognises(content, suffix.lower()):
            return known
    titles = ", ".join(known.title for known in FORMATS)
    message = f"This is no question bank in a format that LiveQuiz reads ({titles}); "
    raise QuizError(Code.BAD_REQUEST, f"{message}if it is, say which one with --format.")


def contents(path: Path) -> bytes:
    """Return what is in a bank file.

    Raises:
        QuizError: `bad_request` if it is too large or can't be read.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            limit = LARGEST_FILE // 2**20
            raise QuizError(Code.BAD_REQUEST, f"{path} is larger than {limit} MiB; split it.")
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise QuizError(Code.BAD_REQUEST, f"{path} can't be read: {reason}.") from None


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
        yield from known.read(content)
    except QuizError as error:
        raise QuizError(error.code, f"{path}: {error.message}") from None
