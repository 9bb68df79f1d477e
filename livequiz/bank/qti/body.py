"""An item's body: its XHTML as text, and its one interaction."""

from __future__ import annotations

import html

from livequiz.bank.foreign_question import ForeignQuestion
from livequiz.bank.html_text import html_to_text
from livequiz.bank.qti.malformed import Wrong
from livequiz.bank.reading import Kind, tidy
from livequiz.bank.xml_tree import Element

GAP = "_____"
FEEDBACK = frozenset({"feedbackInline", "feedbackBlock"})
_HIDDEN = FEEDBACK | {"stylesheet", "prompt", "endAttemptInteraction", "catalogInfo"}
# Attributes that affect what is shown; those in the last two lines are for formulas.
_KEPT = frozenset(
    "class src alt start "
    "open close separators display notation linethickness "
    "encoding alttext data-mathml".split()
)
_AS_BLOCKS = frozenset({"rubricBlock", "contentBody", "templateBlock"})
_LEFT_OUT = {
    "include": "a part that stands in another file",
    "endAttemptInteraction": "its hints",
}
# What to call each interaction in messages, and what to ask instead.
OTHERS = {
    "associateInteraction": ("Pairing", "ask for each pair by itself"),
    "customInteraction": ("An interaction of another program's own", "ask it as a choice"),
    "drawingInteraction": ("Drawing", "ask it as a choice"),
    "extendedTextInteraction": ("An essay", "ask for a word or a number"),
    "gapMatchInteraction": ("Filling gaps from a list", "ask for each gap by itself"),
    "graphicAssociateInteraction": ("Pairing in a picture", "ask it as a choice"),
    "graphicGapMatchInteraction": ("Filling gaps in a picture", "ask it as a choice"),
    "graphicOrderInteraction": ("Ordering in a picture", "ask it as a choice"),
    "hotspotInteraction": ("Choosing in a picture", "ask it as a choice"),
    "hottextInteraction": ("Choosing words in a text", "ask it as a choice"),
    "inlineChoiceInteraction": ("A choice within the text", "ask it as a choice below the text"),
    "matchInteraction": ("Matching", "ask for each pair by itself"),
    "mediaInteraction": ("Playing a film or a sound", "ask it as a choice"),
    "orderInteraction": ("Ordering", "ask which comes first"),
    "portableCustomInteraction": ("A program of its own", "ask it as a choice"),
    "positionObjectInteraction": ("Placing in a picture", "ask it as a choice"),
    "selectPointInteraction": ("Pointing at a picture", "ask it as a choice"),
    "sliderInteraction": ("A slider", "ask for a number"),
    "uploadInteraction": ("Handing in a file", "ask for a word or a number"),
}


def interaction_in(body: Element) -> Element:
    """Return the choice or text-entry interaction in a body.

    Raises:
        Wrong: If there is none, several or another kind, or its text has printed variables.
    """
    asked = []
    for element in body.walk():
        if element.name == "printedVariable":
            message = "Its text is drawn anew for each student (printedVariable): write it out."
            raise Wrong(message, element, Kind.UNSUPPORTED)
        if element.name.endswith("Interaction") and element.name != "endAttemptInteraction":
            asked.append(element)
    for element in asked:
        if element.name not in {"choiceInteraction", "textEntryInteraction"}:
            name = element.name[:40]
            what, instead = OTHERS.get(name, ("This interaction", "ask it as a choice"))
            message = f"{what} ({name}) has no equivalent in LiveQuiz: {instead}."
            raise Wrong(message, element, Kind.UNSUPPORTED)
    if not asked:
        message = "Nothing is asked: there is no interaction. Add one, or leave it out."
        raise Wrong(message, body, Kind.UNSUPPORTED)
    if len(asked) > 1:
        message = "Several answers are asked for in one question: make a question of each."
        raise Wrong(message, asked[1], Kind.UNSUPPORTED)
    return asked[0]


def question_text(body: Element, interaction: Element, found: ForeignQuestion) -> str:
    """Return a body's text, with the choice's prompt or a gap in place of the interaction."""
    prompt = interaction.first("prompt")
    if interaction.name == "textEntryInteraction":
        place = GAP
    else:  # a choice is a block, which separates the text above from the text below
        place = f"<p>{html_in(prompt, found) if prompt else ''}</p>"
    text = _shown(body, found, interaction, place)
    # Drop a gap alone on the last line: the answer field is below the question anyway.
    return text.removesuffix(GAP).rstrip() if text.splitlines()[-1:] == [GAP] else text


def rich(element: Element, found: ForeignQuestion) -> str:
    """Return an element's content as text; what can't be shown is noted as lost."""
    return _shown(element, found)


def plain(body: Element) -> str:
    """Return a body's words, to help people find an item that couldn't be read."""
    words: list[str] = []
    waiting: list[Element | str] = [body]
    while waiting:
        piece = waiting.pop()
        if isinstance(piece, str):
            words.append(piece)
        else:
            waiting.extend(reversed(piece.children))
    return tidy(" ".join(" ".join(words).split()))


def _shown(
    element: Element, found: ForeignQuestion, interaction: Element | None = None, place: str = ""
) -> str:
    shown = html_to_text(html_in(element, found, interaction, place))
    found.lost.extend(shown.lost)
    found.notes.extend(shown.notes)
    return shown.text


def html_in(
    element: Element, found: ForeignQuestion, interaction: Element | None = None, place: str = ""
) -> str:
    """Return an element's content as HTML, with `place` in place of the interaction."""
    parts: list[str] = []
    for child in element.children:
        if isinstance(child, str):
            parts.append(html.escape(child, quote=False))
            continue
        if child.name in _LEFT_OUT:
            found.lost.append(_LEFT_OUT[child.name])
        if child is interaction:
            parts.append(place)
        elif child.name not in _HIDDEN and not _is_for_others(child, found):
            inside = html_in(child, found, interaction, place)
            parts.append(_tag(child, inside))
    return "".join(parts)


def _tag(element: Element, inside: str) -> str:
    name = "div" if element.name in _AS_BLOCKS else element.name
    given = "".join(
        f' {key}="{html.escape(value)}"'
        for key, value in element.attributes.items()
        if key in _KEPT
    )
    return f"<{name}{given}>{inside}</{name}>"


def _is_for_others(element: Element, found: ForeignQuestion) -> bool:
    """Return whether a block is only for scorers, tutors or authors, and if so, note it as lost."""
    if element.name != "rubricBlock":
        return False
    view = element.attributes.get("view", "candidate").split()
    if "candidate" in view:
        return False
    found.lost.append("its notes to those who score or teach")
    return True
