"""Reads one item of QTI: what is declared, what is shown, and how it is scored."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, field

from livequiz.bank import shared
from livequiz.bank.html_text import html_to_text
from livequiz.bank.reading import Item, Kind, Place, Problem, beginning, tidy
from livequiz.bank.shared import Choice, Found
from livequiz.bank.xml_tree import Element
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Number
from livequiz.domain.typed import read_number

GAP = "_____"
_LEVELS = {"very easy": "easy", "difficult": "hard", "very difficult": "hard"}
_HIDDEN = {
    "feedbackInline",
    "feedbackBlock",
    "rubricBlock",
    "stylesheet",
    "prompt",
    "templateBlock",
}
_KEPT = {"class", "src", "alt", "start"}  # attributes that say what is shown


class _Wrong(Exception):  # noqa: N818 - nobody outside this module sees it
    def __init__(self, message: str, element: Element, kind: Kind = Kind.WRONG) -> None:
        super().__init__(message)
        self.message = message
        self.element = element
        self.kind = kind


@dataclass(slots=True)
class Declared:
    """What is right, and what else is worth something.

    Attributes:
        several: Whether an answer has several values.
        kind: The base type: `identifier`, `string`, `float` ...
        correct: The values that are right.
        mapped: What values are worth, in points.
        exact: Whether the case of letters counts.
        otherwise: What every other value is worth, in points.
    """

    several: bool
    kind: str
    correct: list[str]
    mapped: dict[str, float] = field(default_factory=dict)
    exact: bool = False
    otherwise: float = 0.0


def read_item(
    root: Element, member: str | None = None, resource: Element | None = None
) -> Iterator[Item]:
    """Read an item, with the names of version 2.1.

    Args:
        root: The item.
        member: The file that it is in, in a package.
        resource: What a manifest says of it.

    Raises:
        QuizError: `bad_request` if it is no item.
    """
    if root.name != "assessmentItem":
        message = f"This XML begins with <{root.name[:40]}>, but QTI's items with <assessmentItem>."
        raise QuizError(Code.BAD_REQUEST, message)
    place = Place(root.line, root.column, member=member)
    try:
        found = _read(root, place)
    except _Wrong as wrong:
        at = Place(wrong.element.line, wrong.element.column, member=member)
        title = beginning(tidy(root.attributes.get("title", "")))
        yield Problem(wrong.kind, at, wrong.message, title)
        return
    if resource is not None:
        found.fields |= _described(resource)
    yield from found.items()


def _read(root: Element, place: Place) -> Found:
    body = root.first("itemBody")
    if body is None:
        raise _Wrong("There is no <itemBody>: a question needs a text.", root)
    interaction = _interaction(body)
    found = Found(place)
    found.fields["question"] = _text(body, interaction, found)
    identifier = interaction.attributes.get("responseIdentifier", "RESPONSE")
    declared = _declaration(root, identifier)
    if interaction.name == "choiceInteraction":
        _choice(interaction, declared, root, found)
    elif declared.kind in {"integer", "float"}:
        found.fields |= _numbers(declared, root)
    else:
        found.fields |= _words(declared, root)
    found.fields |= _points(root)
    said = [_rich(feedback, found) for feedback in root.all("modalFeedback")]
    found.explain("\n\n".join(dict.fromkeys(filter(None, said))))
    return found


def _interaction(body: Element) -> Element:
    interactions = [element for element in body.walk() if element.name.endswith("Interaction")]
    for element in interactions:
        if element.name not in {"choiceInteraction", "textEntryInteraction"}:
            message = f"There is no question here that is answered by {element.name[:40]}."
            raise _Wrong(message, element, Kind.UNSUPPORTED)
    if not interactions:
        raise _Wrong("Nothing is asked: there is no interaction.", body, Kind.UNSUPPORTED)
    if len(interactions) > 1:
        message = "Several answers are asked for in one question: make a question of each."
        raise _Wrong(message, interactions[1], Kind.UNSUPPORTED)
    return interactions[0]


def _declaration(root: Element, identifier: str) -> Declared:
    for element in root.all("responseDeclaration"):
        if element.attributes.get("identifier") == identifier:
            break
    else:
        raise _Wrong(f"There is no <responseDeclaration> of {identifier[:40]}.", root)
    correct = element.first("correctResponse")
    mapping = element.first("mapping")
    entries = mapping.all("mapEntry") if mapping else []
    mapped = {}
    for entry in entries:
        value = read_number(entry.attributes.get("mappedValue", ""))
        if value is None:
            raise _Wrong("A `mappedValue` is no number: give it one.", entry)
        mapped[entry.attributes.get("mapKey", "")] = value
    return Declared(
        several=element.attributes.get("cardinality") == "multiple",
        kind=element.attributes.get("baseType", "identifier"),
        correct=[value.text.strip() for value in correct.all("value")] if correct else [],
        mapped=mapped if _uses_mapping(root) or correct is None else {},
        otherwise=_otherwise(mapping),
        exact=any(entry.attributes.get("caseSensitive") == "true" for entry in entries),
    )


def _otherwise(mapping: Element | None) -> float:
    text = mapping.attributes.get("defaultValue", "0") if mapping else "0"
    return read_number(text) or 0.0


def _uses_mapping(root: Element) -> bool:
    processing = root.first("responseProcessing")
    if processing is None:
        return False
    template = processing.attributes.get("template", "")
    return "map_response" in template or any(e.name == "mapResponse" for e in processing.walk())


def _choice(interaction: Element, declared: Declared, root: Element, found: Found) -> None:
    options = interaction.all("simpleChoice")
    keys = [option.attributes.get("identifier", "") for option in options]
    unknown = [key for key in declared.correct if key not in keys]
    if unknown:
        raise _Wrong(f"The key {unknown[0][:40]} is none of the options: mend it.", interaction)
    right = declared.correct or [k for k in keys if declared.mapped.get(k, 0) > 0]
    if not right:
        raise _Wrong("No option is right: give a <correctResponse>.", interaction)
    rest = declared.otherwise if declared.mapped else 0.0
    worth = dict.fromkeys(keys, rest) | (declared.mapped or dict.fromkeys(right, 1.0))
    top = (
        sum(value for value in worth.values() if value > 0)
        if declared.several
        else max(worth.values())
    )
    choices = [
        Choice(_rich(option, found), max(-100.0, 100 * worth[key] / (top or 1.0)))
        for key, option in zip(keys, options, strict=True)
    ]
    if not declared.several:
        found.fields |= shared.one(choices)
        _as_true_false(found)
    elif declared.mapped:
        found.fields |= shared.several(choices)
    else:
        texts = [choice.text for choice in choices]
        places = [keys.index(key) for key in right]
        found.fields |= {"type": "multiple", "options": texts, "correct": places}


def _as_true_false(found: Found) -> None:
    options = found.fields["options"]
    if isinstance(options, list) and [text.lower() for text in options] == ["true", "false"]:
        found.fields["type"] = "true_false"


def _words(declared: Declared, root: Element) -> dict[str, object]:
    worth = declared.mapped or dict.fromkeys(declared.correct, 1.0)
    texts = [text for text, value in worth.items() if value > 0]
    if not texts:
        raise _Wrong("No text is right: give a <correctResponse>.", root)
    top = max(worth.values())
    weights = [100 * worth[text] / top for text in texts]
    fields: dict[str, object] = {"type": "short_text", "correct": texts}
    if any(weight != 100 for weight in weights):
        fields["weights"] = weights
    return {**fields, **({"case_sensitive": True} if declared.exact else {})}


def _numbers(declared: Declared, root: Element) -> dict[str, object]:
    entries = list(_compared(declared, root)) or [
        (Number(_number(text, root)), declared.mapped.get(text, 1.0)) for text in declared.correct
    ]
    top = max((worth for _, worth in entries), default=0.0)
    if top <= 0:
        raise _Wrong("No number is right: give a <correctResponse>.", root)
    return shared.numbers([(number, 100 * worth / top) for number, worth in entries])


def _compared(declared: Declared, root: Element) -> Iterator[tuple[Number, float]]:
    """Yield the numbers that the processing compares with, and what it gives for each."""
    processing = root.first("responseProcessing")
    branches = processing.walk() if processing else ()
    for branch in branches:
        equal = branch.first("equal")
        if branch.name not in {"responseIf", "responseElseIf"} or equal is None:
            continue
        given = equal.first("baseValue")
        text = given.text if given else (declared.correct or [""])[0]
        value = _number(text, equal)
        score = branch.first("setOutcomeValue")
        base = score.first("baseValue") if score else None
        yield Number(value, _tolerance(equal, value)), _number(base.text, base) if base else 1.0


def _tolerance(equal: Element, value: float) -> float:
    mode = equal.attributes.get("toleranceMode", "exact")
    if mode == "exact":
        return 0.0
    given = [abs(_number(text, equal)) for text in equal.attributes.get("tolerance", "0").split()]
    widest = max(given, default=0.0)
    return widest if mode == "absolute" else abs(value) * widest / 100


def _number(text: str, element: Element) -> float:
    value = read_number(text)
    if value is None:
        raise _Wrong(f"`{text.strip()[:40]}` is no number: write one such as 3.14.", element)
    return value


def _points(root: Element) -> dict[str, object]:
    for outcome in root.all("outcomeDeclaration"):
        if outcome.attributes.get("identifier") == "SCORE":
            points = read_number(outcome.attributes.get("normalMaximum", ""))
            if points is not None and points >= 0:
                return {"points": int(points + 0.5)}
    return {}


def _described(resource: Element) -> dict[str, object]:
    """Return topics and difficulty from the manifest's LOM."""
    topics, fields = [], {}
    for element in resource.walk():
        if element.name == "keyword":
            topics += [tidy(e.text) for e in element if tidy(e.text)]
        if element.name == "difficulty":
            value = element.first("value")
            level = tidy((value or element).text).lower()
            level = _LEVELS.get(level, level)
            if level in shared.LEVELS:
                fields["difficulty"] = level
    return {"topics": list(dict.fromkeys(topics)), **fields}


def _text(body: Element, interaction: Element, found: Found) -> str:
    gap = GAP if interaction.name == "textEntryInteraction" else ""
    shown = html_to_text(_html(body, interaction, gap))
    found.lost.extend(shown.lost)
    prompt = interaction.first("prompt")
    parts = [shown.text, _rich(prompt, found) if prompt else ""]
    text = "\n\n".join(filter(None, parts))
    # A gap on a line of its own stands for the field below the question.
    return text.removesuffix(GAP).rstrip() if text.splitlines()[-1:] == [GAP] else text


def _rich(element: Element, found: Found) -> str:
    shown = html_to_text(_html(element))
    found.lost.extend(shown.lost)
    return shown.text


def _html(element: Element, interaction: Element | None = None, gap: str = "") -> str:
    """Return what is in an element as HTML, with a gap where the interaction is."""
    parts: list[str] = []
    for child in element.children:
        if isinstance(child, str):
            parts.append(html.escape(child, quote=False))
        elif child is interaction:
            parts.append(gap)
        elif child.name not in _HIDDEN:
            given = "".join(
                f' {name}="{html.escape(value)}"'
                for name, value in child.attributes.items()
                if name in _KEPT
            )
            inside = _html(child, interaction, gap)
            parts.append(f"<{child.name}{given}>{inside}</{child.name}>")
    return "".join(parts)
