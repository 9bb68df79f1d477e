"""What an item declares to be right, and what else is worth something."""

from __future__ import annotations

from dataclasses import dataclass, field

from livequiz.bank.qti.wrong import Wrong, number_in
from livequiz.bank.reading import Kind
from livequiz.bank.xml_tree import Element


@dataclass(slots=True)
class Mapping:
    """What values are worth, in points: https://www.imsglobal.org/question/qtiv2p1/, `mapping`.

    Attributes:
        entries: By value.
        otherwise: What every other value is worth.
        lower: What an answer is worth at least, if that is bounded.
        upper: What it is worth at most, if that is bounded.
        exact: Whether the case of letters counts.
        says_case: Whether that is written there.
    """

    entries: dict[str, float] = field(default_factory=dict)
    otherwise: float = 0.0
    lower: float | None = None
    upper: float | None = None
    exact: bool = False
    says_case: bool = False

    def top(self, natural: float) -> float:
        """Return what the best answer is worth, where it would be `natural` without bounds."""
        return natural if self.upper is None else min(natural, self.upper)


@dataclass(slots=True)
class Declared:
    """A response declaration.

    Attributes:
        identifier: What the processing calls it.
        several: Whether an answer has several values.
        kind: The base type: `identifier`, `string`, `float` ...
        correct: The values that are right.
        mapping: What values are worth, if it says so.
    """

    identifier: str
    several: bool
    kind: str
    correct: list[str]
    mapping: Mapping | None


def declaration(root: Element, interaction: Element) -> Declared:
    """Return what is declared of the answer to an interaction.

    Raises:
        Wrong: Nothing is, it is not understood, or the order of values counts.
    """
    identifier = interaction.attributes.get("responseIdentifier", "RESPONSE")
    for element in root.all("responseDeclaration"):
        if element.attributes.get("identifier") == identifier:
            break
    else:
        message = f"There is no <responseDeclaration> of {identifier[:40]}: add it, with the key."
        raise Wrong(message, root)
    cardinality = element.attributes.get("cardinality", "single")
    if cardinality not in {"single", "multiple"}:
        message = f"An answer that is {cardinality[:40]} has no equal here: ask it as a choice."
        raise Wrong(message, element, Kind.UNSUPPORTED)
    correct = element.first("correctResponse")
    given = [value.text.strip() for value in correct.all("value")] if correct else []
    return Declared(
        identifier=identifier,
        several=cardinality == "multiple",
        kind=element.attributes.get("baseType", "identifier"),
        correct=[value for value in given if value],
        mapping=_mapping(element.first("mapping")),
    )


def _mapping(element: Element | None) -> Mapping | None:
    if element is None:
        return None
    mapping = Mapping(
        otherwise=_bound(element, "defaultValue") or 0.0,
        lower=_bound(element, "lowerBound"),
        upper=_bound(element, "upperBound"),
    )
    entries = element.all("mapEntry")
    for entry in entries:
        worth = number_in(entry.attributes.get("mappedValue", ""), entry)
        mapping.entries[entry.attributes.get("mapKey", "")] = worth
    said = {
        entry.attributes["caseSensitive"]
        for entry in entries
        if "caseSensitive" in entry.attributes
    }
    mapping.says_case = bool(said)
    # Version 3.0 says what the schema of 2.1 leaves open: without a word on it, case does not
    # count. But the guide of 2.1 gives `York` and `york` unlike points, without a word on it.
    mapping.exact = bool(said & {"true", "1"}) or (not said and _differs_by_case(mapping.entries))
    return mapping


def _differs_by_case(entries: dict[str, float]) -> bool:
    """Return whether texts that differ by case alone are worth unlike points."""
    worth: dict[str, float] = {}
    return any(worth.setdefault(key.casefold(), value) != value for key, value in entries.items())


def _bound(element: Element, name: str) -> float | None:
    text = element.attributes.get(name)
    return None if text is None else number_in(text, element)
