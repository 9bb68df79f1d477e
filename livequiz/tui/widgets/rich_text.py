"""Authors' text in a small, safe subset of Markdown.

Fenced code blocks (highlighted if they name a language), `code` and **bold** words; all else is
shown as it stands, so that what was never meant as Markdown reads as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments.token import Token as Part
from pygments.util import ClassNotFound
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.highlight import HighlightTheme, highlight
from textual.widgets import Static

from livequiz.tui.base import indented, plain

CODE = "$accent on $panel"
HANG = 2  # columns by which the rest of a long line of code is further in than its beginning
LEAST = 4  # columns in which a line can be wrapped so
_MARKDOWN = MarkdownIt("zero").enable(["fence", "backticks", "emphasis"])
_FENCE = re.compile(r"`{3,}[ ]*[\w+#.-]*")
# In 2**3**2 stars are no Markdown; they are put out of its sight for as long as it looks.
_STARS = re.compile(r"(?<=\w)\*\*(?=\w)")
_HIDDEN = "\ue000\ue000"


class CodeTheme(HighlightTheme):
    """The colours of programs: those of the rest of the screen, which can be read on a panel."""

    STYLES: ClassVar[dict[tuple[str, ...], str]] = {  # type: ignore[misc]
        Part.Comment: "$muted italic",
        Part.Keyword: "$accent bold",
        Part.Operator.Word: "$accent bold",
        Part.Literal.String: "$success",
        Part.Literal.Number: "$warning",
        Part.Name.Builtin: "$primary",
        Part.Name.Class: "$primary bold",
        Part.Name.Decorator: "$primary",
        Part.Name.Function: "$primary bold",
        Part.Name.Tag: "$accent bold",
        Part.Name.Attribute: "$warning",
    }


@dataclass(frozen=True, slots=True)
class Block:
    """A block of text; `language` is None for prose, and "" for code without a language."""

    text: str
    language: str | None = None


def blocks(text: str) -> Iterator[Block]:
    """Yield a text's prose and code blocks in order."""
    lines = text.split("\n")
    seen = 0
    for token in _MARKDOWN.parse(text):
        if token.type == "fence" and token.map:
            start, end = token.map
            if _FENCE.fullmatch(lines[start].strip()) is None:
                continue  # more than a language after the fence: it would be lost
            yield from _prose(lines[seen:start])
            yield Block(token.content.rstrip("\n"), token.info.split(" ")[0].strip())
            seen = end
    yield from _prose(lines[seen:])


def outline(text: str) -> str:
    """Return a text's prose, with each code block cut to its first non-blank line."""
    parts = (
        block.text if block.language is None else block.text.strip().partition("\n")[0].rstrip()
        for block in blocks(text)
    )
    return "\n".join(part for part in parts if part)


def inline(text: str) -> Content:
    """Return prose with `code` and **bold** styled, safe to show."""
    shown = plain(text)
    lines = shown.plain.split("\n")
    if not any(mark in shown.plain for mark in ("`", "**")):
        return shown
    return Content("\n").join([_line(line) for line in lines])


def code(text: str, language: str) -> Content:
    """Return code, highlighted if its language is known."""
    shown = plain(text).plain.replace("\u00a0", " ")
    try:
        found = highlight(shown, language=language or "text", theme=CodeTheme)
    except ClassNotFound:
        found = Content(shown)
    return Content(indented(found.plain), spans=list(found.spans))


class CodeBlock(Static):
    """A program; the rest of a line that is too long hangs below its own indentation."""

    def __init__(self, program: Content, classes: str) -> None:
        super().__init__(program, classes=classes)
        self._program = program

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(hung(self._program, width))

    def render(self) -> Content:
        return Content("\n").join(hung(self._program, self.content_size.width))


class RichText(Vertical):
    """A text with its code blocks; takes no space if empty."""

    DEFAULT_CSS = """
    RichText { height: auto; }
    RichText .code { background: $panel; padding: 1 2; width: 1fr; }
    RichText .-next { margin: 1 0 0 0; }
    """

    def __init__(
        self,
        text: str = "",
        *,
        id: str | None = None,  # noqa: A002 - the library's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._text = text
        self._shown: list[Static] = []

    def compose(self) -> ComposeResult:
        self._shown = list(self._statics())
        yield from self._shown

    def show(self, text: str) -> AwaitComplete:
        """Replace the text; in the widget that is there if both texts are prose alone."""
        self._text = text
        now, self._shown = self._shown, list(self._statics())
        if [type(each) for each in (*now, *self._shown)] == [Static, Static]:
            now[0].update(self._shown[0].content)
            self._shown = now
            return AwaitComplete()
        return AwaitComplete(self.remove_children(), self.mount_all(self._shown))

    def _statics(self) -> Iterator[Static]:
        for place, block in enumerate(blocks(self._text)):
            classes = "-next" if place else ""
            if block.language is None:
                yield Static(inline(block.text), classes=f"prose {classes}")
            else:
                yield CodeBlock(code(block.text, block.language), f"code {classes}")


def hung(program: Content, width: int) -> list[Content]:
    """Return the rows of a program in so many columns."""
    return [row for line in program.split(allow_blank=True) for row in _rows(line, width)]


def _rows(line: Content, width: int) -> list[Content]:
    if line.cell_length <= width or width < LEAST:
        return [line]
    words = line.plain.lstrip()
    indent = len(line) - len(words)
    start, further = min(indent, width // 2), min(indent + HANG, width // 2)
    first = line[indent:].wrap(width - start)[0]
    rest = line[len(line) - len(words[len(first) :].lstrip()) :]
    return [
        Content("\u00a0" * start) + first,
        *(Content("\u00a0" * further) + row for row in rest.wrap(width - further) if rest),
    ]


def _prose(lines: list[str]) -> Iterator[Block]:
    text = "\n".join(lines).strip("\n")
    if text.strip():
        yield Block(text)


def _line(line: str) -> Content:
    (root,) = _MARKDOWN.parseInline(_STARS.sub(_HIDDEN, line))
    bold = False
    parts: list[Content] = []
    for token in root.children or []:
        if token.type in {"strong_open", "strong_close"}:
            bold = token.type == "strong_open"
        else:
            parts.append(_span(token, bold=bold))
    return Content("").join(parts)


def _span(token: Token, *, bold: bool) -> Content:
    text = (token.content or token.markup).replace(_HIDDEN, "**")
    if token.type == "code_inline":
        return Content.styled(text, f"bold {CODE}" if bold else CODE)
    return Content.styled(text, "bold") if bold else Content(text)
