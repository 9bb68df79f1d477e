"""HTML's tags and text as lines of text for terminals."""

from __future__ import annotations

import re

from livequiz.bank.html_lines import Lines
from livequiz.bank.html_tokens import Tokens
from livequiz.bank.reading import tidy

_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd div dl dt figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr main nav ol p section table tbody tfoot thead tr ul".split()
)
_DRAWN = frozenset({"svg", "canvas"})
_SKIPPED = frozenset({"script", "style", "head", "title", "template", "noscript", *_DRAWN})
_MEDIA = {
    "img": "a picture",
    "audio": "a sound",
    "video": "a film",
    "iframe": "a page in the page",
    "object": "an embedded file",
    "embed": "an embedded file",
    "svg": "a drawing",
    "canvas": "a drawing",
}
_CODE = frozenset({"code", "tt", "kbd", "samp"})
_RAISED = {"sup": "^", "sub": "_"}
_BOLD = frozenset({"b", "strong"})
_DEEPEST = 4  # raised or lowered text and code within one another; what is deeper is plain
_INDENTS = 8  # lists within lists; those that are deeper stand no further in
_LANGUAGE = re.compile(r"(?:language|lang|brush)[-:]\s*([\w+#.-]{1,30})")
_START = re.compile(r"[0-9]{1,9}")


class _Frame:
    """Code within a line, or raised or lowered text, that has begun."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.pieces: list[str] = []


class Reader(Tokens):
    """What makes text of HTML: `feed` it, then take `text` and `lost`."""

    def __init__(self) -> None:
        self.lost: list[str] = []
        self._lines = Lines()
        self._skipped = 0
        self._pre: list[str] | None = None  # the text of a code block
        self._language = ""
        self._frames: list[_Frame] = []
        self._too_deep = 0
        self._bold = 0
        self._lists: list[int | None] = []  # the next number of each open list, if it has any
        self._fresh_list = False
        self._cells: int | None = None  # of this row of a table, if it is in one

    def text(self) -> str:
        self._end_pre()
        self._end_frames()
        return tidy(self._lines.text())

    def handle_starttag(self, tag: str, attrs: dict[str, str]) -> None:
        if tag in _MEDIA and not self._skipped:
            about = f" ({tidy(attrs['alt'])})" if attrs.get("alt", "").strip() else ""
            self.lost.append(_MEDIA[tag] + about)
        if tag in _SKIPPED:
            self._skipped += 1
        elif self._pre is not None:
            self._in_pre(tag, attrs)
        elif tag == "pre":
            self._end_frames()
            self._pre, self._language = [], _language(attrs)
        elif tag in _CODE or tag in _RAISED:
            self._begin_frame(tag)
        elif tag in _BOLD:
            self._bold += 1
        elif tag == "br":
            self._line_break()
        else:
            self._structure(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipped = max(0, self._skipped - 1)
        elif self._pre is not None:
            if tag == "pre":
                self._end_pre()
        elif tag in _CODE or tag in _RAISED:
            self._end_frame(tag)
        elif tag in _BOLD:
            self._bold = max(0, self._bold - 1)
        elif tag == "p":
            self._block(gap=True)
        elif tag in _BLOCKS or tag == "li":
            self._end_structure(tag)

    def handle_data(self, data: str) -> None:
        if self._skipped:
            return
        if self._pre is not None:
            self._pre.append(data)
        elif self._frames:
            self._frames[-1].pieces.append(re.sub(r"[ \t\r\n\f]+", " ", data))
        else:
            self._lines.add(data, bold=self._bold > 0)

    def _in_pre(self, tag: str, attrs: dict[str, str]) -> None:
        if self._pre is not None and tag == "br":
            self._pre.append("\n")
        elif tag == "code":
            self._language = self._language or _language(attrs)

    def _structure(self, tag: str, attrs: dict[str, str]) -> None:
        if tag in {"ul", "ol"}:
            start = attrs.get("start", "")
            number = int(start) if _START.fullmatch(start) else 1
            self._lists.append(number if tag == "ol" else None)
            self._fresh_list = True
        if tag == "li":
            self._entry()
        elif tag in {"td", "th"}:
            self._cell()
        elif tag in _BLOCKS:
            if tag in {"tr", "table"}:
                self._cells = None
            self._block(gap=tag == "p")
            if tag == "tr":
                self._cells = 0

    def _end_structure(self, tag: str) -> None:
        if tag in {"tr", "table"}:
            self._cells = None
        self._block()
        if tag in {"ul", "ol"} and self._lists:
            self._lists.pop()
            self._lines.no_entry()

    def _entry(self) -> None:
        self._end_frames()
        number = self._lists[-1] if self._lists else None
        if number is not None:
            self._lists[-1] = number + 1
        indent = "  " * min(len(self._lists) - 1, _INDENTS)
        mark = indent + ("- " if number is None else f"{number}. ")
        self._lines.entry(mark, first=self._fresh_list)
        self._fresh_list = False

    def _cell(self) -> None:
        self._end_frames()
        if self._cells:
            self._lines.space()
            self._lines.add_exactly("| ")
        self._cells = (self._cells or 0) + 1

    def _block(self, *, gap: bool = False) -> None:
        self._end_frames()
        if self._cells:  # a row is one line, whatever is in its cells
            self._lines.space()
        else:
            self._lines.block(gap=gap)

    def _line_break(self) -> None:
        if self._frames:
            self._frames[-1].pieces.append("\n")
        elif self._cells:
            self._lines.space()
        else:
            self._lines.line_break()

    def _begin_frame(self, tag: str) -> None:
        if len(self._frames) < _DEEPEST:
            self._frames.append(_Frame(tag))
        else:
            self._too_deep += 1

    def _end_frame(self, tag: str) -> None:
        if self._too_deep:
            self._too_deep -= 1
        elif any(frame.tag == tag for frame in self._frames):
            while self._pop_frame() != tag:
                pass

    def _end_frames(self) -> None:
        self._too_deep = 0
        while self._frames:
            self._pop_frame()

    def _pop_frame(self) -> str:
        frame = self._frames.pop()
        text = "".join(frame.pieces)
        if frame.tag in _RAISED:
            self._say(_raised(frame.tag, " ".join(text.split())))
        elif self._frames:
            self._say(text)
        elif "\n" in text.strip():
            self._program(text, "")
        else:
            self._say(_code(text.replace("\n", " ").strip(" ")))
        return frame.tag

    def _say(self, text: str) -> None:
        if text and self._frames:
            self._frames[-1].pieces.append(text)
        elif text:
            self._lines.add_exactly(text, bold=self._bold > 0)

    def _end_pre(self) -> None:
        if self._pre is not None:
            self._program("".join(self._pre), self._language)
            self._pre = None

    def _program(self, text: str, language: str) -> None:
        lines = _program_lines(text)
        if lines:
            # The fence is longer than any in the program.
            longest = max(len(line) - len(line.lstrip("`")) for line in lines)
            fence = "`" * max(3, longest + 1)
            self._lines.verbatim([fence + language, *lines, fence])


def _program_lines(text: str) -> list[str]:
    """Return the lines of a program, without empty ones around it."""
    lines = [
        tidy(f".{line}")[1:].expandtabs(4).rstrip()
        for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    ]
    shown = [place for place, line in enumerate(lines) if line]
    return lines[shown[0] : shown[-1] + 1] if shown else []


def _code(text: str) -> str:
    return f"`{text}`" if text and "`" not in text else text


def _raised(tag: str, text: str) -> str:
    short = len(text) == 1 or text.isdecimal()
    return _RAISED[tag] + (text if short else f"{{{text}}}") if text else ""


def _language(given: dict[str, str]) -> str:
    found = _LANGUAGE.search(given.get("class", ""))
    return found[1] if found else ""
