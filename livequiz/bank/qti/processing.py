"""Response processing: which values an answer is compared with, and the points for each.

Understands the standard templates, and rules that compare the answer with values. Other rules
are only detected, so that they can be reported.
https://www.imsglobal.org/question/qtiv2p1/imsqti_infov2p1.html, "Response Processing"
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from livequiz.bank.qti.declared import Declared
from livequiz.bank.qti.malformed import Wrong, number_in
from livequiz.bank.xml_tree import Element

_COMPARING = {"equal", "match", "stringMatch"}
# Each bound, and its mirror image for when the value comes before the answer.
_BOUNDING = {"gt": "lt", "gte": "lte", "lt": "gt", "lte": "gte"}
# Operators that can accept answers beyond the key and the values compared with.
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
    """A comparison of the answer with a value or a range.

    Attributes:
        operator: The comparison's element.
        values: One value, or the two ends of a range; empty if the range has only one end.
        worth: Points if it holds; None for full points.
        strict: Whether the range excludes one of its ends.
    """

    operator: Element
    values: tuple[str, ...]
    worth: float | None
    strict: bool = False


@dataclass(slots=True)
class Rules:
    """How an item is scored.

    Attributes:
        mapped: Whether the declaration's mapping sets the points.
        exact: Whether text comparison is case-sensitive.
        says_case: Whether the rules state that themselves instead of leaving it to the mapping.
        compared: The comparisons, in order.
        other: Whether there are rules that aren't understood.
    """

    mapped: bool = False
    exact: bool = False
    says_case: bool = False
    compared: list[Comparison] = field(default_factory=list)
    other: bool = False


def rules_of(root: Element, declared: Declared) -> Rules:
    """Return an item's scoring, as far as it is understood."""
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
    maps = "map_response" in template or any(e.name == "mapResponse" for e in processing.walk())
    rules.compared = _compared(branches, declared, maps=maps)
    rules.exact |= any(_minds_case(comparison.operator) for comparison in rules.compared)
    rules.says_case = any(c.operator.name == "stringMatch" for c in rules.compared)
    return rules


def _compared(branches: list[Element], declared: Declared, *, maps: bool) -> list[Comparison]:
    """Return the comparisons of the branches that give points.

    Some programs first flag an answer as right, and then give points for the flag: if no
    comparison gives points, those with the key count.

    Raises:
        Wrong: If right answers have only one bound, so no number can be the key.
    """
    scored: list[Comparison] = []
    noted: list[Comparison] = []
    for branch in branches:
        score = _score(branch)
        (noted if score is None else scored).extend(_comparisons(branch, declared, _worth(score)))
    closed = [c for c in scored if c.values] or [
        c for c in noted if c.values and (not declared.correct or c.values[0] in declared.correct)
    ]
    right = any(c.worth != 0 for c in closed)
    for comparison in (*scored, *noted):
        gives = comparison in scored and comparison.worth != 0
        if not comparison.values and (gives or not (right or maps)):
            name = comparison.operator.name
            message = f"Every number on one side of a bound is right ({name}): give both bounds."
            raise Wrong(message, comparison.operator)
    return closed


def _score(branch: Element) -> Element | None:
    """Return the element that sets the score in a branch, if any."""
    for element in branch.all("setOutcomeValue"):
        if element.attributes.get("identifier", "").startswith("SCORE"):
            return element
    return None


def _worth(score: Element | None) -> float | None:
    base = score.first("baseValue") if score else None
    return None if base is None else number_in(base.text, base)


def _comparisons(branch: Element, declared: Declared, worth: float | None) -> Iterator[Comparison]:
    waiting = list(branch)[:1]  # the condition; the rest is what to do if it holds
    while waiting:
        element = waiting.pop()
        if element.name == "not":
            bounds = [e for e in element.walk() if e.name in _BOUNDING and _is_about(e, declared)]
            for bound in bounds[:1]:
                yield Comparison(bound, (), worth)
            continue
        if element.name in _COMPARING:
            for value in _values(element, declared):
                yield Comparison(element, (value,), worth)
        elif element.name == "and" and (ends := _range(element, declared)):
            strict = any(bound.name in {"gt", "lt"} for bound in element)
            yield Comparison(element, ends, worth, strict)
        elif element.name in _BOUNDING and _is_about(element, declared):
            yield Comparison(element, (), worth)
        else:
            waiting.extend(reversed(list(element)))


def _values(element: Element, declared: Declared) -> tuple[str, ...]:
    """Return the values the answer is compared with; empty if something else is compared."""
    if not _is_about(element, declared):
        return ()
    if (base := element.first("baseValue")) is not None:
        return (base.text.strip(),)
    if (correct := element.first("correct")) is None:
        return ()
    ours = correct.attributes.get("identifier") == declared.identifier
    return tuple(declared.correct) if ours else ()


def _range(element: Element, declared: Declared) -> tuple[str, ...]:
    """Return the lower and upper end of a range; empty unless it has exactly one of each."""
    ends: dict[bool, str] = {}
    bounds = [e for e in element if e.name in _BOUNDING and _is_about(e, declared)]
    for bound in bounds:
        base = bound.first("baseValue")
        if base is None:
            return ()
        first = next(iter(bound))
        name = _BOUNDING[bound.name] if first is base else bound.name
        end, is_lower = number_in(base.text, base), name.startswith("g")
        if declared.kind == "integer" and not name.endswith("e"):
            end += 1 if is_lower else -1
        ends[is_lower] = f"{end:.15g}"
    return (ends[True], ends[False]) if len(bounds) == len(ends) == 2 else ()


def _is_about(element: Element, declared: Declared) -> bool:
    variables = element.all("variable")
    return any(v.attributes.get("identifier") == declared.identifier for v in variables)


def _minds_case(operator: Element) -> bool:
    if operator.name == "stringMatch":
        return operator.attributes.get("caseSensitive", "true") in {"true", "1"}
    return operator.name == "match"
