"""Writes XML that Moodle can import, with its own fractions, categories and types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast
from xml.sax.saxutils import escape

from livequiz.bank.foreign_question import (
    accepted,
    join_path,
    not_written,
    renamed,
    weights_of,
)
from livequiz.bank.html_text import text_to_html
from livequiz.bank.reading import Kind, Place, Problem, Writing, beginning
from livequiz.domain.key_wording import number_in_words
from livequiz.domain.model import Draft, Number, QuestionType

_LACKS = ("time_limit", "source", "scoring", "options")
_KINDS = {
    QuestionType.SINGLE: "multichoice",
    QuestionType.MULTIPLE: "multichoice",
    QuestionType.TRUE_FALSE: "truefalse",
    QuestionType.NUMERIC: "numerical",
    QuestionType.SHORT_TEXT: "shortanswer",
}
# In percent. Moodle rejects all others: see `fraction_options_full` in its source.
FRACTIONS = tuple(
    sign * fraction
    for fraction in (0, 5, 10, 100 / 9, 12.5, 100 / 7, 100 / 6, 20, 25, 30, 100 / 3, 40, 50, 60,
                     200 / 3, 70, 75, 80, 500 / 6, 90, 100)
    for sign in (1, -1)
)  # fmt: skip
_CLOSE = 0.001  # in percent: how closely weights must match Moodle's
_NO_TOPIC = "top/Default for LiveQuiz"
# Characters that XML can't hold even as escapes.
_NO_XML = {0xFFFE: 0xFFFD, 0xFFFF: 0xFFFD}


def write(drafts: Sequence[Draft]) -> Writing:
    """Return questions as Moodle XML, in order, under their categories."""
    problems: list[Problem] = []
    parts = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>"]
    category = ""
    for number, draft in enumerate(drafts, start=1):
        path = _path(draft, category)
        if path != category:
            parts.append(f'<question type="category">{_holder("category", path)}</question>')
            category = path
        problems += _lost(draft)
        parts += _question(draft, number)
    return Writing("\n".join([*parts, "</quiz>", ""]).translate(_NO_XML).encode(), problems)


def _path(draft: Draft, category: str) -> str:
    """Return a question's category; empty if it has no topics and no category came before."""
    if draft.topics:
        return join_path(("top", *draft.topics))
    return _NO_TOPIC if category else ""


def _lost(draft: Draft) -> Iterator[Problem]:
    yield from not_written(draft, *_LACKS)
    yield from renamed(draft, "top")
    what = []
    if draft.type is QuestionType.TRUE_FALSE and draft.weights:
        what.append("the weights of its answers")
    elif any(abs(_nearest(w) - w) > _CLOSE for w in weights_of(draft)):
        what.append("its exact weights: Moodle has none between its own, the nearest are taken")
    for lost in what:
        yield Problem(Kind.LOST, Place(), f"Written without {lost}.", beginning(draft.text))


def _nearest(weight: float) -> float:
    return min(FRACTIONS, key=lambda fraction: abs(fraction - weight))


def _question(draft: Draft, number: int) -> Iterator[str]:
    kind = _KINDS[draft.type]
    yield f'<question type="{kind}">'
    yield _holder("name", f"{number:04d} {beginning(draft.text)}")
    yield _html("questiontext", draft.text)
    yield _html("generalfeedback", draft.explanation or "")
    yield f"<defaultgrade>{draft.points}</defaultgrade>"
    if kind == "multichoice":
        yield f"<single>{'true' if draft.type is QuestionType.SINGLE else 'false'}</single>"
        yield "<shuffleanswers>true</shuffleanswers>"
        yield "<answernumbering>ABCD</answernumbering>"
    if kind == "shortanswer":
        yield f"<usecase>{int(draft.case_sensitive)}</usecase>"
    yield from _answers(draft)
    if draft.difficulty:
        yield f"<tags><tag>{_text(draft.difficulty.value)}</tag></tags>"
    yield "</question>"


def _answers(draft: Draft) -> Iterator[str]:
    weights = weights_of(draft)
    match draft.type:
        case QuestionType.TRUE_FALSE:
            for place, text in enumerate(("true", "false")):
                yield _answer(_text(text), 100.0 * (place == draft.correct))
        case QuestionType.NUMERIC:
            numbers = cast("tuple[Number, ...]", draft.correct)
            for number, weight in zip(numbers, weights, strict=True):
                around = number_in_words(number.tolerance)
                value = _text(number_in_words(number.value))
                yield _answer(f"{value}<tolerance>{around}</tolerance>", weight)
        case QuestionType.SHORT_TEXT:
            for text, weight in zip(accepted(draft), weights, strict=True):
                yield _answer(_text(text), weight, "plain_text")
        case QuestionType.SINGLE | QuestionType.MULTIPLE:
            for text, weight in zip(draft.options, weights, strict=True):
                yield _answer(_text(text_to_html(text)), weight, "html")


def _answer(inside: str, weight: float, form: str = "moodle_auto_format") -> str:
    # Moodle only recognizes its own thirds and sixths with five decimals.
    fraction = f"{_nearest(weight):.5f}".rstrip("0").rstrip(".")
    return f'<answer fraction="{fraction}" format="{form}">{inside}</answer>'


def _html(name: str, text: str) -> str:
    return f'<{name} format="html">{_text(text_to_html(text))}</{name}>'


def _holder(name: str, text: str) -> str:
    return f"<{name}>{_text(text)}</{name}>"


def _text(text: str) -> str:
    return f"<text>{escape(text)}</text>"
