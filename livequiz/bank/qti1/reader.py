"""Reads the items of a QTI 1.2 document: an assessment, a section or an object bank."""

from __future__ import annotations

from collections.abc import Iterator

from livequiz.bank.foreign_question import Choice, ForeignQuestion, rounded_points
from livequiz.bank.qti.answers import Options, option_text
from livequiz.bank.qti.body import GAP
from livequiz.bank.qti.feedback import Said, explain_with, tells
from livequiz.bank.qti.malformed import Wrong
from livequiz.bank.qti1 import answers, kinds
from livequiz.bank.qti1.conditions import Scoring, partial_credit, scoring_of
from livequiz.bank.qti1.presentation import RESPONSES, question_text, rich
from livequiz.bank.reading import Item, Kind, Place, Problem, beginning, tidy
from livequiz.bank.xml_tree import Element
from livequiz.domain.typed_answers import read_number

ROOTS = frozenset({"questestinterop", "assessment", "section", "objectbank", "item"})
_BLACKBOARD = "bbmd_questiontype"
_NUMBERS = frozenset({"decimal", "integer", "scientific"})
_MOST_OPTIONS = 26
_PER_CENT = 100.0  # the maximum score in Canvas and Common Cartridge, whatever the points


def read_document(root: Element, member: str | None = None) -> Iterator[Item]:
    """Read the items of a document, in order.

    Args:
        root: The root element, one of `ROOTS`.
        member: The file's path, if it is in a package.
    """
    items = [element for element in root.walk() if element.name == "item"]
    for element in items:
        yield from _item(element, member)
    drawn = [element for element in root.walk() if element.name in {"itemref", "sourcebank_ref"}]
    if drawn and not items:
        place = Place(drawn[0].line, drawn[0].column, member=member)
        message = "Its questions are in another file, which it draws them from: import that one."
        yield Problem(Kind.LOST, place, message)


def _item(item: Element, member: str | None) -> Iterator[Item]:
    found = ForeignQuestion(Place(item.line, item.column, member=member))
    try:
        _read(item, found)
    except Wrong as wrong:
        at = Place(wrong.element.line, wrong.element.column, member=member)
        yield Problem(wrong.kind, at, wrong.message, _beginning(item))
        return
    yield from found.items()


def _beginning(item: Element) -> str:
    shown = item.first("presentation")
    text = question_text(shown, ForeignQuestion(Place())) if shown else ""
    return beginning(text or tidy(item.attributes.get("title", "")))


def _read(item: Element, found: ForeignQuestion) -> None:
    said = kinds.metadata(item)
    kind = kinds.kind_of(said)
    shown = item.first("presentation")
    responses = [e for e in shown.walk() if e.name in RESPONSES] if shown else []
    is_one_blank = kind in {kinds.BLANKS, kinds.DROPDOWNS} and len(responses) == 1
    if not is_one_blank and not kinds.has_equal(kind):
        raise kinds.unsupported(kind, item)
    if shown is None or len(responses) != 1:
        raise kinds.unsupported("several" if responses else "text_only", item)
    response = responses[0]
    text = question_text(shown, found, without=response if is_one_blank else None)
    if is_one_blank:
        name = response.attributes.get("ident", "").removeprefix("response_")
        text = text.replace(f"[{name}]", GAP)
    found.fields["question"] = text or tidy(item.attributes.get("title", ""))
    scoring = scoring_of(item, blackboard=_BLACKBOARD in said)
    found.fields["points"] = rounded_points(_points(said, scoring), found)
    made = _answers(item, response, said, scoring, found)
    _explain(item, response, made, scoring, found)


def _points(said: dict[str, str], scoring: Scoring) -> float:
    """Return an item's points: from its metadata, else its maximum score."""
    possible = read_number(said.get("points_possible", ""))
    if possible is not None and possible >= 0:
        return possible
    said_by = "qmd_absolutescore_max" if _BLACKBOARD in said else "qmd_weighting"
    given = [read_number(said.get(said_by, "")), scoring.highest]
    given.append(max((c.points or 0.0 for c in scoring.conditions), default=0.0))
    most = next((points for points in given if points and points > 0), 1.0)
    return most if most >= 1 and most != _PER_CENT else 1.0


def _answers(
    item: Element,
    response: Element,
    said: dict[str, str],
    scoring: Scoring,
    found: ForeignQuestion,
) -> list[Choice]:
    kind = kinds.kind_of(said)
    labels = _labels(response)
    inside = {element.name for element in response.walk()}
    if response.name == "response_xy" or "render_hotspot" in inside:
        raise kinds.unsupported("hot_spot", response)
    if response.name == "response_grp":
        raise kinds.unsupported("matching", response)
    if response.name != "response_lid" and "render_choice" not in inside:
        _typed(item, response, kind, scoring, found)
        return []
    cardinality = response.attributes.get("rcardinality", "Single").lower()
    if cardinality == "ordered":
        raise kinds.unsupported("ordering", response)
    if len(labels) > _MOST_OPTIONS:
        message = f"There are {len(labels)} options: a question can have at most 26."
        raise Wrong(message, response)
    texts = [option_text(rich, label, place, found) for place, label in enumerate(labels)]
    keys = [label.attributes.get("ident", "") for label in labels]
    options = Options([kinds.shown(text) for text in texts], keys, item)
    shares = _shares(item, said, scoring)
    if kind == kinds.BLANKS:
        kinds.check_blank(labels)
        answers.listed(options, scoring, found)
        return []
    if kind in kinds.SEVERAL or (kind not in kinds.SINGLE and cardinality == "multiple"):
        whole = said.get("scoring_algorithm", "").lower() == "allornothing"
        return answers.several(options, scoring, shares, found, whole=whole)
    return answers.single(options, scoring, shares, found)


def _typed(
    item: Element, response: Element, kind: str, scoring: Scoring, found: ForeignQuestion
) -> None:
    forms = {e.attributes.get("fibtype", "").lower() for e in response.walk()}
    is_number = kind in kinds.NUMBER or response.name == "response_num" or forms & _NUMBERS
    if is_number or answers.is_number(scoring):
        answers.numbers(scoring, found, item)
    elif scoring.conditions:
        answers.words(scoring, found, item)
    else:
        raise kinds.unsupported("essay", item)


def _labels(response: Element) -> list[Element]:
    return [element for element in response.walk() if element.name == "response_label"]


def _shares(item: Element, said: dict[str, str], scoring: Scoring) -> dict[str, float]:
    """Return Blackboard's partial credit for each option, in percent, if it applies."""
    if _BLACKBOARD not in said:
        return {}
    titled = any(condition.is_called_right() for condition in scoring.conditions)
    if titled and said.get("bbmd_partialcredit", "").lower() != "true":
        return {}
    given = partial_credit(item)
    return given if any(value > 0 for value in given.values()) else {}


def _explain(
    item: Element, response: Element, made: list[Choice], scoring: Scoring, found: ForeignQuestion
) -> None:
    keys = [label.attributes.get("ident", "") for label in _labels(response)][: len(made)]
    about = answers.feedback_of_one(item)
    right = {value for c in scoring.positive() for test in c.tests for value in [test.text.strip()]}
    said = []
    for element in item.all("itemfeedback"):
        name = element.attributes.get("ident", "")
        if any(inner.name == "hint" for inner in element):
            found.lost.append("its hints")
            continue
        option = name.removesuffix("_fb")
        if option not in keys and tells(name, keys) is None and about.get(name):
            option = about[name] if made else ("correct" if about[name] in right else "incorrect")
        said.append(Said(option, rich(element, found)))
    explain_with(said, keys, made, found)
