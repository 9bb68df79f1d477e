"""HTML to the text that terminals show, and back: what other programs keep questions in."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from livequiz.bank.html_tokens import Tokens
from livequiz.bank.reading import tidy

_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd div dl dt figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr main nav ol p section table tbody tfoot thead tr ul".split()
)
_SKIPPED = frozenset({"script", "style", "head", "title", "template", "noscript", "svg"})
_MEDIA = {
    "img": "a picture",
    "audio": "a sound",
    "video": "a film",
    "iframe": "a page in the page",
    "object": "an embedded file",
    "embed": "an embedded file",
    "canvas": "a drawing",
}
_RAISED = {"sup": "^", "sub": "_"}
_LANGUAGE = re.compile(r"(?:language|lang|brush)[-:]\s*([\w+#.-]{1,30})")
_START = re.compile(r"[0-9]{1,9}")
_FENCE = re.compile(r"^```[ ]*([\w+#.-]*)[ ]*\n(.*?)\n?^```[ ]*$\n?", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`|(?<!\w)\*\*([^*\n]+)\*\*(?!\w)")


@dataclass(frozen=True, slots=True)
class HtmlText:
    """A text in the subset of Markdown that terminals show, and what is not in it."""

    text: str
    lost: tuple[str, ...] = ()


def html_to_text(source: str) -> HtmlText:
    """Return what a browser would show of HTML, as text.

    Bold words and code are marked as in Markdown, `<sup>` and `<sub>` by `^` and `_`; pictures and
    other media are left out, and named.
    """
    reader = _Reader()
    reader.feed(source)
    return HtmlText(reader.text(), tuple(dict.fromkeys(reader.lost)))


def text_to_html(text: str) -> str:
    """Return a text as HTML that looks like it, and that `html_to_text` reads back."""
    parts: list[str] = []
    seen = 0
    for fence in _FENCE.finditer(text):
        parts += _paragraphs(text[seen : fence.start()])
        language = f' class="language-{html.escape(fence[1])}"' if fence[1] else ""
        parts.append(f"<pre><code{language}>{html.escape(fence[2], quote=False)}</code></pre>")
        seen = fence.end()
    return "\n".join([*parts, *_paragraphs(text[seen:])])


class _Reader(Tokens):
    def __init__(self) -> None:
        self.lost: list[str] = []
        self._pieces: list[str] = []
        self._skipped = 0
        self._pre: list[str] | None = None  # the text of a code block
        self._language = ""
        self._code: list[str] | None = None  # the text of code in a line
        self._bold = 0
        self._raised: list[str] | None = None
        self._lists: list[int | None] = []  # the next number of each open list, if it has any
        self._cells = 0

    def text(self) -> str:
        if self._pre is not None:
            self._end_pre()
        if self._bold:
            self._mark("**")
        self._end_inline()
        text = "".join(self._pieces)
        text = re.sub(r"[ \t]*\n[ \t]*(?=\S)", "\n", text)
        return tidy(_blocks_apart(text).replace("\ue000", " ").replace("\ue001", "\n"))

    def handle_starttag(self, tag: str, attrs: dict[str, str]) -> None:
        if tag in _SKIPPED:
            self._skipped += 1
        elif tag in _MEDIA:
            about = f" ({tidy(attrs['alt'])})" if attrs.get("alt") else ""
            self.lost.append(_MEDIA[tag] + about)
        elif tag == "pre":
            self._break()
            self._pre, self._language = [], _language(attrs)
        elif self._pre is None:
            self._in_line(tag, attrs)
        elif tag == "code":
            self._language = self._language or _language(attrs)
        elif tag == "br":
            self._pre.append("\n")

    def _in_line(self, tag: str, given: dict[str, str]) -> None:
        if tag == "code":
            self._end_inline()
            self._code = []
        elif tag in {"b", "strong"}:
            self._bold += 1
            if self._bold == 1:
                self._mark("**")
        elif tag in _RAISED:
            self._end_inline()
            self._raised = []
        else:
            self._structure(tag, given)

    def _structure(self, tag: str, given: dict[str, str]) -> None:
        if tag in {"ul", "ol"}:
            start = given.get("start", "1")
            number = int(start) if _START.fullmatch(start) else 1
            self._lists.append(number if tag == "ol" else None)
        if tag == "br":
            self._pieces.append("\n")
        elif tag == "li":
            self._break()
            number_now = self._lists[-1] if self._lists else None
            self._pieces.append("- " if number_now is None else f"{number_now}. ")
            if number_now is not None:
                self._lists[-1] = number_now + 1
        elif tag in {"td", "th"}:
            if self._cells:
                self._pieces.append(" | ")
            self._cells += 1
        elif tag in _BLOCKS:
            self._cells = 0 if tag == "tr" else self._cells
            self._break(2 if tag == "p" else 1)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipped = max(0, self._skipped - 1)
        elif tag == "pre" and self._pre is not None:
            self._end_pre()
        elif self._pre is not None:
            return
        elif tag in {"code", *_RAISED}:
            self._end_inline(tag)
        elif tag in {"b", "strong"}:
            if self._bold == 1:
                self._mark("**")
            self._bold = max(0, self._bold - 1)
        elif tag in _BLOCKS or tag == "li":
            if tag in {"ul", "ol"} and self._lists:
                self._lists.pop()
            self._break(2 if tag == "p" else 1)

    def handle_data(self, data: str) -> None:
        if self._skipped:
            return
        if self._pre is not None:
            self._pre.append(data)
            return
        for pieces in (self._code, self._raised):
            if pieces is not None:
                pieces.append(data)
                return
        # Spaces and line ends mean one space; no-break spaces stand as they are.
        text = re.sub(r"[ \t\r\n\f]+", " ", data)
        if text.startswith(" ") and self._at_line_start:
            text = text[1:]
        self._pieces.append(text.replace("\u00a0", "\ue000"))

    @property
    def _at_line_start(self) -> bool:
        return not self._pieces or self._pieces[-1].endswith(("\n", " ", "\ue002"))

    def _break(self, lines: int = 1) -> None:
        self._end_inline()
        self._pieces.append("\n" * lines + "\ue002")

    def _mark(self, mark: str) -> None:
        self._end_inline()
        self._pieces.append(mark)

    def _end_pre(self) -> None:
        code = tidy_code("".join(self._pre or []))
        self._pre = None
        if code.strip():
            kept = code.replace(" ", "\ue000").replace("\n", "\ue001")
            self._pieces.append(f"\n\n\ue002```{self._language}\ue001{kept}\ue001```\n\n\ue002")

    def _end_inline(self, tag: str | None = None) -> None:
        if self._code is not None:
            code = " ".join("".join(self._code).split())
            self._code = None
            if code:
                self._pieces.append(code if "`" in code else f"`{code}`")
        if self._raised is not None:
            text = " ".join("".join(self._raised).split())
            self._raised = None
            if text:
                sign = _RAISED.get(tag or "", "^")
                self._pieces.append(
                    sign + (text if len(text) == 1 or text.isdecimal() else f"{{{text}}}")
                )


def tidy_code(text: str) -> str:
    """Return a program without empty lines around it, its own lines as they are."""
    lines = [tidy(line) and line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    return "\n".join(line.replace("\u00a0", " ").expandtabs(4) for line in lines)


def _blocks_apart(text: str) -> str:
    """Return text in which blocks that met are parted by their line ends once."""
    # Where a block ends and another begins, the greater number of line ends counts.
    return re.sub(
        r"(?:\n*\ue002)+",
        lambda met: "\n" * max(len(part) for part in met[0].split("\ue002")),
        text,
    )


def _language(given: dict[str, str]) -> str:
    found = _LANGUAGE.search(given.get("class", ""))
    return found[1] if found else ""


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n{2,}", text.strip("\n")):
        if paragraph.strip():
            yield f"<p>{'<br>'.join(_inline(line) for line in paragraph.split(chr(10)))}</p>"


def _inline(line: str) -> str:
    parts, seen = [], 0
    for found in _INLINE.finditer(line):
        parts.append(_escaped(line[seen : found.start()]))
        tag, inside = ("code", found[1]) if found[1] is not None else ("strong", found[2])
        parts.append(f"<{tag}>{html.escape(inside, quote=False)}</{tag}>")
        seen = found.end()
    return "".join([*parts, _escaped(line[seen:])])


def _escaped(text: str) -> str:
    """Return text whose spaces a browser keeps."""
    spaced = re.sub(r"^ | (?= )", "\u00a0", html.escape(text, quote=False))
    return spaced.replace("\u00a0", "&nbsp;")
