"""An item's feedback: for everyone, for right and wrong answers, and for each option."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from livequiz.bank.foreign_question import FEEDBACK as LOST
from livequiz.bank.foreign_question import Choice, ForeignQuestion
from livequiz.bank.qti.body import FEEDBACK, rich
from livequiz.bank.xml_tree import Element

_WRONG = ("incorrect", "wrong", "partial", "fail")
_RIGHT = ("correct", "right", "success")


class Said(NamedTuple):
    """A piece of feedback, and who gets it.

    Attributes:
        name: Its identifier, or that of the option it is about.
        text: What it says.
        hides: Whether everyone gets it except those the name stands for.
    """

    name: str
    text: str
    hides: bool = False


def explain(
    root: Element, interaction: Element, made: list[Choice], found: ForeignQuestion
) -> None:
    """Set a question's explanation from an item's feedback.

    Args:
        root: The item.
        interaction: Its interaction.
        made: Its options, in order; empty if the answer is typed.
        found: The question.
    """
    options = interaction.all("simpleChoice")
    keys = [option.attributes.get("identifier", "") for option in options[: len(made)]]
    said = [
        Said(
            inside or element.attributes.get("identifier", ""),
            rich(element, found),
            hides=element.attributes.get("showHide") == "hide",
        )
        for element, inside in _all(root)
    ]
    explain_with(said, keys, made, found)


def explain_with(
    said: Iterable[Said], keys: Sequence[str], made: list[Choice], found: ForeignQuestion
) -> None:
    """Set a question's explanation from pieces of feedback.

    Args:
        said: The item's feedback.
        keys: The options' identifiers; empty if the answer is typed.
        made: The options.
        found: The question.
    """
    places = {key: place for place, key in enumerate(keys)}
    general: list[str] = []
    others: list[Choice] = []
    wrong: list[str] = []
    for name, text, hides in said:
        if name in places and not hides:
            choice = made[places[name]]
            choice.feedback = "\n".join(filter(None, [choice.feedback, text]))
        elif (is_right := tells(name, places)) is None:
            general.append(text)
        elif is_right is not hides:
            others.append(Choice("", 100.0, text))
        elif name in places:
            others.append(Choice("", 0.0, text))
        else:
            wrong.append(text)
    joined = ["\n\n".join(dict.fromkeys(filter(None, texts))) for texts in (general, wrong)]
    found.explain(joined[0], [*made, *others])
    if joined[1] and not found.explain_by_correction(joined[1]):
        found.lost.append(LOST)


def _all(root: Element) -> Iterator[tuple[Element, str]]:
    """Yield each feedback element with the identifier of the option it is in, if any."""
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


def tells(name: str, places: Collection[str]) -> bool | None:
    """Return whether feedback of this name is for right answers; None if it is for everyone."""
    lowered = name.lower()
    if name in places or any(mark in lowered for mark in _WRONG):
        return name in places
    return True if any(mark in lowered for mark in _RIGHT) else None
