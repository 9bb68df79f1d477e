"""Splits a GIFT file into blocks of text, one per question, that know their position in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from livequiz.bank.gift.marks import AS_TEXT, FROM_TEXT, find, may_be_tex
from livequiz.bank.languages import MARK
from livequiz.bank.reading import Place
from livequiz.domain.errors import Code, QuizError

CATEGORY = "$CATEGORY:"
_TAG = "[tag:"
_LINE = re.compile(r"\r\n|\r|\n")
# An escaped character, or an unescaped brace.
_BRACE = re.compile(r"\\.|[{}]")
# Answers of any type; doesn't match what code, formulas and JSON have in braces.
_ANSWERS = re.compile(
    r"\{\s*(?:[=~]\s*[^\s}~=]|~\s*=\s*[^\s}]|#\s*[=~\d.+-][^}]*\}|(?:TRUE|FALSE|T|F)\s*[#}])",
    re.IGNORECASE,
)
_CATEGORY = re.compile(r"^[ \t]*\$CATEGORY:", re.MULTILINE)
_NAMED = re.compile(r"^[ \t]*::.*::", re.MULTILINE)
_PARAGRAPH = re.compile(r"\n[ \t]*\n")


@dataclass(slots=True)
class Block:
    """The lines of one question, without comments.

    Attributes:
        text: Its lines.
        category: The path of its category.
        tags: The tags in the comments before it.
    """

    text: str
    category: str
    tags: list[str]
    _numbers: list[int] = field(default_factory=list)  # of the lines in the file, 1-based
    _starts: list[int] = field(default_factory=list)  # of the lines in `text`, 0-based

    def place(self, offset: int) -> Place:
        """Return the position in the file of a character of the text."""
        line = max(0, bisect_right(self._starts, offset) - 1)
        return Place(self._numbers[line], offset - self._starts[line] + 1)


def blocks(content: bytes) -> Iterator[Block]:
    """Yield the questions of a file as text.

    They are separated by blank lines. Inside braces, a blank line only counts if what follows
    must be a new question, so that a missing brace doesn't swallow the rest of the file.

    Raises:
        QuizError: `bad_request` if the file isn't valid UTF-8.
    """
    lines = _Lines()
    text = MARK.sub(lambda mark: mark[0].translate(AS_TEXT), decoded(content))
    for number, line in enumerate(_LINE.split(text), start=1):
        yield from lines.take(number, line)
    yield from lines.end()


class _Lines:
    """Collects the lines of the current question."""

    def __init__(self) -> None:
        self._category = ""
        self._tags: list[str] = []
        self._taken: list[tuple[int, str]] = []
        self._open = False  # whether its braces are open
        self._blank: int | None = None  # lines before the last blank one inside braces

    def take(self, number: int, line: str) -> Iterator[Block]:
        """Add a line; yields the question before it, if the line shows that it has ended."""
        start = line.strip()
        if start.startswith("//"):
            self._tags += _tags(start.translate(FROM_TEXT))
        elif not start and self._open:
            self._blank = len(self._taken)
        elif not start:
            yield from self.end()
        elif start.startswith(CATEGORY):
            yield from self.end()
            self._category = start.removeprefix(CATEGORY).strip().translate(FROM_TEXT)
        else:
            yield from self._forgotten(line)
            self._taken.append((number, line))
            for brace in _braces(line):
                self._open = brace == "{"

    def end(self) -> Iterator[Block]:
        """Yield the current question, if there is one."""
        if self._taken:
            yield _block(self._taken, self._category, self._tags)
        self._taken, self._tags, self._open, self._blank = [], [], False, None

    def _forgotten(self, line: str) -> Iterator[Block]:
        """Yield the question that ended at a blank line, if this line shows that it did.

        Braces don't nest, so one that opens here belongs to a question that began after the blank.
        """
        if self._blank is None or not self._open:
            return
        named = self._blank == len(self._taken) and line.lstrip().startswith("::")
        if named or next(_braces(line), "}") == "{":
            later = self._taken[self._blank :]
            self._taken = self._taken[: self._blank]
            yield from self.end()
            self._taken = later


def decoded(content: bytes) -> str:
    """Return a text file's text.

    Raises:
        QuizError: `bad_request` if it isn't valid UTF-8, with or without a byte order mark.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"This is not UTF-8 text (line {line}): save it as UTF-8 and try again."
        raise QuizError(Code.BAD_REQUEST, message) from None


def looks_like_gift(content: bytes, suffix: str) -> bool:
    """Return whether a file looks like GIFT: by its suffix, or as text with answers in braces."""
    if suffix == ".gift":
        return True
    return suffix in {".txt", ""} and _has_answers(beginning_of(content))


def _has_answers(text: str) -> bool:
    """Return whether at least half of the paragraphs with braces have answers in them.

    In LaTeX and in source code, they don't.
    """
    if "\\begin{document}" in text:
        return False
    if _CATEGORY.search(text):
        return True
    answers = others = 0
    for paragraph in _PARAGRAPH.split(MARK.sub("", text)):
        if (opened := find(paragraph, "{")) >= 0:
            is_answer = _NAMED.search(paragraph) or (
                _ANSWERS.match(paragraph, opened) and not may_be_tex(paragraph, opened)
            )
            answers, others = answers + bool(is_answer), others + (not is_answer)
    return answers > 0 and answers >= others


def beginning_of(content: bytes) -> str:
    """Return the beginning of any text file, with line ends as newlines."""
    start = content[:65_536].decode("utf-8-sig", errors="replace")
    return start.replace("\r\n", "\n").replace("\r", "\n")


def _braces(line: str) -> Iterator[str]:
    """Yield the unescaped braces of a line."""
    return (found[0] for found in _BRACE.finditer(line) if found[0] in "{}")


def _tags(comment: str) -> Iterator[str]:
    r"""Yield the tags of a comment, `[tag:a] [tag:b[1\]]`."""
    at = comment.find(_TAG)
    while at >= 0 and (end := find(comment, "]", at)) >= 0:
        yield comment[at + len(_TAG) : end].replace("\\]", "]")
        at = comment.find(_TAG, end)


def _block(taken: list[tuple[int, str]], category: str, tags: list[str]) -> Block:
    starts, at = [], 0
    for _, line in taken:
        starts.append(at)
        at += len(line) + 1
    text = "\n".join(line for _, line in taken)
    return Block(text, category, list(tags), [number for number, _ in taken], starts)
