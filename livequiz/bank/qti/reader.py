"""Reads a QTI item: its response declaration, body and response processing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from livequiz.bank.foreign_question import Choice, ForeignQuestion, rounded_points
from livequiz.bank.qti import answers, body, feedback
from livequiz.bank.qti.declared import declaration
from livequiz.bank.qti.malformed import Wrong
from livequiz.bank.qti.processing import rules_of
from livequiz.bank.reading import Item, Kind, Place, Problem, beginning, tidy
from livequiz.bank.xml_tree import Element
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.typed_answers import read_number

_OWN_RULES = "its own rules of scoring: see whether the key is all that is right"
_STIMULUS = "the text that it is about, which stands in a file of its own"


def read_item(
    root: Element, member: str | None = None, described: Mapping[str, object] | None = None
) -> Iterator[Item]:
    """Read an item that has QTI 2.1 names.

    Args:
        root: The item.
        member: Its file's path, if it is in a package.
        described: Fields of `QuestionIn` from the package's manifest.

    Raises:
        QuizError: `bad_request` if it isn't an assessment item.
    """
    if root.name != "assessmentItem":
        message = (
            f"This XML begins with <{root.name[:40]}>, but QTI's items with <assessmentItem>: "
            "export single items, or a package."
        )
        raise QuizError(Code.BAD_REQUEST, message)
    try:
        found = _read(root, Place(root.line, root.column, member=member))
    except Wrong as wrong:
        at = Place(wrong.element.line, wrong.element.column, member=member)
        yield Problem(wrong.kind, at, wrong.message, _beginning(root))
        return
    found.fields |= described or {}
    yield from found.items()


def _read(root: Element, place: Place) -> ForeignQuestion:
    _refuse_drawn(root)
    shown = root.first("itemBody")
    if shown is None:
        raise Wrong("There is no <itemBody>: add one, with what is asked.", root)
    interaction = body.interaction_in(shown)
    found = ForeignQuestion(place)
    text = body.question_text(shown, interaction, found)
    found.fields["question"] = text or tidy(root.attributes.get("title", ""))
    if root.first("assessmentStimulusRef") is not None:
        found.lost.append(_STIMULUS)
    found.fields |= _points(root, found)
    feedback.explain(root, interaction, _answers(root, interaction, found), found)
    return found


def _answers(root: Element, interaction: Element, found: ForeignQuestion) -> list[Choice]:
    declared = declaration(root, interaction)
    rules = rules_of(root, declared)
    if rules.other:
        found.lost.append(_OWN_RULES)
    if interaction.name == "choiceInteraction":
        return answers.choices(interaction, declared, rules, found)
    if declared.kind in {"integer", "float"}:
        answers.numbers(declared, rules, root, found)
    else:
        answers.words(declared, rules, root, found)
    return []


def _refuse_drawn(root: Element) -> None:
    if root.attributes.get("adaptive") == "true":
        message = "An adaptive item, which takes several attempts, has no equivalent in LiveQuiz: "
        raise Wrong(f"{message}ask each step by itself.", root, Kind.UNSUPPORTED)
    template = root.first("templateProcessing", "templateDeclaration")
    if template is not None:
        message = f"Its values are drawn anew for each student ({template.name}): "
        raise Wrong(f"{message}write it out with values.", template, Kind.UNSUPPORTED)


def _points(root: Element, found: ForeignQuestion) -> dict[str, object]:
    """Return an item's points, if it states them: SCORE's `normalMaximum`, else MAXSCORE."""
    outcomes = {o.attributes.get("identifier"): o for o in root.all("outcomeDeclaration")}
    said = []
    if (score := outcomes.get("SCORE")) is not None:
        said.append(score.attributes.get("normalMaximum", ""))
    if (most := outcomes.get("MAXSCORE")) is not None:
        said.append(most.text)
    for text in said:
        points = read_number(text)
        if points is not None and 0 <= points < 1e9:
            return {"points": rounded_points(points, found)}
    return {}


def _beginning(root: Element) -> str:
    shown = root.first("itemBody")
    text = body.plain(shown) if shown is not None else ""
    return beginning(text or tidy(root.attributes.get("title", "")))
