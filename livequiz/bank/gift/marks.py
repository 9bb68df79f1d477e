"""GIFT's marks and escapes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from livequiz.bank.reading import Kind

# A weight in per cent. A percent sign before anything but a number is text: `%d and %s`.
WEIGHT = re.compile(r"\s*%([\s\d.,+-]+)%", re.ASCII)
# Braces that are no marks of GIFT's: those of `{mlang en}`, which say which language a text is in.
AS_TEXT = {ord("{"): "\ue000", ord("}"): "\ue001"}
_FROM_TEXT = {0xE000: "{", 0xE001: "}"}
_ESCAPED = re.compile(r"\\([~=#{}:n\\])")
_SPECIAL = re.compile(r"[~=#{}:\\]")
# What a brace of TeX's stands behind: x^{2}, x_{2}, \frac{a}; but `___` is a gap, `\n` a line end.
_COMMAND = r"\\(?:norm|newcommand|(?!n)[A-Za-z]+)\*?"
_JOINED = re.compile(rf"(?:\^|(?<!_)_|{_COMMAND})\Z")
_NEAR = re.compile(rf"(?:(?<!\\)[\]}}]|(?<!\\){_COMMAND}\s+)\Z")
_BRACKETS = (("\\(", "\\)"), ("\\[", "\\]"))
_LONGEST = 500  # characters of a formula
_MARKED = re.compile(r"\s*(?:[=~}]|#\s*[=~\d.+-])")


class Wrong(Exception):  # noqa: N818 - nobody outside this package sees it
    """What is wrong with a question.

    Args:
        message: A sentence that says what to do.
        offset: At which character of its block.
        kind: What that means for it.
    """

    def __init__(self, message: str, offset: int, kind: Kind = Kind.WRONG) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.kind = kind


def unescape(text: str) -> str:
    r"""Return text without GIFT's escapes: `\n` is a line end, `\=` an equals sign."""
    plain = _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], text)
    return plain.translate(_FROM_TEXT)


def escape(text: str) -> str:
    r"""Return text that GIFT takes for text, on one line."""
    return _SPECIAL.sub(lambda found: "\\" + found[0], text).replace("\n", "\\n")


def find(text: str, mark: str, start: int = 0) -> int:
    """Return where a mark stands that no backslash takes its meaning from; -1 if nowhere."""
    at = text.find(mark, start)
    while at > 0 and _is_escaped(text, at):
        at = text.find(mark, at + 1)
    return at


def find_last(text: str, mark: str) -> int:
    """Return the last place that `find` could return."""
    at = text.rfind(mark)
    while at > 0 and _is_escaped(text, at):
        at = text.rfind(mark, 0, at + len(mark) - 1)
    return at


def split(text: str, marks: str, most: int = -1) -> Iterator[tuple[str, str, int]]:
    """Yield the marks of a text, with the text after each and where the mark stands.

    What stands before the first mark comes with an empty mark.

    Args:
        text: What to split.
        marks: The characters to split at.
        most: How many marks count at most; all of them if negative.
    """
    mark, start, at = "", 0, 0
    for found in re.finditer(rf"\\.|[{re.escape(marks)}]", text, re.DOTALL):
        if most == 0:
            break
        if found[0].startswith("\\"):
            continue
        yield mark, text[start : found.start()], at
        mark, start, at = found[0], found.end(), found.start()
        most -= 1
    yield mark, text[start:], at


def may_be_tex(text: str, opened: int) -> bool:
    """Return whether a brace may belong to a formula rather than open answers."""
    near = text[max(0, opened - 40) : opened]
    if _JOINED.search(near):
        return True
    if _MARKED.match(text, opened + 1):
        return False
    return _NEAR.search(near) is not None or _in_formula(text, opened)


def is_in_formula(text: str, start: int, at: int) -> bool:
    """Return whether a mark stands in a formula of the answer before it.

    Args:
        text: What stands in the braces.
        start: Where that answer begins.
        at: Where the mark stands.
    """
    before, after = text[start:at].replace("$$", "$"), text[at + 1 : at + _LONGEST]
    if (before.count("$") - before.count("\\$")) % 2:
        dollar = find(after, "$")  # it closes no formula behind a space or a mark: `$5 ~$6`
        if dollar > 0 and not after[dollar - 1].isspace() and after[dollar - 1] not in "=~":
            return True
    return any(before.rfind(begin) > before.rfind(end) and end in after for begin, end in _BRACKETS)


def _in_formula(text: str, at: int) -> bool:
    """Return whether a formula stands open at a brace, and is closed after it."""
    closed = max(at, find(text, "}", at))
    dollars = text.count("$", 0, at) - text.count("\\$", 0, at)
    if dollars % 2 and text.find("$", closed) >= 0:
        return True
    return any(
        text.rfind(begin, 0, at) > text.rfind(end, 0, at) and text.find(end, closed) >= 0
        for begin, end in _BRACKETS
    )


def _is_escaped(text: str, at: int) -> bool:
    """Return whether an odd number of backslashes stands before a place."""
    count = 0
    while at - count > 0 and text[at - count - 1] == "\\":
        count += 1
    return count % 2 == 1
