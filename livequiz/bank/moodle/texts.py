"""The texts of Moodle XML, in the form that each says it has, as text for terminals."""

from __future__ import annotations

import re
from itertools import pairwise

from livequiz.bank.html_text import HtmlText, html_to_text
from livequiz.bank.moodle.wrong import Wrong
from livequiz.bank.reading import tidy
from livequiz.bank.shared import Found
from livequiz.bank.xml_tree import Element

HTML = "html"
_AUTO = "moodle_auto_format"  # HTML in which a line end is a line break
_AS_THEY_STAND = frozenset({"plain_text", "markdown", "wiki_like"})
# Nothing in it is looked at twice: a bracket ends each part.
_PICTURE = re.compile(r"!\[([^][\n]*)\]\([^()\n]*\)")


def form_of(element: Element | None, usual: str = HTML) -> str:
    """Return the form of an element's text: what it says, or the usual one."""
    return (element.attributes.get("format", "").strip() if element else "") or usual


def rich(element: Element | None, found: Found, usual: str = HTML) -> str:
    """Return an element's text as it is shown; what can't be shown is told to `found`.

    Args:
        element: It holds `<text>`, and the files that the text shows.
        found: The question that it belongs to.
        usual: The form of the text if the element says none.

    Raises:
        Wrong: If there are elements in the text.
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
    """Return the text in an element's `<text>` as it stands; of itself if there is none.

    Raises:
        Wrong: If there are elements in the text.
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
    """Return what a question that is not imported is known by: its text, or its name."""
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
    """Return HTML in which line ends are line breaks, but for those next to tags."""
    lines = [line.strip(" \t\r") for line in text.split("\n")]
    parts = [lines[0]]
    for before, line in pairwise(lines):
        next_to_tag = before.endswith(">") or line.startswith("<")
        parts += ["\n" if next_to_tag else "<br>", line]
    return "".join(parts)
