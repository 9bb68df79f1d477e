"""Converts the texts of Moodle XML, each in its declared format, to text for terminals."""

from __future__ import annotations

import re
from itertools import pairwise

from livequiz.bank.foreign_question import ForeignQuestion
from livequiz.bank.html_text import HtmlText, html_to_text
from livequiz.bank.moodle.malformed import Wrong
from livequiz.bank.reading import tidy
from livequiz.bank.xml_tree import Element

HTML = "html"
_AUTO = "moodle_auto_format"  # HTML in which newlines are line breaks
_AS_THEY_STAND = frozenset({"plain_text", "markdown", "wiki_like"})
# Takes linear time: each part ends at the next bracket.
_PICTURE = re.compile(r"!\[([^][\n]*)\]\([^()\n]*\)")


def form_of(element: Element | None, usual: str = HTML) -> str:
    """Return the format of an element's text: the declared one, else the usual one."""
    return (element.attributes.get("format", "").strip() if element else "") or usual


def rich(element: Element | None, found: ForeignQuestion, usual: str = HTML) -> str:
    """Return an element's text as shown to students; `found` records what can't be shown.

    Args:
        element: Contains `<text>`, and the files that the text shows.
        found: The question that it belongs to.
        usual: The format of the text if the element declares none.

    Raises:
        Wrong: If the text contains elements.
    """
    if element is None:
        return ""
    shown = _shown(plain(element), form_of(element, usual))
    found.lost += shown.lost
    found.notes += shown.notes
    if element.all("file") and not shown.lost:
        found.lost.append("its files")
    return shown.text


def plain(element: Element | None) -> str:
    """Return the raw text of an element's `<text>`, or the element's own if it has none.

    Raises:
        Wrong: If the text contains elements.
    """
    if element is None:
        return ""
    inner = element.first("text")
    if inner is None:
        return "".join(child for child in element.children if isinstance(child, str)).strip()
    for child in inner:
        message = f"There is an element <{child.name[:40]}> in <text>: put HTML in <![CDATA[...]]>."
        raise Wrong(message, child)
    return inner.text.strip()


def preview(element: Element) -> str:
    """Return text to identify a question that isn't imported by: its text, else its name."""
    for name in ("questiontext", "name"):
        holder = element.first(name)
        inner = holder.first("text") or holder if holder else None
        shown = html_to_text(inner.text).text if inner else ""
        if shown:
            return shown
    return ""


def _shown(text: str, form: str) -> HtmlText:
    if form == "markdown":
        lost = [f"a picture ({alt})" if alt else "a picture" for alt in _PICTURE.findall(text)]
        return HtmlText(tidy(_PICTURE.sub("", text)), tuple(map(tidy, lost)))
    if form in _AS_THEY_STAND:
        return HtmlText(tidy(text))
    return html_to_text(_with_breaks(text) if form == _AUTO else text)


def _with_breaks(text: str) -> str:
    """Return HTML with newlines replaced by line breaks, except next to tags."""
    lines = [line.strip(" \t\r") for line in text.split("\n")]
    parts = [lines[0]]
    for before, line in pairwise(lines):
        next_to_tag = before.endswith(">") or line.startswith("<")
        parts += ["\n" if next_to_tag else "<br>", line]
    return "".join(parts)
