"""A GIFT file as blocks of text, one for each question, that know where they stand."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from livequiz.bank.reading import Place
from livequiz.domain.errors import Code, QuizError

CATEGORY = "$CATEGORY:"
_TAG = re.compile(r"\[tag:([^\]]*)\]")
_LINE = re.compile(r"\r\n|\r|\n")
# An escaped character, or a brace that counts.
_BRACE = re.compile(r"\\.|[{}]")
_NEW = ("::", CATEGORY)


@dataclass(slots=True)
class Block:
    """The lines of one question, without comments.

    Attributes:
        text: Its lines.
        category: The path that it is filed under.
        tags: Those of the comments before it.
    """

    text: str
    category: str
    tags: list[str]
    _numbers: list[int] = field(default_factory=list)  # of its lines in the file, 1-based
    _starts: list[int] = field(default_factory=list)  # of its lines in `text`, 0-based

    def place(self, offset: int) -> Place:
        """Return where a character of the text stands in the file."""
        line = max(0, bisect_right(self._starts, offset) - 1)
        return Place(self._numbers[line], offset - self._starts[line] + 1)


def blocks(content: bytes) -> Iterator[Block]:
    """Yield the questions of a file as text.

    Blank lines part them. In braces they do not, unless what follows can only be a new question:
    one brace that was forgotten does not swallow the rest.

    Raises:
        QuizError: `bad_request` if it is no UTF-8.
    """
    lines = _LINE.split(decoded(content))
    category, tags = "", []
    taken: list[tuple[int, str]] = []
    depth, blank = 0, False
    for number, line in enumerate(lines, start=1):
        start = line.strip()
        if start.startswith("//"):
            tags += _TAG.findall(start)
            continue
        if not start:
            blank = True
            if depth or not taken:
                continue
        if taken and (not start or (blank and (not depth or start.startswith(_NEW)))):
            yield _block(taken, category, tags)
            taken, tags, depth = [], [], 0
        if not start:
            continue
        blank = False
        if start.startswith(CATEGORY):
            if taken:
                yield _block(taken, category, tags)
                taken, tags, depth = [], [], 0
            category = start.removeprefix(CATEGORY).strip()
            continue
        taken.append((number, line))
        depth = _depth(line, depth)
    if taken:
        yield _block(taken, category, tags)


def decoded(content: bytes) -> str:
    """Return a text file's text.

    Raises:
        QuizError: `bad_request` if it is no UTF-8, with or without a mark at its beginning.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"This is no text in UTF-8 (line {line}): save it as UTF-8 and try again."
        raise QuizError(Code.BAD_REQUEST, message) from None


def looks_like_gift(content: bytes, suffix: str) -> bool:
    """Return whether a file is GIFT: by its name, or as text with answers in braces."""
    if suffix == ".gift":
        return True
    start = content[:65_536].decode("utf-8-sig", errors="replace")
    named = re.search(r"^::|^\$CATEGORY:", start, re.MULTILINE) is not None
    answers = re.search(r"(?<!\\)\{\s*(?:[=~#]|TRUE\b|FALSE\b|T\b|F\b)", start) is not None
    return suffix in {".txt", ""} and (answers or (named and "{" in start))


def _depth(line: str, depth: int) -> int:
    for found in _BRACE.finditer(line):
        if found[0] == "{":
            depth += 1
        elif found[0] == "}":
            depth = max(0, depth - 1)
    return depth


def _block(taken: list[tuple[int, str]], category: str, tags: list[str]) -> Block:
    starts, at = [], 0
    for _, line in taken:
        starts.append(at)
        at += len(line) + 1
    text = "\n".join(line for _, line in taken)
    return Block(text, category, list(tags), [number for number, _ in taken], starts)
