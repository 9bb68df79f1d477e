"""Moodle XML (https://docs.moodle.org/en/Moodle_XML_format)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast
from xml.sax.saxutils import escape, quoteattr

from livequiz.bank import shared
from livequiz.bank.format import Format
from livequiz.bank.html_text import html_to_text, text_to_html
from livequiz.bank.reading import Item, Kind, Place, Problem, Writing, beginning, tidy
from livequiz.bank.shared import Choice, Found, accepted, join_path, not_written, weights_of
from livequiz.bank.xml_tree import Element, parse
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Draft, Number, QuestionType
from livequiz.domain.typed import read_number
from livequiz.domain.wording import number_in_words

_LACKS = ("time_limit", "source", "scoring", "options")
_HTML = {"html", "moodle_auto_format", ""}
# Of a question, beside what is read: settings that have no meaning here are left out in silence.
_SIGNIFICANT = {"hint": "its hints", "file": "its files", "unit": "its units"}


class _Wrong(Exception):  # noqa: N818 - nobody outside this module sees it
    def __init__(self, message: str, element: Element, kind: Kind = Kind.WRONG) -> None:
        super().__init__(message)
        self.message = message
        self.place = _place(element)
        self.kind = kind


def read(content: bytes) -> Iterator[Item]:
    """Read questions from Moodle XML.

    Raises:
        QuizError: `bad_request` if it is no XML, or none of Moodle's.
    """
    root = parse(content)
    if root.name != "quiz":
        message = f"This XML begins with <{root.name[:40]}>, but Moodle's begins with <quiz>."
        raise QuizError(Code.BAD_REQUEST, message)
    category = ""
    for element in root.all("question"):
        kind = element.attributes.get("type", "")
        if kind == "category":
            category = _text_in(element.first("category"))
            continue
        try:
            yield from _question(element, kind, category).items()
        except _Wrong as wrong:
            text = beginning(_plain(element.first("questiontext")))
            yield Problem(wrong.kind, wrong.place, wrong.message, text)


def _question(element: Element, kind: str, category: str) -> Found:
    readers = {
        "multichoice": _multichoice,
        "truefalse": _truefalse,
        "shortanswer": _shortanswer,
        "numerical": _numerical,
    }
    if kind not in readers:
        message = f"There is no question of type {kind[:40] or '(none)'} here."
        raise _Wrong(message, element, Kind.UNSUPPORTED)
    found = Found(_place(element))
    found.fields["question"] = _rich(element.first("questiontext"), found)
    tags = [_text_in(tag) for tags in element.all("tags") for tag in tags.all("tag")]
    found.fields |= shared.topics_of(shared.split_path(category), tags)
    found.fields |= _points(element)
    general = _rich(element.first("generalfeedback"), found)
    found.explain(general, readers[kind](element, found))
    parts = [*element, *(unit for units in element.all("units") for unit in units)]
    found.lost += [_SIGNIFICANT[part.name] for part in parts if part.name in _SIGNIFICANT]
    return found


def _multichoice(element: Element, found: Found) -> list[Choice]:
    choices = _choices(element, found)
    if len(choices) < 2:
        raise _Wrong("There are fewer than two answers: give two or more.", element)
    single = _text_in(element.first("single")).lower() not in {"false", "0"}
    if not any(choice.weight > 0 for choice in choices):
        raise _Wrong('No answer is right: give one of them fraction="100".', element)
    found.fields |= shared.one(choices) if single else shared.several(choices)
    return choices


def _truefalse(element: Element, found: Found) -> list[Choice]:
    choices = _choices(element, found)
    right = next((c.text.strip().lower() for c in choices if c.weight > 0), "")
    if right not in {"true", "false"}:
        message = 'Neither "true" nor "false" has fraction="100": give it to one of them.'
        raise _Wrong(message, element)
    found.fields |= {"type": "true_false", "correct": right == "true"}
    return choices


def _shortanswer(element: Element, found: Found) -> list[Choice]:
    choices = _choices(element, found)
    exact = _text_in(element.first("usecase")) == "1"
    found.fields |= shared.words(choices, case_sensitive=exact)
    return choices


def _numerical(element: Element, found: Found) -> list[Choice]:
    entries, choices = [], []
    for answer in element.all("answer"):
        choice = _choice(answer, found)
        choices.append(choice)
        if choice.text == "*":  # what all other numbers get
            continue
        value, around = read_number(choice.text), _text_in(answer.first("tolerance")) or "0"
        tolerance = read_number(around)
        if value is None or tolerance is None:
            what = choice.text if value is None else around
            raise _Wrong(f"`{what[:40]}` is no number: write one such as 3.14.", answer)
        entries.append((Number(value, abs(tolerance)), choice.weight))
    if not any(weight > 0 for _, weight in entries):
        raise _Wrong('No answer is right: give one of them fraction="100".', element)
    found.fields |= shared.numbers(entries)
    return choices


def _choices(element: Element, found: Found) -> list[Choice]:
    return [_choice(answer, found) for answer in element.all("answer")]


def _choice(answer: Element, found: Found) -> Choice:
    fraction = answer.attributes.get("fraction", "0")
    weight = read_number(fraction)
    if weight is None or not -100 <= weight <= 100:
        message = f'fraction="{fraction[:40]}" is no number from -100 to 100: give one.'
        raise _Wrong(message, answer)
    return Choice(_rich(answer, found), weight, _rich(answer.first("feedback"), found))


def _points(element: Element) -> dict[str, object]:
    grade = read_number(_text_in(element.first("defaultgrade")) or "1")
    if grade is None or grade < 0:
        raise _Wrong("<defaultgrade> is no number of points: give one such as 1.", element)
    return {"points": int(grade + 0.5)}


def _rich(element: Element | None, found: Found) -> str:
    """Return the text of an element that holds `<text>`, in the form that it says it has."""
    if element is None:
        return ""
    text = _text_in(element)
    if element.all("file"):
        found.lost.append("its files")
    if element.attributes.get("format", "") not in _HTML or not ("<" in text or "&" in text):
        return tidy(text)
    read_html = html_to_text(text)
    found.lost.extend(read_html.lost)
    return read_html.text


def _plain(element: Element | None) -> str:
    return html_to_text(_text_in(element)).text


def _text_in(element: Element | None) -> str:
    """Return the text of an element's `<text>`; of the element itself if it has none."""
    if element is None:
        return ""
    inner = element.first("text")
    if inner is not None:
        return inner.text.strip()
    return "".join(child for child in element.children if isinstance(child, str)).strip()


def _place(element: Element) -> Place:
    return Place(element.line, element.column)


def write(drafts: Sequence[Draft]) -> Writing:
    """Return questions as Moodle XML."""
    problems: list[Problem] = []
    parts = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>"]
    category = ""
    for number, draft in enumerate(drafts, start=1):
        path = join_path(("top", *draft.topics))
        if path != category:
            parts.append(f'<question type="category">{_holder("category", path)}</question>')
            category = path
        problems += not_written(draft, *_LACKS)
        parts += _written(draft, number)
    return Writing("\n".join([*parts, "</quiz>", ""]).encode(), problems)


_KINDS = {
    QuestionType.SINGLE: "multichoice",
    QuestionType.MULTIPLE: "multichoice",
    QuestionType.TRUE_FALSE: "truefalse",
    QuestionType.NUMERIC: "numerical",
    QuestionType.SHORT_TEXT: "shortanswer",
}


def _written(draft: Draft, number: int) -> Iterator[str]:
    yield f'<question type="{_KINDS[draft.type]}">'
    yield _holder("name", f"{number:04d} {beginning(draft.text)}")
    yield _html("questiontext", draft.text)
    yield _html("generalfeedback", draft.explanation or "")
    yield f"<defaultgrade>{draft.points}</defaultgrade>"
    if _KINDS[draft.type] == "multichoice":
        yield f"<single>{'true' if draft.type is QuestionType.SINGLE else 'false'}</single>"
        yield "<shuffleanswers>true</shuffleanswers>"
        yield "<answernumbering>ABCD</answernumbering>"
    if draft.type is QuestionType.SHORT_TEXT:
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
    return f'<answer fraction="{weight:.7g}" format={quoteattr(form)}>{inside}</answer>'


def _html(name: str, text: str) -> str:
    return f'<{name} format="html">{_text(text_to_html(text))}</{name}>'


def _holder(name: str, text: str) -> str:
    return f"<{name}>{_text(text)}</{name}>"


def _text(text: str) -> str:
    return f"<text>{escape(text)}</text>"


def _is_moodle(content: bytes, suffix: str) -> bool:
    return b"<quiz" in content[:4_096] and content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


MOODLE = Format("moodle", "Moodle XML", (".xml",), _is_moodle, read, write)
