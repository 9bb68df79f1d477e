"""The answers of each of Moodle's question types as the fields of `QuestionIn`.

What Moodle's importer makes of them: `question/format/xml/format.php` of its source.
"""

from __future__ import annotations

from livequiz.bank import shared
from livequiz.bank.moodle.texts import form_of, plain, rich
from livequiz.bank.moodle.wrong import Wrong
from livequiz.bank.reading import tidy
from livequiz.bank.shared import FULL, Choice, Found
from livequiz.bank.xml_tree import Element
from livequiz.domain.model import Number
from livequiz.domain.typed import read_number
from livequiz.domain.wording import number_in_words

_ANY = "*"  # an answer that stands for all that no other one stands for

_NONE_RIGHT = 'No answer is right: give one of them fraction="100".'


def multichoice(element: Element, found: Found) -> list[Choice]:
    """Read a question with options: `<single>` says whether one or several are chosen."""
    answers = element.all("answer")
    if len(answers) < 2:
        raise Wrong("There are fewer than two answers: give two or more.", element)
    choices = []
    for place, answer in enumerate(answers):
        before = len(found.lost)
        choices.append(_choice(answer, element, found))
        if not choices[-1].text:
            raise Wrong(shared.no_text(place, found.lost[before:]), answer)
    if plain(element.first("single")).lower() not in {"false", "0"}:
        _check_best(element, choices, found, lenient=True)
        found.fields |= shared.one(choices)
        return choices
    total = sum(choice.weight for choice in choices if choice.weight > 0)
    if total <= 0:
        raise Wrong(_NONE_RIGHT, element)
    if total < FULL:
        worth = number_in_words(round(total, 5))
        message = f"The right answers are worth {worth}% together: make it 100%."
        raise Wrong(message, element)
    found.fields |= shared.several(choices)
    return choices


def truefalse(element: Element, found: Found) -> list[Choice]:
    """Read a statement; its answers are told by their texts, whatever their order."""
    choices = [_choice(answer, element, found, typed=True) for answer in element.all("answer")]
    right = {c.text.lower() for c in choices if c.weight > 0} & {"true", "false"}
    if len(right) != 1:
        both = 'Both "true" and "false" have' if right else 'Neither "true" nor "false" has'
        raise Wrong(f'{both} fraction="100": give it to one of them.', element)
    found.fields |= {"type": "true_false", "correct": right == {"true"}}
    return choices


def shortanswer(element: Element, found: Found) -> list[Choice]:
    """Read a question whose answer is a text; `<usecase>` says whether case matters."""
    choices = [_choice(answer, element, found, typed=True) for answer in element.all("answer")]
    _check_best(element, choices, found)
    exact = plain(element.first("usecase")).lower() in {"1", "true"}
    found.fields |= shared.words(choices, case_sensitive=exact)
    return choices


def numerical(element: Element, found: Found) -> list[Choice]:
    """Read a question whose answer is a number, give or take its `<tolerance>`."""
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
    found.fields |= shared.numbers(entries)
    return choices


def _number(answer: Element, choice: Choice) -> Number:
    around = plain(answer.first("tolerance")) or "0"
    value, tolerance = read_number(choice.text), read_number(around)
    if value is None or tolerance is None:
        what = choice.text if value is None else around
        raise Wrong(f"`{what[:40]}` is no number: write one such as 3.14.", answer)
    return Number(value, abs(tolerance))


def _choice(answer: Element, question: Element, found: Found, *, typed: bool = False) -> Choice:
    """Return an answer; one that is typed is plain text, whatever form it says it has."""
    usual = form_of(question.first("questiontext"))
    text = tidy(plain(answer)) if typed else rich(answer, found, usual)
    return Choice(text, _weight(answer), rich(answer.first("feedback"), found, usual))


def _weight(answer: Element) -> float:
    fraction = answer.attributes.get("fraction", "0")
    weight = read_number(fraction)
    if weight is None or not -100 <= weight <= 100:
        message = f'fraction="{fraction[:40]}" is no number from -100 to 100: give one.'
        raise Wrong(message, answer)
    return weight


def _check_best(
    question: Element, choices: list[Choice], found: Found, *, lenient: bool = False
) -> None:
    """Make sure that an answer is worth all of the points.

    Args:
        question: What is wrong if none is.
        choices: Its answers.
        found: What is told of an answer that is made worth all.
        lenient: Whether one that is the only right one may be.
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
