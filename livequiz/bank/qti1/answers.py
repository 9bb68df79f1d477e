"""An item's key and weights, from the points its conditions give for each answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from livequiz.bank import foreign_question
from livequiz.bank.foreign_question import Choice, ForeignQuestion
from livequiz.bank.qti.answers import Options, between, check_known, keyed, share
from livequiz.bank.qti.declared import Declared, Mapping
from livequiz.bank.qti.malformed import Wrong, number_in
from livequiz.bank.qti.processing import Rules
from livequiz.bank.qti1.conditions import Scoring, score, value_of
from livequiz.bank.xml_tree import Element
from livequiz.domain.model import Number

_NOTHING = "Nothing says which answer is right: give points for it in <resprocessing>."
_ODD = (
    "What is right is said in a way that is not read here ({}): give each right answer by itself."
)
_PARTS = "the points for a part of the right options"
_LOWER = frozenset({"vargte", "vargt"})
_ROUNDED = 0.1  # percent; three times 33.33 counts as 100
_ALL_CHOICES = 8  # options, up to which every combination is tried
_MOST_CONDITIONS = 100
_MOST = 50  # ranges that are checked for containing a number
_BOUNDS = _LOWER | {"varlte", "varlt"}


def single(
    options: Options, scoring: Scoring, shares: dict[str, float], found: ForeignQuestion
) -> list[Choice]:
    """Add a single choice's options to a question, weighted by the points each one scores.

    Args:
        options: The options.
        scoring: The item's scoring.
        shares: Partial credit for each option, if given separately.
        found: The question to add to.

    Raises:
        Wrong: If the key is missing, unknown or ambiguous.
    """
    _check_known(options, scoring)
    for condition in scoring.positive():
        if len(condition.tests) > 1 and all(test.name == "varequal" for test in condition.tests):
            message = "Several options are right, but only one can be chosen: "
            text = f"{message}should several be chosen (multiple), or is one right?"
            raise Wrong(text, condition.element)
    worth = {key: score(scoring, {key}, several=False) for key in options.keys}
    if max(worth.values(), default=0.0) <= 0:
        raise Wrong(_NOTHING, options.element)
    best = max(worth, key=lambda key: worth[key])
    if shares.get(best, 0.0) > 0 and shares[best] == max(shares.values()):
        worth = {key: shares.get(key, 0.0) for key in options.keys}
    declared = Declared("", False, "identifier", [], Mapping(worth, lower=scoring.lowest))
    return keyed(options, declared, Rules(mapped=True), found)


def several(
    options: Options,
    scoring: Scoring,
    shares: dict[str, float],
    found: ForeignQuestion,
    *,
    whole: bool,
) -> list[Choice]:
    """Add a multiple choice's options to a question.

    Args:
        options: The options.
        scoring: The item's scoring.
        shares: Partial credit for each option, if given separately.
        found: The question to add to.
        whole: Whether partly right answers score nothing, whatever the shares.

    Raises:
        Wrong: If the key is missing, unknown or ambiguous.
    """
    _check_known(options, scoring)
    parts, left_out = (shares, False) if shares else _shares(scoring, found)
    if parts:
        worth = {key: parts.get(key, 0.0) for key in options.keys}
        if max(worth.values(), default=0.0) <= 0:
            raise Wrong(_NOTHING, options.element)
        right = [key for key in options.keys if worth[key] > 0]
        if not whole and not left_out:
            total = sum(value for value in worth.values() if value > 0)
            in_per_cent = bool(shares) or abs(total - 100) < _ROUNDED
            upper = None if in_per_cent else scoring.highest
            mapping = Mapping(worth, lower=scoring.lowest, upper=upper)
            declared = Declared("", True, "identifier", [], mapping)
            return keyed(options, declared, Rules(mapped=True), found)
    else:
        right = _all_or_nothing(options, scoring, found)
    declared = Declared("", True, "identifier", right, None)
    return keyed(options, declared, Rules(), found)


def _check_known(options: Options, scoring: Scoring) -> None:
    keys = options.keys
    if len(set(keys)) < len(keys) or "" in keys:
        raise Wrong("Two options have the same identifier: give each its own.", options.element)
    for condition in scoring.positive():
        check_known(_mentioned(condition.tests), keys, condition.element)


def _mentioned(tests: Sequence[Element]) -> Iterator[str]:
    """Yield the options that a condition wants chosen."""
    for test in tests:
        if test.name == "varequal":
            yield value_of(test)
        elif test.name != "not":
            yield from _mentioned(list(test))


def _shares(scoring: Scoring, found: ForeignQuestion) -> tuple[dict[str, float], bool]:
    """Return the points each option adds, and whether leaving one out gives points too.

    There are no points to return if options score only in combination.
    """
    parts: dict[str, float] = {}
    left_out = False
    for condition in scoring.conditions:
        if condition.is_other and not condition.points:
            continue
        test, sign = condition.tests[0], 1.0
        if test.name == "not" and len(list(test)) == 1:
            test, sign = next(iter(test)), -1.0
            left_out = left_out or bool(condition.points)
        if not condition.adds or len(condition.tests) != 1 or test.name != "varequal":
            return {}, False
        value = value_of(test)
        parts[value] = parts.get(value, 0.0) + sign * (condition.points or 0.0)
    if left_out:
        found.lost.append(_PARTS)
    return parts, left_out


def _all_or_nothing(options: Options, scoring: Scoring, found: ForeignQuestion) -> list[str]:
    """Return the combination of options with the highest score, if there is only one.

    Raises:
        Wrong: If there are several or none, or too many conditions to find out.
    """

    def worth(chosen: set[str]) -> float:
        return score(scoring, chosen, several=True)

    if len(scoring.conditions) > _MOST_CONDITIONS:
        message = (
            f"There are {len(scoring.conditions)} conditions: say which options are right in one."
        )
        raise Wrong(message, options.element)
    wanted = [set(_mentioned(c.tests)) for c in scoring.positive()]
    best = max(wanted, key=worth, default=set[str]())
    top = worth(best)
    if not best or top <= 0:
        raise Wrong(_NOTHING, options.element)
    others = [other for other in _others(best, scoring, options) if other != best]
    if any(worth(other) >= top for other in others):
        message = "Which options are right together is not sure: "
        text = f"{message}other choices are worth as many points as {len(best)} of them."
        raise Wrong(text, options.element)
    if any(worth(other) > 0 for other in others):
        found.lost.append(_PARTS)
    return [key for key in options.keys if key in best]


def _others(best: set[str], scoring: Scoring, options: Options) -> list[set[str]]:
    """Return combinations that may score as much as the best: all of them, or only likely ones.

    As in Common Cartridge, an option that no condition names counts as not chosen.
    """
    tests = [e for c in scoring.conditions for test in c.tests for e in test.walk()]
    mentioned = {value_of(test) for test in tests if test.name == "varequal"}
    named = [key for key in options.keys if key in mentioned]
    if len(named) <= _ALL_CHOICES:
        sizes = range(len(named) + 1)
        return [set(chosen) for size in sizes for chosen in combinations(named, size)]
    return [best ^ {key} for key in named] + [
        set(_mentioned(condition.tests)) for condition in scoring.positive()
    ]


def words(scoring: Scoring, found: ForeignQuestion, item: Element) -> None:
    """Add the accepted texts to a question.

    Raises:
        Wrong: If there are none, or a condition isn't understood.
    """
    worth: dict[str, float] = {}
    exact = False
    for condition in scoring.positive():
        for test in _alternatives(condition.tests):
            said = " ".join(test.text.split())
            if not said:
                continue
            starred = said.replace("*", "\\*")
            if condition.contains or _is_part(test):
                starred = f"*{starred}*"
            worth[starred] = max(condition.points or 0.0, worth.get(starred, 0.0))
            exact |= test.attributes.get("case", "No").lower() == "yes"
    top = max(worth.values(), default=0.0)
    if top <= 0:
        raise Wrong(_NOTHING, item)
    made = [Choice(text, share(value, top)) for text, value in worth.items()]
    found.fields |= foreign_question.words(made, case_sensitive=exact)


def listed(options: Options, scoring: Scoring, found: ForeignQuestion) -> None:
    """Add the accepted texts to a question, from an item that lists them as options.

    Raises:
        Wrong: If none scores, or the key is unknown.
    """
    _check_known(options, scoring)
    worth = {
        text.replace("*", "\\*"): score(scoring, {key}, several=False)
        for text, key in zip(options.texts, options.keys, strict=True)
    }
    top = max(worth.values(), default=0.0)
    if top <= 0:
        raise Wrong(_NOTHING, options.element)
    found.fields |= foreign_question.words(
        [Choice(t, share(value, top)) for t, value in worth.items()]
    )


def _alternatives(tests: Sequence[Element]) -> Iterator[Element]:
    """Yield the comparisons that are each sufficient on their own.

    Raises:
        Wrong: If one isn't sufficient, or isn't a comparison of texts.
    """
    for test in tests:
        if test.name in {"varequal", "varsubstring"} or _is_text_of_blackboard(test):
            yield test
        elif test.name == "or" or (test.name == "and" and len(list(test)) == 1):
            yield from _alternatives(list(test))
        else:
            raise Wrong(_ODD.format(test.name[:40]), test)


def _is_part(test: Element) -> bool:
    """Return whether the answer only has to contain the text."""
    how = test.attributes.get("setmatch", "").lower()
    return test.name == "varsubstring" or (test.name == "varsubset" and how == "contains")


def _is_text_of_blackboard(test: Element) -> bool:
    """Return whether a `varsubset` is one text, as in Blackboard, and not a list."""
    how = test.attributes.get("setmatch", "").lower()
    one = how in {"exact", "contains"} and not set(test.text) & set(";؛,")
    return test.name == "varsubset" and one


def numbers(scoring: Scoring, found: ForeignQuestion, item: Element) -> None:
    """Add the accepted numbers to a question.

    Raises:
        Wrong: If there are none, one isn't a number, or a range has only one end.
    """
    worth: dict[Number, float] = {}
    for condition in scoring.positive():
        given = list(_ranges(condition.tests, found))
        wide = [(low, high) for low, high in given[:_MOST] if low < high]
        for low, high in given:
            # Skip a number in a range: Canvas repeats the one in the middle.
            if low < high or not any(a <= low <= b for a, b in wide):
                number = between(low, high)
                worth[number] = max(condition.points or 0.0, worth.get(number, 0.0))
    top = max(worth.values(), default=0.0)
    if top <= 0:
        raise Wrong(_NOTHING, item)
    found.fields |= foreign_question.numbers([(n, share(value, top)) for n, value in worth.items()])


def _ranges(tests: Sequence[Element], found: ForeignQuestion) -> Iterator[tuple[float, float]]:
    """Yield the ranges that are each sufficient on their own; a number is one of zero width."""
    bounds = [test for test in tests if test.name in _BOUNDS]
    if bounds:
        yield _range(bounds, tests, found)
        return
    for test in tests:
        if test.name == "varequal":
            value = number_in(test.text, test)
            yield value, value
        elif test.name == "or":
            for each in test:
                yield from _ranges([each], found)
        elif test.name == "and" and (len(list(test)) == 1 or any(e.name in _BOUNDS for e in test)):
            yield from _ranges(list(test), found)
        else:
            raise Wrong(_ODD.format(test.name[:40]), test)


def _range(
    bounds: Sequence[Element], tests: Sequence[Element], found: ForeignQuestion
) -> tuple[float, float]:
    """Return the range between two bounds.

    Blackboard adds a comparison with the number in its middle.
    """
    ends = {test.name in _LOWER: number_in(test.text, test) for test in bounds}
    if len(bounds) != 2 or len(ends) != 2:
        message = f"Every number on one side of a bound is right ({bounds[0].name[:40]}): "
        raise Wrong(f"{message}give both bounds.", bounds[0])
    low, high = ends[True], ends[False]
    for test in tests:
        if test in bounds:
            continue
        if test.name != "varequal" or not low <= number_in(test.text, test) <= high:
            raise Wrong(_ODD.format(test.name[:40]), test)
    if low > high:
        raise Wrong("No number is right: the upper bound is below the lower one.", bounds[0])
    if any(bound.name in {"vargt", "varlt"} for bound in bounds):
        found.lost.append("its strict bounds: the ends of the range are right as well")
    return low, high


def is_number(scoring: Scoring) -> bool:
    """Return whether right answers have bounds, as only numbers do."""
    tests = [t for c in scoring.positive() for each in c.tests for t in each.walk()]
    return any(test.name in _BOUNDS for test in tests)


def feedback_of_one(item: Element) -> dict[str, str]:
    """Map each feedback's name to the one answer it is about; missing or empty if not just one."""
    about: dict[str, set[str]] = {}
    for element in item.walk():
        tests = [test for part in element.all("conditionvar") for test in part]
        for shown in element.all("displayfeedback"):
            is_one = len(tests) == 1 and tests[0].name == "varequal"
            said = value_of(tests[0]) if is_one else ""
            about.setdefault(shown.attributes.get("linkrefid", ""), set()).add(said)
    return {name: one for name, values in about.items() for one in values if len(values) == 1}
