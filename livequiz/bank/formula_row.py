"""Joins the parts of a formula into one line, with the spaces and brackets it needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

_ARROWS_AND_ORDERS = "=<>\u2190-\u21ff\u2208-\u220d\u223c-\u228b\u22a2-\u22af\u27f0-\u27ff"
RELATION = re.compile(rf"[:!{_ARROWS_AND_ORDERS}]*[{_ARROWS_AND_ORDERS}]")
_OPENING, _CLOSING = frozenset("([{⟨⌊⌈"), frozenset(")]}⟩⌋⌉")
_TIGHT = frozenset("/÷∕∶:^!%")  # bind at least as tightly as a fraction bar
_ELEMENT = re.compile("[A-Z][a-z]?_[0-9]+")  # as in H_2O
EMPTY = "□"  # how editors draw an empty slot


class Binding(IntEnum):
    """How tightly the parts of a text bind."""

    SUM = 0  # joined by an operator
    QUOTIENT = 1
    PRODUCT = 2  # juxtaposed, without an operator
    SCRIPT = 3
    ATOM = 4


class Part(NamedTuple):
    """A part of a formula.

    Attributes:
        text: How it is written on the line.
        binding: How tightly it binds.
        name: The name of its MathML element; `mo` for operators and brackets.
    """

    text: str
    binding: Binding = Binding.ATOM
    name: str = ""

    def within(self, least: Binding) -> str:
        """Return the text, in brackets if it binds less tightly than `least`."""
        if not self.text:
            return EMPTY
        return self.text if self.binding >= least else f"({self.text})"

    @property
    def ends_operand(self) -> bool:
        """Whether a part that follows is multiplied by it."""
        return self.name != "mo" or self.text[0] in _CLOSING

    @property
    def begins_operand(self) -> bool:
        """Whether a part before it is multiplied by it."""
        return self.name != "mo" or self.text[0] in _OPENING


def joined(parts: Sequence[Part]) -> Part:
    """Join a row of parts into one."""
    shown = [part for part in _products(parts) if part.text]
    if len(shown) < 2:
        return shown[0] if shown else Part("")
    if all(part.name == "mn" for part in shown):
        return Part("".join(part.text for part in shown), name="mn")
    shown = list(_with_brackets(_mixed_numbers(shown)))
    if len(shown) == 1:
        return shown[0]
    text = shown[0].text
    for place in range(1, len(shown)):
        text += _gap(shown, place) + shown[place].text
    binding = _binding(shown)
    if binding is Binding.PRODUCT and " " in text:
        binding = Binding.SUM  # (sin x)/x
    return Part(text, binding)


def _products(parts: Sequence[Part]) -> Iterator[Part]:
    """Yield the parts; an invisible times sign becomes a dot between digits, else nothing."""
    for place, part in enumerate(parts):
        around = [near.text for near in (*parts[place - 1 : place], *parts[place + 1 : place + 2])]
        if part.name == "times" and len(around) == 2:
            digits = around[0][-1:].isdigit() and around[1][:1].isdigit()
            yield Part("·" if digits else "", name="mo")
        else:
            yield part


def _mixed_numbers(parts: list[Part]) -> list[Part]:
    """Return the parts with mixed numbers, such as `1` before `1/2`, merged into one part."""
    merged: list[Part] = []
    for part in parts:
        before = merged[-1] if merged else Part("")
        if before.name == "mn" and re.fullmatch(r"\d+/\d+", part.text):
            merged[-1] = Part(f"{before.text} {part.text}", Binding.QUOTIENT)
        else:
            merged.append(part)
    return merged


def _with_brackets(parts: list[Part]) -> Iterator[Part]:
    """Yield the parts; fractions get brackets where their extent would be unclear."""
    seen = [part for part in parts if part.name != "mspace"]
    places = iter(range(len(seen)))
    for part in parts:
        if part.name == "mspace":
            yield part
            continue
        place = next(places)
        before = seen[place - 1] if place else Part("", name="mo")
        after = seen[place + 1] if place + 1 < len(seen) else Part("", name="mo")
        bound = part.binding is Binding.QUOTIENT and (
            (before.text and not before.text.endswith(" ") and before.ends_operand)
            or (after.text and not after.text.startswith(" ") and after.begins_operand)
            or _TIGHT & {before.text, after.text}
        )
        in_brackets = before.name == after.name == "mo" and before.text[:1] in _OPENING | {"|"}
        if bound:
            yield Part(f"({part.text})")
        elif part.name == "mtable" and in_brackets:
            yield part._replace(text=part.text[1:-1])
        else:
            yield part


def _binding(parts: Sequence[Part]) -> Binding:
    """Return how tightly a row of parts binds."""
    open_brackets, splits, loose = 0, False, False
    for place, part in enumerate(parts):
        first = part.text[0] if part.name == "mo" else ""
        if first in _OPENING:
            splits |= place > 0 and not open_brackets
            open_brackets += 1
        elif first in _CLOSING:
            open_brackets -= 1
        elif not open_brackets:
            splits = True
            loose |= part.name == "mo" or part.binding <= Binding.QUOTIENT
    if not splits or (parts[0].text == parts[-1].text == "|" and len(parts) == 3):
        return Binding.ATOM
    return Binding.SUM if loose else Binding.PRODUCT


def _gap(parts: Sequence[Part], place: int) -> str:
    """Return the separator between a part and the previous one: a space or nothing."""
    left, right = parts[place - 1], parts[place]
    end, start = left.text[-1], right.text[0]
    if " " in {end, start}:
        return ""
    if any(part.name == "mo" and RELATION.fullmatch(part.text) for part in (left, right)):
        return " "
    if left.name == "mo" and end in {",", ";"}:
        number = place > 1 and parts[place - 2].name == right.name == "mn" and end == ","
        return "" if number else " "
    return _word_gap(left, right) if start.isalnum() else ""


def _word_gap(left: Part, right: Part) -> str:
    """Return the separator before a part that starts with a letter or digit."""
    end, start = left.text[-1], right.text[0]
    if left.binding is Binding.SCRIPT and (end.isalnum() or left.text[0].isalpha()):
        return "" if start.isalpha() and _ELEMENT.fullmatch(left.text) else " "
    if left.name in {"mi", "mo"} and left.text[:2].isalpha() and len(left.text) > 1:
        return " "  # the name of a function
    if end.isalpha() and start.isalpha():
        return "" if left.name == "mi" and len(right.text) == 1 else " "
    number = left.name == right.name == "mn"
    return " " if end.isdigit() and start.isdigit() and not number else ""
