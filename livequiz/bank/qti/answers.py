"""A question's key and weights, from an item's response declaration and scoring."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from livequiz.bank import foreign_question
from livequiz.bank.foreign_question import FULL, Choice, ForeignQuestion
from livequiz.bank.qti.body import rich
from livequiz.bank.qti.declared import Declared, Mapping
from livequiz.bank.qti.malformed import Wrong, number_in
from livequiz.bank.qti.processing import Comparison, Rules
from livequiz.bank.xml_tree import Element
from livequiz.domain.model import Number

_BELOW = "points below zero: an answer is worth 0 at least"
_EXACT = 6  # decimal places of a weight; hides rounding errors of shares given in points


def choices(
    interaction: Element, declared: Declared, rules: Rules, found: ForeignQuestion
) -> list[Choice]:
    """Add a choice's options and their weights to a question, and return them.

    Raises:
        Wrong: If the key is missing, unknown or ambiguous, or an option has no text.
    """
    options = interaction.all("simpleChoice")
    keys = [option.attributes.get("identifier", "") for option in options]
    check_known(declared.correct, keys, interaction)
    if interaction.attributes.get("shuffle") == "true" and any(
        option.attributes.get("fixed") == "true" for option in options
    ):
        found.lost.append("the fixed places of options: all may be shuffled")
    texts = [option_text(rich, option, place, found) for place, option in enumerate(options)]
    if not declared.several and not rules.mapped and len(set(declared.correct)) > 1:
        message = "Two options are right, but only one can be chosen: "
        raise Wrong(f"{message}should several be chosen (multiple), or is one right?", interaction)
    return keyed(Options(texts, keys, interaction), declared, rules, found)


def check_known(correct: Iterable[str], keys: Sequence[str], element: Element) -> None:
    """Check that every key is the identifier of an option.

    Raises:
        Wrong: If one isn't.
    """
    for key in correct:
        if key not in keys:
            given = f"The key {key[:40]} is the identifier of no option: "
            raise Wrong(f"{given}give one of theirs.", element)


class Options(NamedTuple):
    """The options of a choice.

    Attributes:
        texts: The text of each.
        keys: The identifier of each.
        element: The element to report problems at.
    """

    texts: list[str]
    keys: list[str]
    element: Element


def keyed(
    options: Options, declared: Declared, rules: Rules, found: ForeignQuestion
) -> list[Choice]:
    """Add options and their weights to a question, and return them.

    Args:
        options: The options.
        declared: The response declaration, with the key.
        rules: The item's scoring.
        found: The question to add to.

    Raises:
        Wrong: If no option is right.
    """
    texts, keys, element = options
    made = [Choice(text, 0.0) for text in texts]
    mapping = _mapping(declared, rules)
    if mapping:
        _weigh(made, keys, declared, mapping, found)
    elif not declared.several:
        for key, choice in zip(keys, made, strict=True):
            choice.weight = 100.0 * (key in declared.correct[:1])
    right = [place for place, key in enumerate(keys) if key in declared.correct]
    if not right and not any(choice.weight > 0 for choice in made):
        raise Wrong("No option is right: give a <correctResponse>.", element)
    if declared.several:
        found.fields |= _several(made, right, weighed=mapping is not None)
    else:
        found.fields |= _one(made, right)
        _as_true_false(found, keys)
    return made


def option_text(
    read: Callable[[Element, ForeignQuestion], str],
    option: Element,
    place: int,
    found: ForeignQuestion,
) -> str:
    """Return the text of an option.

    Args:
        read: Extracts an element's text, noting in `found` what isn't text.
        option: The option's element.
        place: The option's index, 0-based.
        found: The question.

    Raises:
        Wrong: If the option has no text.
    """
    before = len(found.lost)
    text = read(option, found)
    if not text:
        raise Wrong(foreign_question.no_text(place, found.lost[before:]), option)
    return text


def _mapping(declared: Declared, rules: Rules) -> Mapping | None:
    """Return the points per value, from mapping or comparisons; None if only the key scores."""
    if rules.mapped and declared.mapping and declared.mapping.entries:
        return declared.mapping
    if declared.several or not rules.compared:
        return None
    worth: dict[str, float] = {}
    for comparison in rules.compared:
        value = comparison.values[0]
        given = _points_of(comparison, rules)
        worth[value] = max(given, worth.get(value, given))
    return Mapping(worth)


def _points_of(comparison: Comparison, rules: Rules) -> float:
    if comparison.worth is not None:
        return comparison.worth
    return max([1.0, *(other.worth or 0.0 for other in rules.compared)])


def _weigh(
    made: list[Choice],
    keys: Sequence[str],
    declared: Declared,
    mapping: Mapping,
    found: ForeignQuestion,
) -> None:
    """Set the weight of each option, in percent of the best answer's points."""
    worth = [mapping.entries.get(key, mapping.otherwise) for key in keys]
    positive = [value for value in worth if value > 0]
    best = sum(positive) if declared.several else max(positive, default=0.0)
    top = mapping.top(best)
    if top <= 0:
        return
    _take_points(top, found)
    for choice, value in zip(made, worth, strict=True):
        choice.weight = min(100.0, max(-100.0, share(value, top)))
    if min(worth) < 0 and (mapping.lower is None or mapping.lower < 0):
        found.lost.append(_BELOW)


def share(value: float, top: float) -> float:
    """Return an answer's weight: its points in percent of the best answer's."""
    return round(100.0 * (value / top), _EXACT)


def _take_points(top: float, found: ForeignQuestion) -> None:
    """Use the best answer's points as the question's, unless the item states them."""
    if top >= 1:
        found.fields.setdefault("points", int(top + 0.5))


def _one(made: list[Choice], right: list[int]) -> dict[str, object]:
    fields = foreign_question.one(made)
    # Several options may earn full points: the declared one is the key.
    best = max(choice.weight for choice in made)
    if right and made[right[0]].weight == best:
        fields["correct"] = right[0]
    return fields


def _several(made: list[Choice], right: list[int], *, weighed: bool) -> dict[str, object]:
    if not weighed:
        return {"type": "multiple", "options": [c.text for c in made], "correct": right}
    fields = foreign_question.several(made)
    worth = sum(made[place].weight for place in right)
    if worth >= FULL and right != fields["correct"]:
        fields.pop("scoring", None)
        fields |= {"correct": right, "weights": [choice.weight for choice in made]}
    return fields


def _as_true_false(found: ForeignQuestion, keys: Sequence[str]) -> None:
    """Turn a question into true/false if its two identifiers or texts are true and false."""
    options, weights = found.fields["options"], found.fields.get("weights")
    if not isinstance(options, list) or len(options) != 2:
        return
    for names in (keys, options):
        said = [name.strip().lower() for name in names]
        if sorted(said) != ["false", "true"]:
            continue
        found.fields["type"] = "true_false"
        if said[0] == "false":  # the first option has to be the one for "true"
            found.fields["options"] = options[::-1]
            found.fields["correct"] = 1 if found.fields["correct"] == 0 else 0
            if isinstance(weights, list):
                found.fields["weights"] = weights[::-1]
        return


def words(declared: Declared, rules: Rules, root: Element, found: ForeignQuestion) -> None:
    """Add the accepted texts to a question.

    Raises:
        Wrong: If there are none, or the mapping's upper bound leaves no points.
    """
    mapping = _mapping(declared, rules)
    worth: dict[str, float] = {}
    entries = mapping.entries if mapping else dict.fromkeys(declared.correct, 1.0)
    for text, value in entries.items():
        said = " ".join(text.split())
        if said and value > 0:
            worth[said] = max(value, worth.get(said, value))
    if not worth:
        raise Wrong("No text is right: give a <correctResponse>.", root)
    top = max(worth.values())
    if mapping:
        top = mapping.top(top)
        if top <= 0:
            raise Wrong("The `upperBound` leaves no points: give one above 0.", root)
        _take_points(top, found)
        if mapping.otherwise > 0:
            found.lost.append("points for every other answer")
    exact = _minds_case(declared, rules, mapped=mapping is not None and mapping is declared.mapping)
    accepted = [Choice(text, min(100.0, share(value, top))) for text, value in worth.items()]
    # In QTI, `*` is literal and not a wildcard.
    found.fields |= {"type": "short_text", "correct": [choice.text for choice in accepted]}
    if any(choice.weight != 100 for choice in accepted):
        found.fields["weights"] = [choice.weight for choice in accepted]
    if exact:
        found.fields["case_sensitive"] = True


def _minds_case(declared: Declared, rules: Rules, *, mapped: bool) -> bool:
    """Return whether case matters; a mapping that states it takes precedence over `match`."""
    mapping = declared.mapping
    if mapping and (mapped or (mapping.says_case and not rules.says_case)):
        return mapping.exact
    return rules.exact


def numbers(declared: Declared, rules: Rules, root: Element, found: ForeignQuestion) -> None:
    """Add the accepted numbers to a question.

    Raises:
        Wrong: If there are none, or one isn't a number.
    """
    worth: dict[Number, float] = {}
    for number, value in _numbers(declared, rules, root):
        worth[number] = max(value, worth.get(number, value))
    top = max(worth.values(), default=0.0)
    if top <= 0:
        raise Wrong("No number is right: give a <correctResponse>.", root)
    _take_points(top, found)
    if any(comparison.strict for comparison in rules.compared) and declared.kind != "integer":
        found.lost.append("its strict bounds: the ends of the range are right as well")
    found.fields |= foreign_question.numbers([(n, share(value, top)) for n, value in worth.items()])


def _numbers(declared: Declared, rules: Rules, root: Element) -> list[tuple[Number, float]]:
    if rules.compared:
        return [(_number(c), _points_of(c, rules)) for c in rules.compared]
    mapping = _mapping(declared, rules)
    entries = mapping.entries if mapping else dict.fromkeys(declared.correct, 1.0)
    return [(Number(number_in(text, root)), value) for text, value in entries.items()]


def _number(comparison: Comparison) -> Number:
    operator = comparison.operator
    values = [number_in(text, operator) for text in comparison.values]
    if len(values) == 2:
        return between(*values)
    value, mode = values[0], operator.attributes.get("toleranceMode", "exact")
    if operator.name != "equal" or mode == "exact":
        return Number(value)
    given = operator.attributes.get("tolerance", "0").split()
    around = [abs(number_in(text, operator)) for text in given[:2]] or [0.0]
    if mode == "relative":
        around = [abs(value) * share / 100 for share in around]
    below, above = around[0], around[-1]
    return Number(value, below) if below == above else between(value - below, value + above)


def between(low: float, high: float) -> Number:
    """Return the number halfway between two, with a tolerance that reaches both."""
    middle, half = (low + high) / 2, abs(high - low) / 2
    return Number(float(f"{middle:.12g}"), float(f"{half:.12g}"))
