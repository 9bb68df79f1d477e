"""An item's response declaration: its key, and the mapping of values to points."""

from __future__ import annotations

from dataclasses import dataclass, field

from livequiz.bank.qti.malformed import Wrong, number_in
from livequiz.bank.reading import Kind
from livequiz.bank.xml_tree import Element


@dataclass(slots=True)
class Mapping:
    """Maps response values to points: https://www.imsglobal.org/question/qtiv2p1/, `mapping`.

    Attributes:
        entries: Points by value.
        otherwise: Points for any other value.
        lower: Minimum score, if any.
        upper: Maximum score, if any.
        exact: Whether case matters.
        says_case: Whether the mapping states that explicitly.
    """

    entries: dict[str, float] = field(default_factory=dict)
    otherwise: float = 0.0
    lower: float | None = None
    upper: float | None = None
    exact: bool = False
    says_case: bool = False

    def top(self, natural: float) -> float:
        """Return the best answer's points: `natural`, capped at the upper bound."""
        return natural if self.upper is None else min(natural, self.upper)


@dataclass(slots=True)
class Declared:
    """A response declaration.

    Attributes:
        identifier: Its name in response processing.
        several: Whether a response can have several values.
        kind: The base type: `identifier`, `string`, `float` ...
        correct: The values of the key.
        mapping: The mapping to points, if there is one.
    """

    identifier: str
    several: bool
    kind: str
    correct: list[str]
    mapping: Mapping | None


def declaration(root: Element, interaction: Element) -> Declared:
    """Return the response declaration of an interaction.

    Raises:
        Wrong: If it is missing or malformed, or its cardinality is neither single nor multiple.
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
        message = f"LiveQuiz has no answers that are {cardinality[:40]}: ask it as a choice."
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
    # QTI 3.0 specifies what the 2.1 schema leaves open: by default, case doesn't matter. But the
    # 2.1 guide gives `York` and `york` different points without saying that it does.
    mapping.exact = bool(said & {"true", "1"}) or (not said and _differs_by_case(mapping.entries))
    return mapping


def _differs_by_case(entries: dict[str, float]) -> bool:
    """Return whether values that differ only in case have different points."""
    worth: dict[str, float] = {}
    return any(worth.setdefault(key.casefold(), value) != value for key, value in entries.items())


def _bound(element: Element, name: str) -> float | None:
    text = element.attributes.get(name)
    return None if text is None else number_in(text, element)
