"""Converts a tree of HTML elements to lines of text for terminals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livequiz.bank.html_lines import Lines
from livequiz.bank.html_tree import parse
from livequiz.bank.mathml import formula, is_formula
from livequiz.bank.reading import tidy

if TYPE_CHECKING:
    from lxml.etree import _Element

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
_CODE = frozenset({"code", "kbd", "samp"})
_RAISED = {"sup": "^", "sub": "_"}
_FRAMED = _CODE | _RAISED.keys() | {"del"}
_DEEPEST = 4  # nested code, `sup`, `sub` and `del`; anything deeper is plain text
_INDENTS = 8  # nested lists; deeper ones are indented no further
_LANGUAGE = re.compile(r"(?:language|lang|brush)[-:]\s*([\w+#.-]{1,30})")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_START = re.compile(r"[0-9]{1,9}")


class _Frame:
    """An open inline element that will get marks: code, `sup`, `sub` or `del`."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.pieces: list[str] = []


class Reader:
    """Converts an HTML tree to text: call `read`, then use `text()`, `lost` and `rewritten`."""

    def __init__(self) -> None:
        self.lost: list[str] = []
        self.rewritten = False  # whether a formula had to be written differently
        self._after_formula = False
        self._lines = Lines()
        self._frames: list[_Frame] = []
        self._too_deep = 0
        self._bold = 0
        self._lists: list[int | None] = []  # each open list's next number; None if bulleted
        self._fresh_list = False
        self._cells: int | None = None  # so far in this table row; None outside a row

    def read(self, root: _Element) -> None:
        """Read a whole tree, without recursion, as it may be deeply nested."""
        from lxml.etree import iterwalk  # noqa: PLC0415 - most runs read no HTML

        walk = iterwalk(root, events=("start", "end"))
        whole = None
        for event, element in walk:
            tag = str(element.tag)
            if event == "end":
                if element is not whole:
                    self._end(tag)
                self._data(element.tail)
            elif self._whole(tag, element):
                whole = element
                walk.skip_subtree()
            else:
                self._start(tag, element)
                self._data(element.text)

    def text(self) -> str:
        """Return the text read so far."""
        self._end_frames()
        return tidy(self._lines.text())

    def _whole(self, tag: str, element: _Element) -> bool:
        """Handle an element whose content isn't walked; return whether it was one."""
        hidden = "hidden" in element.attrib or _HIDDEN.search(element.get("style", ""))
        if hidden or tag in _SKIPPED:
            if not hidden:
                self._lose(element)
        elif tag == "pre":
            self._end_frames()
            for inner in element.iter(*_MEDIA):
                self._lose(inner)
            self._program(_text_of(element), _language_of(element))
        elif is_formula(tag):
            self._formula(element)
        elif tag == "img" and "data-mathml" in element.attrib:
            picture = parse(element.get("data-mathml", ""), self.lost)
            for inner in picture.iter() if picture is not None else ():
                if is_formula(str(inner.tag)):
                    self._formula(inner)
        else:
            self._lose(element)
            return False
        return True

    def _formula(self, math: _Element) -> None:
        text = formula(math)
        if text is None:
            self.lost.append("a formula that can't be written on one line")
            return
        alone = math.get("display") == "block" or math.get("mode") == "display"
        if alone:
            self._block()
        self._apart(text)
        self._say(text)
        self._after_formula = True
        plain = "".join("".join(math.itertext()).split())
        self.rewritten |= "".join(text.split()) != plain  # a lone x is unchanged
        if alone:
            self._block()

    def _apart(self, text: str) -> None:
        """Put a space between a formula and text it would run into, such as 1 and 1/2."""
        before = "".join(self._frames[-1].pieces[-1:]) if self._frames else self._lines.last
        if text[:1].isalnum() and before[-1:].isalnum():
            self._say(" ")

    def _lose(self, element: _Element) -> None:
        """Record a picture or other media, which terminals can't show."""
        if element.tag in _MEDIA:
            alt = tidy(element.get("alt", ""))
            self.lost.append(_MEDIA[element.tag] + (f" ({alt})" if alt else ""))

    def _start(self, tag: str, element: _Element) -> None:
        if tag in _FRAMED:
            self._begin_frame(tag)
        elif tag == "strong":
            self._bold += 1
        elif tag == "br":
            self._line_break()
        else:
            self._structure(tag, element)

    def _end(self, tag: str) -> None:
        if tag in _FRAMED:
            self._end_frame(tag)
        elif tag == "strong":
            self._bold -= 1
        elif tag == "p":
            self._block(gap=True)
        elif tag in _BLOCKS or tag == "li":
            self._end_structure(tag)

    def _data(self, data: str | None) -> None:
        if not data:
            return
        if self._after_formula:
            self._apart(data)
            self._after_formula = False
        if self._frames:
            self._frames[-1].pieces.append(re.sub(r"[ \t\r\n\f]+", " ", data))
        else:
            self._lines.add(data, bold=self._bold > 0)

    def _structure(self, tag: str, element: _Element) -> None:
        if tag in {"ul", "ol"}:
            start = element.get("start", "")
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
        if self._cells:  # a row stays on one line, whatever its cells contain
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
        elif frame.tag == "del":
            self._say(f"~~{' '.join(text.split())}~~" if text.strip() else text)
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

    def _program(self, text: str, language: str) -> None:
        lines = _program_lines(text)
        if lines:
            # Make the fence longer than any in the code.
            longest = max(len(line) - len(line.lstrip("`")) for line in lines)
            fence = "`" * max(3, longest + 1)
            self._lines.verbatim([fence + language, *lines, fence])


def _program_lines(text: str) -> list[str]:
    """Return the lines of a code block, without leading and trailing empty ones."""
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


def _text_of(pre: _Element) -> str:
    """Return the text of a code block as it is, with `<br>` as a newline."""
    for line_break in pre.iter("br"):
        line_break.text = "\n"
    return "".join(pre.itertext())


def _language_of(pre: _Element) -> str:
    """Return the language named by the classes of a `<pre>` or the `<code>` in it; else empty."""
    for element in pre.iter("pre", "code"):
        if found := _LANGUAGE.search(element.get("class", "")):
            return found[1]
    return ""
