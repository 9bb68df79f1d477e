"""Reads Moodle XML: each `<question>` of its `<quiz>`."""

from __future__ import annotations

from codecs import BOM_UTF8, BOM_UTF16_BE
from collections import Counter
from collections.abc import Callable, Iterator

from livequiz.bank import foreign_question
from livequiz.bank.foreign_question import Choice, ForeignQuestion, rounded_points
from livequiz.bank.moodle import answers
from livequiz.bank.moodle.malformed import Wrong, place_of
from livequiz.bank.moodle.texts import form_of, plain, preview, rich
from livequiz.bank.reading import Item, Kind, Problem, beginning
from livequiz.bank.xml_tree import Element, parse
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.typed_answers import read_number

_READERS: dict[str, Callable[[Element, ForeignQuestion], list[Choice]]] = {
    "multichoice": answers.multichoice,
    "truefalse": answers.truefalse,
    "shortanswer": answers.shortanswer,
    "numerical": answers.numerical,
}
_INSTEAD = {
    "calculated": "ask for the result with given numbers",
    "calculatedmulti": "ask for the result with given numbers",
    "calculatedsimple": "ask for the result with given numbers",
    "cloze": "ask for each gap in a question of its own",
    "description": "put its text into the questions that need it",
    "essay": "ask for a few words, or for a choice",
    "matching": "ask for each pair in a question of its own",
    "random": "export the questions that it stands for",
    "randomsamatch": "export the questions that it stands for",
}
# Parts that are reported as left out. Settings without an equivalent here (order and numbering of
# the options, display of units, Moodle's own database fields) are dropped silently.
_PARTS = {
    "hint": "its hints",
    "file": "its files",
    "unit": "its units",
    "image": "a picture",
    "instructions": "its instructions",
}
_NO_MARKUP = BOM_UTF8 + BOM_UTF16_BE + b" \t\r\n"  # what may precede the first tag
# What Moodle deducts for each wrong try by default.
_USUAL_PENALTIES = frozenset({0.0, 0.1, 0.3333333, 1.0})
_WRONG = "incorrectfeedback"
_COMBINED = ("correctfeedback", "partiallycorrectfeedback", _WRONG)


def read(content: bytes) -> Iterator[Item]:
    """Read questions from Moodle XML.

    Yields:
        Questions and problems, in the order of the file.

    Raises:
        QuizError: `bad_request` if the file isn't XML, or isn't Moodle's.
    """
    root = parse(content)
    if root.name != "quiz":
        message = f"This XML begins with <{root.name[:40]}>, but Moodle's begins with <quiz>."
        raise QuizError(Code.BAD_REQUEST, message)
    category = ""
    said: set[str] = set()
    usual = _usual(root)
    for element in root.all("question"):
        kind = element.attributes.get("type", "").strip()
        try:
            if kind == "category":
                category = ""  # don't keep the previous one if this one is malformed
                category = plain(element.first("category"))
            else:
                yield from _question(element, kind, category, usual, said).items()
        except Wrong as wrong:
            yield Problem(wrong.kind, wrong.place, wrong.message, beginning(preview(element)))


def looks_like_moodle(content: bytes, suffix: str) -> bool:
    """Return whether a file is XML with a `<quiz>` near its start."""
    # In UTF-16, every other byte of ASCII text is zero.
    start = content[:8_192].replace(b"\0", b"").lstrip(_NO_MARKUP)
    return b"<quiz" in start and start.startswith(b"<")


def _usual(root: Element) -> set[str]:
    """Return feedback on wrong answers that several questions share, so that it explains none."""
    texts = Counter(
        part.text.strip() for element in root.all("question") for part in element.all(_WRONG)
    )
    return {text for text, count in texts.items() if count > 1}


def _question(
    element: Element, kind: str, category: str, usual: set[str], said: set[str]
) -> ForeignQuestion:
    if kind not in _READERS:
        raise Wrong(_unsupported(kind), element, Kind.UNSUPPORTED)
    found = ForeignQuestion(place_of(element))
    asked = element.first("questiontext")
    found.fields["question"] = rich(asked, found)
    if not found.fields["question"]:
        raise Wrong("There is no text in <questiontext>: say there what is asked.", element)
    tags = [plain(tag) for tags in element.all("tags", "coursetags") for tag in tags.all("tag")]
    found.fields |= foreign_question.topics_of(foreign_question.split_path(category), tags)
    found.fields["points"] = _points(element, found)
    general = rich(element.first("generalfeedback"), found, form_of(asked))
    wrong = element.first(_WRONG)
    own = wrong if wrong and wrong.text.strip() not in usual else None
    found.explain(general, _READERS[kind](element, found))
    # R/exams puts the solution in the feedback on wrong answers.
    if found.explain_by_correction(correction := rich(own, ForeignQuestion(found.place))):
        said.add(correction)
    found.lost += _left_out(element, said)
    return found


def _unsupported(kind: str) -> str:
    if not kind:
        return 'This question has no type: give it one, such as type="multichoice".'
    instead = _INSTEAD.get(kind, "ask for a choice, a number or a few words")
    return f"There is no question of type {kind[:40]} here: {instead}."


def _points(element: Element, found: ForeignQuestion) -> float:
    written = plain(element.first("defaultgrade")) or "1"
    grade = read_number(written)
    if grade is None or not 0 <= grade <= 1_000:
        message = "<defaultgrade> is not a number of points from 0 to 1000: write one such as 1."
        raise Wrong(message, element.first("defaultgrade") or element)
    return rounded_points(grade, found)


def _left_out(element: Element, said: set[str]) -> Iterator[str]:
    """Yield the parts of a question that have no equivalent in LiveQuiz.

    Args:
        element: The question.
        said: Combined feedback that was already reported; Moodle fills in the same default text
            for each question, so it's reported once. Updated.
    """
    for part in [*element, *(unit for units in element.all("units") for unit in units)]:
        if part.name in _PARTS:
            yield _PARTS[part.name]
    for name in _COMBINED:
        text = rich(element.first(name), ForeignQuestion(place_of(element)))
        if text and text not in said:
            said.add(text)
            yield f"what it says to all who answer it ({beginning(text)})"
    penalty = read_number(plain(element.first("penalty")) or "0")
    if penalty is None or not any(abs(penalty - usual) < 0.005 for usual in _USUAL_PENALTIES):
        yield "its penalty for each wrong try"
    if plain(element.first("hidden")) == "1":
        yield "being hidden, as it is in Moodle: delete it if nobody is to be asked"
