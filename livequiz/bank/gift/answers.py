"""Reads the answers inside GIFT's braces."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from livequiz.bank import foreign_question
from livequiz.bank.foreign_question import Choice, ForeignQuestion
from livequiz.bank.gift.marks import WEIGHT, Wrong, find, is_in_formula, split
from livequiz.bank.gift.texts import Texts
from livequiz.domain.model import Number
from livequiz.domain.typed_answers import read_number

# Characters that `read_number` accepts in a number and Python doesn't.
_WRITTEN = str.maketrans({",": ".", "\u2212": "-", " ": None, "\n": None, "\t": None})
# An escaped character, or `~` with only whitespace between it and `=`.
_BOTH_MARKS = re.compile(r"\\.|(~)\s*=", re.DOTALL)
_NONE = "A number is missing"
_LINE_MARK = re.compile(r"^[ \t]*[=~]", re.MULTILINE)
# The left side of an equation: `x`, `f(x)`, `2+2`.
_LEFT = re.compile(r"[A-Za-z](?:\([^)]*\))?|[^+*/^]*[+*/^].*")
# Moodle's wildcard for any number.
_ANY = re.compile(r"\*(?:\s*:.*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Body:
    """The text between the braces, and its offset in the block."""

    text: str
    offset: int
    texts: Texts


class _Answer(NamedTuple):
    mark: str
    choice: Choice
    offset: int


def multiple_choice(body: Body, found: ForeignQuestion) -> list[Choice]:
    """Read `=right ~wrong ~%50%half`; without any `=`, several can be right."""
    answers = list(_marked(_one_right(body), 0.0, body.texts.shown))
    choices = [answer.choice for answer in answers]
    if len(choices) < 2:
        raise Wrong("There is one option only: give two or more.", body.offset)
    if any(answer.mark == "=" for answer in answers):
        found.fields |= foreign_question.one(choices)
    else:
        found.fields |= foreign_question.several(choices)
        if not found.fields["correct"]:
            raise Wrong("No option is right: mark one with `=` instead of `~`.", body.offset)
    return choices


def _one_right(body: Body) -> Body:
    """Replace `~=`, a common spelling of `=` that Moodle accepts too, with `=`.

    Raises:
        Wrong: If it is ambiguous: it occurs twice, or another answer has points.
    """
    found = list(_BOTH_MARKS.finditer(body.text))
    twice = [mark for mark in found if mark[1]]
    if not twice:
        return body
    marks = [(mark, text) for mark, text, _ in split(body.text, "=~")]
    plain = sum(mark == "=" for mark, _ in marks) > 1
    weighed = any(WEIGHT.match(text) for mark, text in marks if mark == "~")
    if plain or weighed:
        said = "Is the answer after `~=` right, or does its text begin with `=`? "
        message = f"{said}Write `=` before the right one alone, or `~\\=`."
        raise Wrong(message, body.offset + twice[0].start(1))
    at = twice[0].start(1)
    return replace(body, text=f"{body.text[:at]} {body.text[at + 1 :]}")


def short_answer(body: Body, found: ForeignQuestion) -> list[Choice]:
    """Read `=text =%50%text`; the first mark is optional."""
    choices = [answer.choice for answer in _marked(body, 100.0, body.texts.typed)]
    found.fields |= foreign_question.words(choices)
    return choices


def true_false(body: Body, found: ForeignQuestion) -> list[Choice]:
    """Read `T#if wrong#if right`."""
    said, *feedback = [text for _, text, _ in split(body.text, "#", 2)]
    if_wrong, if_right = ([body.texts.shown(text) for text in feedback] + ["", ""])[:2]
    found.fields |= {"type": "true_false", "correct": said.strip().upper().startswith("T")}
    return [Choice("", 100, if_right), Choice("", 0, if_wrong)]


def numeric(body: Body, found: ForeignQuestion) -> list[Choice]:
    """Read `#value:tolerance`, `#min..max`, or several with `=` and weights."""
    at = body.text.index("#") + 1
    inside = Body(body.text[at:], body.offset + at, body.texts)
    entries: list[tuple[Number, float]] = []
    choices = []
    for mark, choice, offset in _answers(inside, 100.0, body.texts.typed):
        if mark == "~" or _ANY.fullmatch(choice.text):
            choices.append(_any_other(mark, choice, offset, found))
        elif choice.text or mark:
            entries.append((_number(choice.text, offset), choice.weight))
            choices.append(choice)
    if not entries:
        raise Wrong("There is no number after `#`: give one, such as {#3.14:0.01}.", body.offset)
    found.fields |= foreign_question.numbers(entries)
    return choices


def _any_other(mark: str, choice: Choice, offset: int, found: ForeignQuestion) -> Choice:
    """Return the feedback for all other numbers: `~#feedback`, or `=%0%*#feedback`."""
    if mark != "~" and choice.weight > 0:
        if choice.weight >= foreign_question.FULL:
            raise Wrong("With `*` every number is right: write the one that is.", offset)
        found.lost.append("the points for any other number")
    return Choice("", 0, choice.feedback)


def _marked(body: Body, usual: float, as_text: Callable[[str], str]) -> Iterator[_Answer]:
    """Yield the answers; a short answer can do without its first mark.

    Raises:
        Wrong: If an answer lacks its mark or its text.
    """
    _check_equations(body)
    for answer in _answers(body, usual, as_text):
        if not answer.mark and not answer.choice.text:
            continue  # there is nothing before the first mark
        bare = not answer.mark and answer.choice.weight == usual
        if bare and (not usual or find(body.text, "=") >= 0):
            message = "Answers begin with `=` (right) or `~` (wrong): write one before this."
            raise Wrong(message, answer.offset)
        if not answer.choice.text:
            message = "This answer has no text: write something, or take its mark away."
            raise Wrong(message, answer.offset)
        yield answer


def _check_equations(body: Body) -> None:
    """Reject a mark that may be part of an equation, such as the second one in `=x=2`."""
    parts = list(split(body.text, "=~"))
    is_choice = any(mark == "~" for mark, _, _ in parts)
    weighed = any(mark == "~" and WEIGHT.match(text) for mark, text, _ in parts)
    several = weighed or sum(mark == "=" for mark, _, _ in parts) > 1
    # If each answer is on its own line, as exporters write them, no mark can be in a formula.
    apart = len(_LINE_MARK.findall(body.text)) == len(parts) - 1
    for (_, before, start), (mark, _, at) in pairwise(parts):
        joined = several and mark == "=" and before[-1:].strip()
        word = re.split(r"[\s#]", WEIGHT.sub("", before, count=1))[-1] if joined else ""
        equation = word and (is_choice or _LEFT.fullmatch(word))
        if equation or (not apart and is_in_formula(body.text, start, at)):
            message = (
                f"Does this `{mark}` begin an answer, or belong to the one before? Write "
                f"`\\{mark}` if it belongs to it, else leave a space before it."
            )
            raise Wrong(message, body.offset + at)


def _answers(body: Body, usual: float, as_text: Callable[[str], str]) -> Iterator[_Answer]:
    """Yield each answer with its mark and its offset in the block."""
    for mark, written, at in split(body.text, "=~"):
        offset, text = body.offset + at, written
        weight = 100.0 if mark == "=" else usual
        if (mark or usual) and (given := WEIGHT.match(written)):
            weight, text = _per_cent(given[1], offset), written[given.end() :]
        hash_at = find(text, "#")
        said, feedback = (text, "") if hash_at < 0 else (text[:hash_at], text[hash_at + 1 :])
        yield _Answer(mark, Choice(as_text(said), weight, body.texts.shown(feedback)), offset)


def _per_cent(text: str, offset: int) -> float:
    weight = read_number(text)
    if weight is None:
        raise Wrong(f"`%{text[:30]}%` is not a weight: write a number, such as %50%.", offset)
    if not -100 <= weight <= 100:
        message = f"The weight {text[:30]}% is out of bounds: give one from -100 to 100."
        raise Wrong(message, offset)
    return weight


def _number(text: str, offset: int) -> Number:
    low, dots, high = text.partition("..")
    if dots:
        ends = [_exactly(end, offset) for end in (low, high)]
        middle, half = (ends[0] + ends[1]) / 2, abs(ends[1] - ends[0]) / 2
        return Number(float(middle), float(half))
    value, _, tolerance = text.partition(":")
    around = abs(float(_exactly(tolerance, offset))) if tolerance.strip() else 0.0
    return Number(float(_exactly(value, offset)), around)


def _exactly(text: str, offset: int) -> Fraction:
    """Return a number exactly as written, so that the midpoint of 0.1 and 0.3 is 0.2."""
    if read_number(text) is None:
        said = f"`{text.strip()[:30]}` is not a number that can be used" if text.strip() else _NONE
        raise Wrong(f"{said}: give a value, value:tolerance or min..max.", offset)
    return Fraction(text.translate(_WRITTEN))
