"""Lays out text in lines as a browser would."""

from __future__ import annotations

import re

_SPACE = " \t\r\n\f"  # HTML whitespace, which collapses to one space
_SPACES = re.compile(f"[{_SPACE}]+")


class Lines:
    """Lines of text, built piece by piece.

    Spaces collapse and are stripped from line ends. Empty lines appear only between blocks that
    ask for a gap, or where line breaks leave them.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[tuple[str, bool]] = []  # pieces, and whether each is bold
        self._spaced = True  # whether a space here would be collapsed
        self._gap = False  # whether an empty line is due before the next text
        self._broken = 0  # further line breaks after the one that ended a line
        self._first = True  # whether this is the first line of its block
        self._mark = ""  # the pending marker of a list item

    def add(self, text: str, *, bold: bool = False) -> None:
        """Add text, collapsing its whitespace."""
        shown = _SPACES.sub(" ", text)
        if self._spaced:
            shown = shown.removeprefix(" ")
        if shown:
            self.add_exactly(shown, bold=bold)

    def add_exactly(self, text: str, *, bold: bool = False) -> None:
        """Add text as it is."""
        self._line.append((text, bold))
        self._spaced = text.endswith(" ")

    def space(self) -> None:
        """Separate what follows from what is in this line."""
        if not self._spaced:
            self.add_exactly(" ")

    @property
    def last(self) -> str:
        """The last character of the current line; empty if there is none yet."""
        return self._line[-1][0][-1:] if self._line else ""

    def line_break(self) -> None:
        """Start the next line, as `<br>` does."""
        if self._line:
            self._end()
        else:
            self._broken += 1
        self._first = False

    def block(self, *, gap: bool = False) -> None:
        """Start or end a block; `gap` asks for an empty line there."""
        if self._first and not "".join(piece for piece, _ in self._line).strip():
            self._line.clear()  # a blank block only separates its neighbours
        if self._line:
            self._end()
        self._broken = 0
        self._spaced = self._first = True
        if not self._mark:
            self._gap = self._gap or gap

    def entry(self, mark: str, *, first: bool) -> None:
        """Begin a list item; its marker is written once the item has content."""
        self.block()
        self._mark = mark
        self._gap = self._gap and first

    def no_entry(self) -> None:
        """Drop the marker of an empty item."""
        self._mark = ""

    def verbatim(self, lines: list[str]) -> None:
        """Add whole lines as they are, with a gap around them."""
        self.block(gap=True)
        if self._mark:  # the marker gets its own line
            self._end()
            self._gap = True
        self._part()
        self._lines += lines
        self.block(gap=True)

    def text(self) -> str:
        """Return all lines."""
        self.block()
        return "\n".join(self._lines)

    def _end(self) -> None:
        self._part()
        self._lines.append((self._mark + _marked(self._line)).rstrip(" "))
        self._mark = ""
        self._line.clear()
        self._spaced = True

    def _part(self) -> None:
        """Write the empty lines that are due."""
        if self._gap and self._lines:
            self._lines.append("")
        self._lines += [""] * self._broken
        self._gap, self._broken = False, 0


def _marked(pieces: list[tuple[str, bool]]) -> str:
    """Return the line with `**` around its bold text."""
    runs: list[tuple[list[str], bool]] = []
    for text, bold in pieces:
        if not runs or runs[-1][1] != bold:
            runs.append(([], bold))
        runs[-1][0].append(text)
    texts = ["".join(run) for run, _ in runs]
    for place, (_, bold) in enumerate(runs):
        before = texts[place - 1][-1:] if place else ""
        after = texts[place + 1][:1] if place + 1 < len(runs) else ""
        if bold:
            texts[place] = _bold(texts[place], before, after)
    return "".join(texts)


def _bold(text: str, before: str, after: str) -> str:
    """Put `**` around bold text, unless it borders on a word, where `**` wouldn't mean bold."""
    words = text.strip()
    start = text.index(words)
    left, right = text[:start], text[start + len(words) :]
    joined = (not left and _in_word(before)) or (not right and _in_word(after))
    return text if joined or not words or "*" in words else f"{left}**{words}**{right}"


def _in_word(character: str) -> bool:
    return character.isalnum() or character in {"_", "*"}
