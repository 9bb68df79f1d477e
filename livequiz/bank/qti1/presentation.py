"""An item's presentation: its material as text, with gaps for typed answers."""

from __future__ import annotations

import html
from collections.abc import Iterator

from livequiz.bank.foreign_question import ForeignQuestion
from livequiz.bank.html_text import html_to_text
from livequiz.bank.qti.body import GAP, html_in
from livequiz.bank.reading import Place
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


def question_text(
    presentation: Element, found: ForeignQuestion, without: Element | None = None
) -> str:
    """Return an item's text, with a gap wherever the answer is typed within it.

    Args:
        presentation: The `<presentation>` element.
        found: The question.
        without: A response to skip.
    """
    text = _shown("".join(_pieces(presentation, without)), found)
    before = text.removesuffix(GAP).rstrip()
    # Drop a gap after the question: the answer field is below it anyway.
    return before if before.endswith(_ENDS) or text.splitlines()[-1:] == [GAP] else text


def rich(element: Element, found: ForeignQuestion) -> str:
    """Return an element's material as text; what can't be shown is noted as lost."""
    return _shown("".join(_pieces(element)), found)


def _shown(source: str, found: ForeignQuestion) -> str:
    shown = html_to_text(source)
    found.lost.extend(shown.lost)
    return shown.text


def _pieces(element: Element, without: Element | None = None) -> Iterator[str]:
    """Yield HTML for all material in an element, except that of options."""
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
            # Material beside a gap stays on the same line.
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
        return html_in(element, ForeignQuestion(Place()))
    if "html" in kind.lower():
        return element.text
    return html.escape(element.text, quote=False).strip("\n").replace("\n", "<br>")
