"""Converts the answers of Moodle's question types to fields of `QuestionIn`.

See `question/format/xml/format.php` in Moodle's source for how its importer reads them.
"""

from __future__ import annotations

from livequiz.bank import foreign_question
from livequiz.bank.foreign_question import FULL, Choice, ForeignQuestion
from livequiz.bank.moodle.malformed import Wrong
from livequiz.bank.moodle.texts import form_of, plain, rich
from livequiz.bank.reading import tidy
from livequiz.bank.xml_tree import Element
from livequiz.domain.key_wording import number_in_words
from livequiz.domain.model import Number
from livequiz.domain.typed_answers import read_number

_ANY = "*"  # matches any answer that no other one matches

_NONE_RIGHT = 'No answer is right: give one of them fraction="100".'


def multichoice(element: Element, found: ForeignQuestion) -> list[Choice]:
    """Read a question with options: `<single>` says whether students choose one or several."""
    answers = element.all("answer")
    if len(answers) < 2:
        raise Wrong("There are fewer than two answers: give two or more.", element)
    choices = []
    for place, answer in enumerate(answers):
        before = len(found.lost)
        choices.append(_choice(answer, element, found))
        if not choices[-1].text:
            raise Wrong(foreign_question.no_text(place, found.lost[before:]), answer)
    if plain(element.first("single")).lower() not in {"false", "0"}:
        _check_best(element, choices, found, lenient=True)
        found.fields |= foreign_question.one(choices)
        return choices
    total = sum(choice.weight for choice in choices if choice.weight > 0)
    if total <= 0:
        raise Wrong(_NONE_RIGHT, element)
    if total < FULL:
        worth = number_in_words(round(total, 5))
        message = f"The right answers are worth {worth}% together: make it 100%."
        raise Wrong(message, element)
    found.fields |= foreign_question.several(choices)
    return choices


def truefalse(element: Element, found: ForeignQuestion) -> list[Choice]:
    """Read a statement; its answers are recognized by their texts, in either order."""
    choices = [_choice(answer, element, found, typed=True) for answer in element.all("answer")]
    right = {c.text.lower() for c in choices if c.weight > 0} & {"true", "false"}
    if len(right) != 1:
        both = 'Both "true" and "false" have' if right else 'Neither "true" nor "false" has'
        raise Wrong(f'{both} fraction="100": give it to one of them.', element)
    found.fields |= {"type": "true_false", "correct": right == {"true"}}
    return choices


def shortanswer(element: Element, found: ForeignQuestion) -> list[Choice]:
    """Read a question answered with text; `<usecase>` says whether case matters."""
    choices = [_choice(answer, element, found, typed=True) for answer in element.all("answer")]
    _check_best(element, choices, found)
    exact = plain(element.first("usecase")).lower() in {"1", "true"}
    found.fields |= foreign_question.words(choices, case_sensitive=exact)
    return choices


def numerical(element: Element, found: ForeignQuestion) -> list[Choice]:
    """Read a question answered with a number, within its `<tolerance>`."""
    entries, choices = [], []
    for answer in element.all("answer"):
        choice = _choice(answer, element, found, typed=True)
        choices.append(choice)
        if choice.text != _ANY:
            entries.append((_number(answer, choice), choice.weight))
        elif choice.weight > 0:
            found.lost.append(f"the {number_in_words(choice.weight)}% for any other number")
    if choices and not entries:
        raise Wrong("Every number is right here: give the one that is.", element)
    _check_best(element, [Choice("", weight) for _, weight in entries], found)
    found.fields |= foreign_question.numbers(entries)
    return choices


def _number(answer: Element, choice: Choice) -> Number:
    around = plain(answer.first("tolerance")) or "0"
    value, tolerance = read_number(choice.text), read_number(around)
    if value is None or tolerance is None:
        what = choice.text if value is None else around
        raise Wrong(f"`{what[:40]}` is not a number: write one such as 3.14.", answer)
    return Number(value, abs(tolerance))


def _choice(
    answer: Element, question: Element, found: ForeignQuestion, *, typed: bool = False
) -> Choice:
    """Return an answer; a typed one is plain text, whatever format it declares."""
    usual = form_of(question.first("questiontext"))
    text = tidy(plain(answer)) if typed else rich(answer, found, usual)
    return Choice(text, _weight(answer), rich(answer.first("feedback"), found, usual))


def _weight(answer: Element) -> float:
    fraction = answer.attributes.get("fraction", "0")
    weight = read_number(fraction)
    if weight is None or not -100 <= weight <= 100:
        message = f'fraction="{fraction[:40]}" is not a number from -100 to 100.'
        raise Wrong(message, answer)
    return weight


def _check_best(
    question: Element, choices: list[Choice], found: ForeignQuestion, *, lenient: bool = False
) -> None:
    """Make sure that an answer is worth full points.

    Args:
        question: The question, for the error's place.
        choices: Its answers.
        found: Gets a note if an answer is raised to full points.
        lenient: Whether to raise the right answer if it's the only one with a weight.

    Raises:
        Wrong: If no answer is right, or the best one isn't worth full points.
    """
    weights = sorted(choice.weight for choice in choices if choice.weight > 0)
    if not weights:
        raise Wrong(_NONE_RIGHT, question)
    best = number_in_words(weights[-1])
    if weights[-1] == 100:
        return
    if not lenient or len(choices) - sum(c.weight == 0 for c in choices) > 1:
        message = f'The best answer has fraction="{best}": give the right one fraction="100".'
        raise Wrong(message, question)
    found.lost.append(f"the {best}% that its right answer is worth: it is worth all points")
