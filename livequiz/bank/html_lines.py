"""The lines of a text as a browser would lay them out: what `html_text` writes them with."""

from __future__ import annotations

import re

_SPACE = " \t\r\n\f"  # what HTML takes for one space
_SPACES = re.compile(f"[{_SPACE}]+")


class Lines:
    """Lines that grow piece by piece.

    Spaces that meet are one, none stand at a line's ends, and empty lines stand only between
    blocks that ask for them, or where line breaks leave them.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[tuple[str, bool]] = []  # pieces, and whether they are bold
        self._spaced = True  # whether a space here would not be seen
        self._gap = False  # whether an empty line parts what comes from what was
        self._broken = 0  # line breaks in a row, after the one that ended a line
        self._first = True  # whether the line is the first one of its block
        self._mark = ""  # what stands before the text of a list's entry

    def add(self, text: str, *, bold: bool = False) -> None:
        """Add text in which spaces and line ends mean one space."""
        shown = _SPACES.sub(" ", text)
        if self._spaced:
            shown = shown.removeprefix(" ")
        if shown:
            self.add_exactly(shown, bold=bold)

    def add_exactly(self, text: str, *, bold: bool = False) -> None:
        """Add text as it stands."""
        self._line.append((text, bold))
        self._spaced = text.endswith(" ")

    def space(self) -> None:
        """Part what comes from what is in this line."""
        if not self._spaced:
            self.add_exactly(" ")

    @property
    def last(self) -> str:
        """The last character of the line; empty if there is none yet."""
        return self._line[-1][0][-1:] if self._line else ""

    def line_break(self) -> None:
        """Go to the next line, as `<br>` does."""
        if self._line:
            self._end()
        else:
            self._broken += 1
        self._first = False

    def block(self, *, gap: bool = False) -> None:
        """End what a block's start or end ends; `gap` asks for an empty line there."""
        if self._first and not "".join(piece for piece, _ in self._line).strip():
            self._line.clear()  # a block with nothing to see in it keeps others apart, no more
        if self._line:
            self._end()
        self._broken = 0
        self._spaced = self._first = True
        if not self._mark:
            self._gap = self._gap or gap

    def entry(self, mark: str, *, first: bool) -> None:
        """Begin an entry of a list; its mark is shown as soon as there is something in it."""
        self.block()
        self._mark = mark
        self._gap = self._gap and first

    def no_entry(self) -> None:
        """Forget the mark of an entry that had nothing in it."""
        self._mark = ""

    def verbatim(self, lines: list[str]) -> None:
        """Add whole lines as they stand, apart from others."""
        self.block(gap=True)
        if self._mark:  # it has a line of its own
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
        """Add the empty lines that are due."""
        if self._gap and self._lines:
            self._lines.append("")
        self._lines += [""] * self._broken
        self._gap, self._broken = False, 0


def _marked(pieces: list[tuple[str, bool]]) -> str:
    """Return a line, its bold words between stars."""
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
    """Return bold text with its stars, if stars there mean bold: not within a word."""
    words = text.strip()
    start = text.index(words)
    left, right = text[:start], text[start + len(words) :]
    joined = (not left and _in_word(before)) or (not right and _in_word(after))
    return text if joined or not words or "*" in words else f"{left}**{words}**{right}"


def _in_word(character: str) -> bool:
    return character.isalnum() or character in {"_", "*"}
