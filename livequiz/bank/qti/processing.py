"""What an item's response processing compares an answer with, and what it gives for it.

Templates, and rules written out as far as they compare the answer with values; other rules are
known to be there, so that they can be told of.
https://www.imsglobal.org/question/qtiv2p1/imsqti_infov2p1.html, "Response Processing"
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from livequiz.bank.qti.declared import Declared
from livequiz.bank.qti.wrong import number_in
from livequiz.bank.xml_tree import Element

_COMPARING = {"equal", "match", "stringMatch"}
_BOUNDING = {"gt", "gte", "lt", "lte"}
# What makes other answers right than those that are declared or compared with.
_OTHER = {
    "anyN",
    "customOperator",
    "equalRounded",
    "index",
    "inside",
    "lookupOutcomeValue",
    "mapResponsePoint",
    "mapTolResponse",
    "mathOperator",
    "member",
    "patternMatch",
    "roundTo",
    "substring",
    "truncate",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison of the answer.

    Attributes:
        operator: The element that compares.
        values: What it compares with: one value, or two that bound a range.
        worth: What is given if it fits, in points; None for all of them.
    """

    operator: Element
    values: tuple[str, ...]
    worth: float | None


@dataclass(slots=True)
class Rules:
    """How an item is scored.

    Attributes:
        mapped: Whether the declaration's mapping says what answers are worth.
        exact: Whether texts are compared with regard to case.
        compared: What the answer is compared with, in order.
        other: Whether there are rules that are not understood.
    """

    mapped: bool = False
    exact: bool = False
    compared: list[Comparison] = field(default_factory=list)
    other: bool = False


def rules_of(root: Element, declared: Declared) -> Rules:
    """Return how an item is scored, as far as it is understood."""
    rules = Rules(mapped=not declared.correct)
    processing = root.first("responseProcessing")
    if processing is None:
        return rules
    template = processing.attributes.get("template", "")
    rules.mapped |= "map_response" in template
    rules.exact = "match_correct" in template
    rules.other = "map_response_point" in template
    branches: list[Element] = []
    for element in processing.walk():
        rules.mapped |= element.name == "mapResponse"
        rules.other |= element.name in _OTHER
        if element.name in {"responseIf", "responseElseIf"}:
            branches.append(element)
    rules.compared = _compared(branches, declared)
    rules.exact |= any(_minds_case(comparison.operator) for comparison in rules.compared)
    return rules


def _compared(branches: list[Element], declared: Declared) -> list[Comparison]:
    """Return the comparisons of the branches that give points.

    Some programs note first that an answer is right, and give points for that note: where no
    comparison gives points, those count that have the key.
    """
    scored: list[Comparison] = []
    noted: list[Comparison] = []
    for branch in branches:
        score = _score(branch)
        (noted if score is None else scored).extend(_comparisons(branch, declared, _worth(score)))
    return scored or [
        comparison
        for comparison in noted
        if not declared.correct or comparison.values[0] == declared.correct[0]
    ]


def _score(branch: Element) -> Element | None:
    """Return what sets the score in a branch."""
    for element in branch.all("setOutcomeValue"):
        if element.attributes.get("identifier", "").startswith("SCORE"):
            return element
    return None


def _worth(score: Element | None) -> float | None:
    base = score.first("baseValue") if score else None
    return None if base is None else number_in(base.text, base)


def _comparisons(branch: Element, declared: Declared, worth: float | None) -> Iterator[Comparison]:
    waiting = list(branch)[:1]  # the condition; what follows is done if it holds
    while waiting:
        element = waiting.pop()
        if element.name == "not":
            continue
        if element.name in _COMPARING:
            if values := _values(element, declared):
                yield Comparison(element, values, worth)
        elif element.name == "and" and (values := _range(element, declared)):
            yield Comparison(element, values, worth)
        else:
            waiting.extend(reversed(list(element)))


def _values(element: Element, declared: Declared) -> tuple[str, ...]:
    """Return what the answer is compared with; nothing if something else is compared."""
    if not _is_about(element, declared):
        return ()
    if (base := element.first("baseValue")) is not None:
        return (base.text.strip(),)
    if (correct := element.first("correct")) is None:
        return ()
    ours = correct.attributes.get("identifier") == declared.identifier
    return tuple(declared.correct[:1]) if ours else ()


def _range(element: Element, declared: Declared) -> tuple[str, ...]:
    bounds = [
        base.text.strip()
        for child in element
        if child.name in _BOUNDING and _is_about(child, declared)
        if (base := child.first("baseValue")) is not None
    ]
    return tuple(bounds) if len(bounds) == 2 else ()


def _is_about(element: Element, declared: Declared) -> bool:
    variables = element.all("variable")
    return any(v.attributes.get("identifier") == declared.identifier for v in variables)


def _minds_case(operator: Element) -> bool:
    if operator.name == "stringMatch":
        return operator.attributes.get("caseSensitive", "true") in {"true", "1"}
    return operator.name == "match"
