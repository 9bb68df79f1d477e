"""Converts the HTML of other programs to text for terminals, and back."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from livequiz.bank.html_reader import Reader
from livequiz.bank.html_tree import parse
from livequiz.bank.languages import with_marks

_FENCE = re.compile(r"(`{3,})[ ]*([\w+#.-]*)[ ]*")
_INLINE = re.compile(r"`([^`\n]+)`|(?<![\w*])\*\*(?=[^\s*])([^*\n]*[^*\s])\*\*(?![\w*])")
FORMULA_NOTE = "A formula was written out as text, such as (a+b)/2 or x^2: check how it reads."
_NBSP = "\u00a0"
_KEPT = re.compile(r"^ | (?= )| $")  # spaces that a browser would collapse


@dataclass(frozen=True, slots=True)
class HtmlText:
    """Text in the subset of Markdown that terminals show, and what was lost in conversion.

    Attributes:
        text: The text, with fenced code blocks, `code` and **bold** words.
        lost: What was left out, without duplicates, each as the end of a sentence:
            `a picture (A cat)`.
        notes: Sentences on what was converted into something else.
    """

    text: str
    lost: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def html_to_text(source: str) -> HtmlText:
    """Convert HTML (https://html.spec.whatwg.org) to text, as a browser would show it.

    Bold words and code are marked as in Markdown, `<sup>` and `<sub>` with `^` and `_`; formulas
    are written on one line; pictures and other media are left out and listed in `lost`.
    """
    reader = Reader()
    if (tree := parse(with_marks(source), reader.lost)) is not None:
        reader.read(tree)
    notes = (FORMULA_NOTE,) if reader.rewritten else ()
    return HtmlText(reader.text(), tuple(dict.fromkeys(reader.lost)), notes)


def text_to_html(text: str) -> str:
    """Convert text to HTML that looks the same.

    `html_to_text` reads it back unchanged, except that tabs become spaces, and that there is
    exactly one empty line around code blocks.
    """
    return "\n".join(_written(text.expandtabs(4).split("\n")))


def _written(lines: list[str]) -> Iterator[str]:
    """Yield HTML for the blocks of a text, in linear time."""
    longest = _longest_fences(lines)
    prose: list[str] = []
    at = 0
    while at < len(lines):
        fence = _FENCE.fullmatch(lines[at])
        if fence is None or longest[at + 1] < len(fence[1]):
            prose.append(lines[at])
            at += 1
            continue
        end = at + 1
        while _fence_length(lines[end]) < len(fence[1]):
            end += 1
        if any(line.strip() for line in lines[at + 1 : end]):
            yield from _paragraphs(prose)
            yield _program(lines[at + 1 : end], fence[2])
            prose = []
        else:
            prose += lines[at : end + 1]
        at = end + 1
    yield from _paragraphs(prose)


def _longest_fences(lines: list[str]) -> list[int]:
    """Return, for each line, the length of the longest closing fence from there on."""
    longest = [0]
    for line in reversed(lines):
        longest.append(max(longest[-1], _fence_length(line)))
    return longest[::-1]


def _fence_length(line: str) -> int:
    """Return the number of backticks if the line can close a code block, else 0."""
    fence = line.rstrip(" ")
    return len(fence) if len(fence) >= 3 and not fence.strip("`") else 0


def _program(lines: list[str], language: str) -> str:
    named = f' class="language-{html.escape(language)}"' if language else ""
    code = html.escape("\n".join(lines), quote=False)
    return f"<pre><code{named}>{code}</code></pre>"


def _paragraphs(lines: list[str]) -> Iterator[str]:
    """Yield paragraphs, split at empty lines; additional empty lines become line breaks."""
    paragraph: list[str] = []
    # Leading and trailing empty lines border on a code block or on nothing.
    for line in [*"\n".join(lines).strip("\n").split("\n"), ""]:
        if line or not any(paragraph):
            paragraph.append(line)
        else:
            yield _paragraph(paragraph)
            paragraph = []


def _paragraph(lines: list[str]) -> str:
    # Without a line break, a browser wouldn't show a paragraph that is only spaces.
    rest = "<br>" if len(lines) == 1 and not lines[0].strip() else ""
    return f"<p>{'<br>'.join(map(_inline, lines))}{rest}</p>"


def _inline(line: str) -> str:
    kept = _KEPT.sub(_NBSP, line)
    parts, seen = [], 0
    for found in _INLINE.finditer(kept):
        parts.append(_escaped(kept[seen : found.start()]))
        code = found[1]
        parts.append(
            f"<code>{_escaped(_KEPT.sub(_NBSP, code))}</code>"
            if code is not None
            else f"<strong>{_inline(found[2])}</strong>"
        )
        seen = found.end()
    return "".join([*parts, _escaped(kept[seen:])])


def _escaped(text: str) -> str:
    return html.escape(text, quote=False).replace(_NBSP, "&nbsp;")
