"""Response processing: what each condition tests, and the points it gives.

https://www.imsglobal.org/question/qtiv1p2/imsqti_asi_infov1p2.html, "resprocessing"
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from livequiz.bank.qti.malformed import Wrong, number_in
from livequiz.bank.xml_tree import Element
from livequiz.domain.typed_answers import read_number

# Blackboard's variables for how texts are compared and what a pair is worth.
_SETTINGS = frozenset({"evaluationtype", "partialcreditpercent"})
_CONTAINS = "contains"


@dataclass(frozen=True, slots=True)
class Condition:
    """One `respcondition`.

    Attributes:
        element: The `<respcondition>` element.
        tests: What it tests.
        points: The points it gives; None if it is only for feedback.
        adds: Whether its points are added to the score instead of replacing it.
        stops: Whether later conditions are skipped if it holds.
        contains: Whether an answer only has to contain the text.
    """

    element: Element
    tests: list[Element]
    points: float | None
    adds: bool
    stops: bool
    contains: bool = False

    @property
    def is_other(self) -> bool:
        """Whether it is for all answers that no earlier condition matched."""
        return [test.name for test in self.tests] == ["other"]

    def shown(self) -> Iterator[str]:
        """Yield the identifiers of the feedback it shows."""
        for element in self.element.all("displayfeedback"):
            yield element.attributes.get("linkrefid", "")

    def is_called_right(self) -> bool:
        """Return whether its title or feedback says that it is for the right answer."""
        names = (self.element.attributes.get("title", ""), *self.shown())
        return any(name.lower().removesuffix("_fb") == "correct" for name in names)


@dataclass(frozen=True, slots=True)
class Scoring:
    """An item's conditions that set the score, and its bounds.

    Attributes:
        conditions: The conditions, in order.
        lowest: Minimum score, if stated.
        highest: Maximum score, if stated.
    """

    conditions: list[Condition]
    lowest: float | None
    highest: float | None

    def positive(self) -> list[Condition]:
        """Return the conditions that give points, except those for all other answers."""
        return [c for c in self.conditions if (c.points or 0) > 0 and not c.is_other]


def scoring_of(item: Element, *, blackboard: bool) -> Scoring:
    """Return how an item is scored.

    Args:
        item: The item.
        blackboard: Whether Blackboard wrote it: its condition titled `correct` has the key, and
            those after it give partial credit, in percent.

    Raises:
        Wrong: If it isn't understood.
    """
    found = [e for processing in item.all("resprocessing") for e in processing.walk()]
    elements = [e for e in found if e.name == "respcondition"]
    variable = _variable(elements, item)
    declared = next(
        (e for e in found if e.name == "decvar" and _name(e) == variable),
        Element("", {}, 1, 1),
    )
    lowest = read_number(declared.attributes.get("minvalue", ""))
    highest = read_number(declared.attributes.get("maxvalue", ""))
    if (read_number(declared.attributes.get("defaultval", "")) or 0.0) > 0:
        message = "Points are given before anything is answered: let them begin at 0."
        raise Wrong(message, declared)
    made = [_condition(e, variable, lowest or 0.0, highest or 100.0) for e in elements]
    right = [c for c in made if c.is_called_right() and not c.is_other and c.tests]
    if blackboard and (named := [c for c in right if _title(c) == "correct"]):
        made = [replace(c, points=c.points or 1.0) for c in named]
    elif not any((c.points or 0) > 0 for c in made):
        # Some programs leave the points to the system that runs the quiz.
        made = [replace(c, points=1.0) for c in right if c.points is None]
    return Scoring([c for c in made if c.points is not None and c.tests], lowest, highest)


def partial_credit(item: Element) -> dict[str, float]:
    """Return Blackboard's partial credit for each option, in percent."""
    given: dict[str, float] = {}
    for processing in item.all("resprocessing"):
        for element in processing.all("respcondition"):
            condition = _condition(element, "score", 0.0, 100.0)
            if len(condition.tests) == 1 and not _title(condition) and condition.points is not None:
                test = condition.tests[0]
                given[test.text.strip() or test.attributes.get("respident", "")] = condition.points
    return given


def _title(condition: Condition) -> str:
    return condition.element.attributes.get("title", "").lower()


def _variable(elements: Sequence[Element], item: Element) -> str:
    """Return the name of the score variable.

    Raises:
        Wrong: If there are several variables, and none is `score`.
    """
    names = {_name(e) for element in elements for e in element.all("setvar")} - _SETTINGS
    if "score" in names or not names:
        return "score"
    if len(names) > 1:
        several = ", ".join(sorted(names))[:60]
        message = f"Its points are kept in several variables ({several}): keep them in SCORE."
        raise Wrong(message, item)
    return names.pop()


def _name(element: Element) -> str:
    given = element.attributes
    return (given.get("varname") or given.get("variablename") or "SCORE").strip().lower()


def _condition(element: Element, variable: str, least: float, most: float) -> Condition:
    points: float | None = None
    adds = True
    contains = False
    for setter in element.all("setvar"):
        if _name(setter) == "evaluationtype":
            contains = _is_contains(setter)
        if _name(setter) != variable:
            continue
        value = _value(setter, least, most)
        action = setter.attributes.get("action", "Set").lower()
        if action == "set":
            points, adds = value, False
        elif action in {"add", "subtract"}:
            points = (points or 0.0) + (value if action == "add" else -value)
        else:
            raise Wrong(
                f"Points that are changed by {action[:20]} have no equivalent in LiveQuiz.", setter
            )
    tests = [test for part in element.all("conditionvar") for test in part]
    stops = element.attributes.get("continue", "No").lower() != "yes"
    return Condition(element, tests, points, adds, stops, contains)


def _is_contains(setter: Element) -> bool:
    """Return whether Blackboard only requires the answer to contain the text.

    Raises:
        Wrong: If it compares with a pattern.
    """
    how = setter.text.strip().strip('"').lower()
    if how not in {_CONTAINS, "exact"}:
        raise Wrong("Answers are compared with a pattern: write out the accepted texts.", setter)
    return how == _CONTAINS


def _value(setter: Element, least: float, most: float) -> float:
    text = setter.text.strip()
    if text.lower().endswith(".max"):
        return most
    return least if text.lower().endswith(".min") else number_in(text, setter)


def value_of(test: Element) -> str:
    """Return what a `varequal` compares with; for an option, Blackboard uses `respident`."""
    return test.text.strip() or test.attributes.get("respident", "")


def holds(tests: Sequence[Element], chosen: Collection[str], *, several: bool) -> bool:
    """Return whether a condition holds for the chosen options.

    Raises:
        Wrong: If it tests anything other than which options were chosen.
    """
    # A single answer has only one value: several tests side by side are alternatives.
    either = not several and len(tests) > 1 and all(test.name == "varequal" for test in tests)
    held = (_holds(test, chosen) for test in tests)
    return any(held) if either else all(held)


def _holds(test: Element, chosen: Collection[str]) -> bool:
    inside = list(test)
    match test.name:
        case "varequal":
            return value_of(test) in chosen
        case "and":
            return all(_holds(each, chosen) for each in inside)
        case "or":
            return any(_holds(each, chosen) for each in inside)
        case "not":
            # Brightspace puts several tests in one `not`: none of them may hold.
            return not any(_holds(each, chosen) for each in inside)
        case "unanswered":
            return not chosen
    raise Wrong(f"What is right is said in a way that is not read here ({test.name[:40]}).", test)


def score(scoring: Scoring, chosen: Collection[str], *, several: bool) -> float:
    """Return the points for the chosen options."""
    total = 0.0
    held = False
    for condition in scoring.conditions:
        fits = not held if condition.is_other else holds(condition.tests, chosen, several=several)
        if fits and condition.points is not None:
            held = True
            total = condition.points + (total if condition.adds else 0.0)
            if condition.stops and not several:
                break
    return total
