"""HTML to the text that terminals show, and back: what other programs keep questions in."""

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
_KEPT = re.compile(r"^ | (?= )| $")  # spaces that a browser would not show


@dataclass(frozen=True, slots=True)
class HtmlText:
    """A text in the subset of Markdown that terminals show, and what is not in it.

    Attributes:
        text: With fences around programs, `code` and **bold** words.
        lost: Each thing once, as the end of a sentence: `a picture (A cat)`.
        notes: Sentences on what was read as something else.
    """

    text: str
    lost: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def html_to_text(source: str) -> HtmlText:
    """Return what a browser would show of HTML (https://html.spec.whatwg.org), as text.

    Bold words and code are marked as in Markdown, `<sup>` and `<sub>` by `^` and `_`; formulas are
    written on one line; pictures and other media are left out, and named.
    """
    reader = Reader()
    if (tree := parse(with_marks(source), reader.lost)) is not None:
        reader.read(tree)
    notes = (FORMULA_NOTE,) if reader.rewritten else ()
    return HtmlText(reader.text(), tuple(dict.fromkeys(reader.lost)), notes)


def text_to_html(text: str) -> str:
    """Return a text as HTML that looks like it.

    `html_to_text` reads it back as it was, but for tabs, which become spaces, and for the empty
    lines around programs, of which there is then one.
    """
    return "\n".join(_written(text.expandtabs(4).split("\n")))


def _written(lines: list[str]) -> Iterator[str]:
    """Yield HTML for the blocks of a text, in time that grows with its length."""
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
    """Return how long the longest fence is that can close a program, from each line on."""
    longest = [0]
    for line in reversed(lines):
        longest.append(max(longest[-1], _fence_length(line)))
    return longest[::-1]


def _fence_length(line: str) -> int:
    """Return how many backticks a line consists of that closes a program; else 0."""
    fence = line.rstrip(" ")
    return len(fence) if len(fence) >= 3 and not fence.strip("`") else 0


def _program(lines: list[str], language: str) -> str:
    named = f' class="language-{html.escape(language)}"' if language else ""
    code = html.escape("\n".join(lines), quote=False)
    return f"<pre><code{named}>{code}</code></pre>"


def _paragraphs(lines: list[str]) -> Iterator[str]:
    """Yield a paragraph for lines that no empty line parts; more empty ones are line breaks."""
    paragraph: list[str] = []
    # Those before the first one and after the last one are next to a program, or to nothing.
    for line in [*"\n".join(lines).strip("\n").split("\n"), ""]:
        if line or not any(paragraph):
            paragraph.append(line)
        else:
            yield _paragraph(paragraph)
            paragraph = []


def _paragraph(lines: list[str]) -> str:
    # A browser shows no last line that has but a space in it, if none was before it.
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
