"""What stands in GIFT's braces."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from livequiz.bank import shared
from livequiz.bank.gift.marks import Wrong, find, split
from livequiz.bank.shared import Choice, Found
from livequiz.domain.model import Number

AsText = Callable[[str], str]
_WEIGHT = re.compile(r"\s*%([^%]*)%")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Body:
    """What stands in the braces, and at which character of the block it begins."""

    text: str
    offset: int
    as_text: AsText


def multiple_choice(body: Body, found: Found) -> list[Choice]:
    """Read `=right ~wrong ~%50%half`; without any `=` several are right."""
    choices = list(_choices(body, 0.0))
    if len(choices) < 2:
        raise Wrong("There is one option only: give two or more.", body.offset)
    if any(mark == "=" for mark, _ in choices):
        found.fields |= shared.one([choice for _, choice in choices])
    else:
        found.fields |= shared.several([choice for _, choice in choices])
        if not found.fields["correct"]:
            raise Wrong("No option is right: mark one with `=` instead of `~`.", body.offset)
    return [choice for _, choice in choices]


def short_answer(body: Body, found: Found) -> list[Choice]:
    """Read `=text =%50%text`, or one text without any mark."""
    choices = [choice for _, choice in _choices(body, 100.0, alone=True)]
    found.fields |= shared.words(choices)
    return choices


def true_false(body: Body, found: Found) -> list[Choice]:
    """Read `T#if wrong#if right`."""
    said, *feedback = [text for _, text, _ in split(body.text, "#")]
    if_wrong, if_right = ([body.as_text(text) for text in feedback] + ["", ""])[:2]
    found.fields |= {"type": "true_false", "correct": said.strip().upper().startswith("T")}
    return [Choice("", 100, if_right), Choice("", 0, if_wrong)]


def numeric(body: Body, found: Found) -> list[Choice]:
    """Read `#value:tolerance`, `#min..max`, or several with `=` and weights."""
    at = body.text.index("#") + 1
    inside = Body(body.text[at:], body.offset + at, body.as_text)
    entries: list[tuple[Number, float]] = []
    choices = []
    for mark, choice, offset in _weighted(inside, 100.0):
        if mark == "~":  # what all other numbers get
            choices.append(Choice("", 0, choice.feedback))
        elif choice.text or mark:
            entries.append((_number(choice.text, offset), choice.weight))
            choices.append(choice)
    if not entries:
        raise Wrong("There is no number after `#`: give one, such as {#3.14:0.01}.", body.offset)
    found.fields |= shared.numbers(entries)
    return choices


def _choices(body: Body, usual: float, *, alone: bool = False) -> Iterator[tuple[str, Choice]]:
    for mark, choice, offset in _weighted(body, usual):
        if not mark and not (alone and choice.text):
            if choice.text:
                message = "Answers begin with `=` (right) or `~` (wrong): write one before this."
                raise Wrong(message, offset)
            continue
        if not choice.text:
            raise Wrong("This answer is empty: write something, or take its mark away.", offset)
        yield mark, choice


def _weighted(body: Body, usual: float) -> Iterator[tuple[str, Choice, int]]:
    """Yield marks, answers, and at which character of the block they stand."""
    for mark, written, at in split(body.text, "=~"):
        offset, text = body.offset + at, written
        weight = 100.0 if mark == "=" else usual
        if mark and (given := _WEIGHT.match(written)):
            weight, text = _per_cent(given[1], offset), written[given.end() :]
        hash_at = find(text, "#")
        said, feedback = (text, "") if hash_at < 0 else (text[:hash_at], text[hash_at + 1 :])
        yield mark, Choice(body.as_text(said), weight, body.as_text(feedback)), offset


def _per_cent(text: str, offset: int) -> float:
    if not _NUMBER.fullmatch(text.strip()):
        raise Wrong(f"`%{text}%` is no weight: give a number, such as %50%.", offset)
    weight = float(text.strip().replace(",", "."))
    if not -100 <= weight <= 100:
        raise Wrong(f"The weight {text}% is out of bounds: give one from -100 to 100.", offset)
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
    written = text.strip()
    if not _NUMBER.fullmatch(written):
        message = f"`{written[:30]}` is no number: give a value, value:tolerance or min..max."
        raise Wrong(message, offset)
    return Fraction(written.replace(",", ".").rstrip("."))
