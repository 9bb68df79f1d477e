"""What an item shows: its material as text, and what is asked for."""

from __future__ import annotations

import html
from collections.abc import Iterator

from livequiz.bank.html_text import html_to_text
from livequiz.bank.qti.body import GAP, html_in
from livequiz.bank.reading import Place
from livequiz.bank.shared import Found
from livequiz.bank.xml_tree import Element

RESPONSES = frozenset(
    {"response_lid", "response_str", "response_num", "response_xy", "response_grp"}
)
_TEXTS = frozenset({"mattext", "matemtext", "mat_formattedtext"})
_MEDIA = {
    "matimage": "img",
    "mataudio": "audio",
    "matvideo": "video",
    "matapplet": "object",
    "matapplication": "object",
}
_TYPED = frozenset({"response_str", "response_num"})
_NO_MATERIAL = frozenset({"render_choice", "render_fib", "altmaterial"})
_ENDS = ("?", ".", ":", "!")
_BLOCKS = frozenset({"flow", "flow_mat", "material"})


def question_text(presentation: Element, found: Found, without: Element | None = None) -> str:
    """Return the text of an item, with a gap where something is typed in the middle of it.

    Args:
        presentation: What it shows.
        found: The question.
        without: A response that shows nothing of its own.
    """
    text = _shown("".join(_pieces(presentation, without)), found)
    before = text.removesuffix(GAP).rstrip()
    # A gap after the question stands for the field below it.
    return before if before.endswith(_ENDS) or text.splitlines()[-1:] == [GAP] else text


def rich(element: Element, found: Found) -> str:
    """Return what an element's material shows, as text; what can't be shown is noted as lost."""
    return _shown("".join(_pieces(element)), found)


def _shown(source: str, found: Found) -> str:
    shown = html_to_text(source)
    found.lost.extend(shown.lost)
    return shown.text


def _pieces(element: Element, without: Element | None = None) -> Iterator[str]:
    """Yield HTML for all material in an element, but for that of options."""
    around = [child for child in element if child is not without]
    for place, child in enumerate(around):
        if child.name in _TEXTS:
            yield _text(child)
        elif child.name in _MEDIA:
            yield _medium(child)
        elif child.name == "matbreak":
            yield "<br>"
        elif child.name not in _NO_MATERIAL:
            inside = "".join(_pieces(child, without))
            near = around[max(0, place - 1) : place + 2]
            # Material goes on in the line of a gap beside it.
            in_line = child.name == "material" and any(other.name in _TYPED for other in near)
            yield f"<div>{inside}</div>" if child.name in _BLOCKS and not in_line else inside
        if child.name in _TYPED:
            yield f" {GAP} "


def _medium(element: Element) -> str:
    tag = _MEDIA[element.name]
    about = html.escape(element.attributes.get("label", ""))
    return f'<{tag} alt="{about}">' + ("" if tag == "img" else f"</{tag}>")


def _text(element: Element) -> str:
    kind = element.attributes.get("texttype") or element.attributes.get("type") or "text/plain"
    if any(True for _ in element):
        return html_in(element, Found(Place()))
    if "html" in kind.lower():
        return element.text
    return html.escape(element.text, quote=False).strip("\n").replace("\n", "<br>")
