"""GIFT's special characters (marks) and escapes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from livequiz.bank.reading import Kind

# A weight in percent. A percent sign that isn't followed by a number is text: `%d and %s`.
WEIGHT = re.compile(r"\s*%([\s\d.,+-]+)%", re.ASCII)
# Stand-ins for braces that aren't GIFT's: those of `{mlang en}`, which names a text's language.
AS_TEXT = {ord("{"): "\ue000", ord("}"): "\ue001"}
FROM_TEXT = {0xE000: "{", 0xE001: "}"}
_ESCAPED = re.compile(r"\\([~=#{}:n\\])")
_SPECIAL = re.compile(r"[~=#{}:\\]")
# What precedes a brace in TeX: x^{2}, x_{2}, \frac{a}; but `___` is a gap, `\n` a line end.
_COMMAND = r"\\(?:norm|newcommand|(?!n)[A-Za-z]+)\*?"
_JOINED = re.compile(rf"(?:\^|(?<!_)_|{_COMMAND})\Z")
_NEAR = re.compile(rf"(?:(?<!\\)[\]}}]|(?<!\\){_COMMAND}\s+)\Z")
_BRACKETS = (("\\(", "\\)"), ("\\[", "\\]"))
_LONGEST = 500  # characters of a formula
_MARKED = re.compile(r"\s*(?:[=~}]|#\s*[=~\d.+-])")


class Wrong(Exception):  # noqa: N818 - internal to this package
    """An error that keeps a question from being imported.

    Args:
        message: A sentence that says what to do.
        offset: The position in the question's block.
        kind: What this means for the question.
    """

    def __init__(self, message: str, offset: int, kind: Kind = Kind.WRONG) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.kind = kind


def unescape(text: str) -> str:
    r"""Return text with GIFT's escapes resolved: `\n` is a line end, `\=` an equals sign."""
    plain = _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], text)
    return plain.translate(FROM_TEXT)


def escape(text: str) -> str:
    r"""Return text escaped for GIFT, on one line."""
    return _SPECIAL.sub(lambda found: "\\" + found[0], text).replace("\n", "\\n")


def find(text: str, mark: str, start: int = 0) -> int:
    """Return the index of the first unescaped mark; -1 if there is none."""
    at = text.find(mark, start)
    while at > 0 and _is_escaped(text, at):
        at = text.find(mark, at + 1)
    return at


def find_last(text: str, mark: str) -> int:
    """Return the index of the last unescaped mark; -1 if there is none."""
    at = text.rfind(mark)
    while at > 0 and _is_escaped(text, at):
        at = text.rfind(mark, 0, at + len(mark) - 1)
    return at


def split(text: str, marks: str, most: int = -1) -> Iterator[tuple[str, str, int]]:
    """Yield each unescaped mark of a text, with the text after it and the mark's index.

    The text before the first mark comes with an empty mark.

    Args:
        text: The text to split.
        marks: The characters to split at.
        most: The maximum number of splits; unlimited if negative.
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
    """Return whether a brace may be part of a formula instead of opening the answers."""
    near = text[max(0, opened - 40) : opened]
    if _JOINED.search(near):
        return True
    if _MARKED.match(text, opened + 1):
        return False
    return _NEAR.search(near) is not None or _in_formula(text, opened)


def is_in_formula(text: str, start: int, at: int) -> bool:
    """Return whether a mark is inside a formula of the answer before it.

    Args:
        text: The text between the braces.
        start: The index where that answer begins.
        at: The index of the mark.
    """
    before, after = text[start:at].replace("$$", "$"), text[at + 1 : at + _LONGEST]
    if (before.count("$") - before.count("\\$")) % 2:
        dollar = find(after, "$")  # after a space or a mark, it closes no formula: `$5 ~$6`
        if dollar > 0 and not after[dollar - 1].isspace() and after[dollar - 1] not in "=~":
            return True
    return any(before.rfind(begin) > before.rfind(end) and end in after for begin, end in _BRACKETS)


def _in_formula(text: str, at: int) -> bool:
    """Return whether a brace is inside a formula that is closed after the braces."""
    closed = max(at, find(text, "}", at))
    dollars = text.count("$", 0, at) - text.count("\\$", 0, at)
    if dollars % 2 and text.find("$", closed) >= 0:
        return True
    return any(
        text.rfind(begin, 0, at) > text.rfind(end, 0, at) and text.find(end, closed) >= 0
        for begin, end in _BRACKETS
    )


def _is_escaped(text: str, at: int) -> bool:
    """Return whether an odd number of backslashes precedes an index."""
    count = 0
    while at - count > 0 and text[at - count - 1] == "\\":
        count += 1
    return count % 2 == 1
