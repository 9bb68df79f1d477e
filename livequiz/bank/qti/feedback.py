"""An item's feedback: what is said to all, of the right answers, and of each choice."""

from __future__ import annotations

from collections.abc import Iterator

from livequiz.bank.qti.body import FEEDBACK, rich
from livequiz.bank.shared import Choice, Found
from livequiz.bank.xml_tree import Element

_WRONG = ("incorrect", "wrong", "partial", "fail")
_RIGHT = ("correct", "right", "success")


def explain(root: Element, interaction: Element, made: list[Choice], found: Found) -> None:
    """Take a question's explanation from an item's feedback.

    Args:
        root: The item.
        interaction: What is asked.
        made: Its options in order; none where a text is typed.
        found: The question.
    """
    options = interaction.all("simpleChoice")
    places = {
        option.attributes.get("identifier", ""): place
        for place, option in enumerate(options[: len(made)])
    }
    general: list[str] = []
    others: list[Choice] = []
    for element, inside in _all(root):
        text = rich(element, found)
        name = inside or element.attributes.get("identifier", "")
        hides = element.attributes.get("showHide") == "hide"
        if name in places and not hides:
            choice = made[places[name]]
            choice.feedback = "\n".join(filter(None, [choice.feedback, text]))
        elif (is_right := _tells(name, places)) is None:
            general.append(text)
        else:
            others.append(Choice("", 100.0 if is_right is not hides else 0.0, text))
    found.explain("\n\n".join(dict.fromkeys(filter(None, general))), [*made, *others])


def _all(root: Element) -> Iterator[tuple[Element, str]]:
    """Yield each feedback, with the identifier of the option that it stands in."""
    for element in root.all("modalFeedback"):
        yield element, ""
    body = root.first("itemBody")
    waiting = [(body, "")] if body else []
    while waiting:
        element, inside = waiting.pop()
        if element.name in FEEDBACK:
            yield element, inside
            continue
        if element.name == "simpleChoice":
            inside = element.attributes.get("identifier", "")
        waiting.extend((child, inside) for child in reversed(list(element)))


def _tells(name: str, places: dict[str, int]) -> bool | None:
    """Return whether feedback of a name is for right answers; None if it is for all."""
    lowered = name.lower()
    if name in places or any(mark in lowered for mark in _WRONG):
        return name in places
    return True if any(mark in lowered for mark in _RIGHT) else None
