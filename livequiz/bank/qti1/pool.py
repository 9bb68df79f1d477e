"""Blackboard's own pool format from before it used QTI: `<POOL>` with `<QUESTION_...>`.

See how Moodle reads it: `question/format/blackboard_six/formatpool.php` in its source.
"""

from __future__ import annotations

from collections.abc import Iterator

from livequiz.bank import foreign_question
from livequiz.bank.foreign_question import Choice, ForeignQuestion, rounded_points
from livequiz.bank.html_text import html_to_text
from livequiz.bank.qti.answers import Options, check_known, keyed, option_text
from livequiz.bank.qti.declared import Declared
from livequiz.bank.qti.feedback import Said, explain_with
from livequiz.bank.qti.malformed import Wrong
from livequiz.bank.qti.processing import Rules
from livequiz.bank.qti1 import kinds
from livequiz.bank.reading import Item, Kind, Place, Problem, beginning, tidy
from livequiz.bank.xml_tree import Element
from livequiz.domain.typed_answers import read_number

_START = "QUESTION_"
_SAME_AS = {"ESSAY": "essay", "MATCH": "matching", "ORDER": "ordering"}
_CHOICES = {"TRUEFALSE": False, "MULTIPLECHOICE": False, "MULTIPLEANSWER": True}
_FEEDBACK = {"FEEDBACK_WHEN_CORRECT": "correct", "FEEDBACK_WHEN_INCORRECT": "incorrect"}


def read_pool(root: Element, member: str | None = None) -> Iterator[Item]:
    """Read the questions of a pool, in order."""
    points = {
        element.attributes.get("id", ""): read_number(element.attributes.get("points", ""))
        for group in root.all("QUESTIONLIST")
        for element in group
    }
    for question in root:
        if question.name.startswith(_START):
            found = ForeignQuestion(Place(question.line, question.column, member=member))
            worth = points.get(question.attributes.get("id", ""))
            found.fields["points"] = rounded_points(worth, found) if worth else 1
            body = question.first("BODY")
            found.fields["question"] = _text(body, found) if body else ""
            try:
                _read(question, found)
            except Wrong as wrong:
                at = Place(wrong.element.line, wrong.element.column, member=member)
                text = beginning(found.fields["question"])
                yield Problem(wrong.kind, at, wrong.message, text)
            else:
                yield from found.items()


def _read(question: Element, found: ForeignQuestion) -> None:
    kind = question.name.removeprefix(_START)
    given = question.all("ANSWER")
    keys = [answer.attributes.get("id", "") for answer in given]
    gradable = question.first("GRADABLE") or question
    correct = [e.attributes.get("answer_id", "") for e in gradable.all("CORRECTANSWER")]
    made: list[Choice] = []
    if kind in _CHOICES:
        texts = [option_text(_text, answer, n, found) for n, answer in enumerate(given)]
        if not correct:
            raise Wrong("No option is right: name one in <CORRECTANSWER>.", question)
        check_known(correct, keys, question)
        if not _CHOICES[kind] and len(correct) > 1:
            message = "Several options are right, but only one can be chosen: "
            raise Wrong(f"{message}should several be chosen, or is one right?", question)
        declared = Declared("", _CHOICES[kind], "identifier", correct, None)
        made = keyed(Options(texts, keys, question), declared, Rules(), found)
    elif kind == "FILLINBLANK" and given:
        accepted = [_text(answer, found).replace("*", "\\*") for answer in given]
        found.fields |= foreign_question.words([Choice(text, 100.0) for text in accepted if text])
    else:
        if kind in _SAME_AS:
            raise kinds.unsupported(_SAME_AS[kind], question)
        message = f"There is no question of type {kind[:40]} here: ask it as a choice."
        raise Wrong(message, question, Kind.UNSUPPORTED)
    said = [Said(_FEEDBACK[e.name], _shown(e.text, found)) for e in gradable.all(*_FEEDBACK)]
    explain_with(said, keys, made, found)


def _text(holder: Element, found: ForeignQuestion) -> str:
    """Return the text of an element's `<TEXT>`, which is HTML unless its flags say otherwise."""
    text = holder.first("TEXT")
    flags = [e for e in holder.walk() if e.name == "ISHTML"]
    plain = any(flag.attributes.get("value", "").lower() == "false" for flag in flags)
    source = text.text if text else ""
    return tidy(source) if plain else _shown(source, found)


def _shown(source: str, found: ForeignQuestion) -> str:
    shown = html_to_text(source)
    found.lost.extend(shown.lost)
    return shown.text
