"""MathML's formulas on one line, as people type them: `(a+b)/2`, `x^2`, `sqrt(2)`.

What each element means: https://www.w3.org/TR/mathml3/chapter3.html. Brackets stand where the
line would mean something else without them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from livequiz.bank.reading import tidy

if TYPE_CHECKING:
    from lxml.etree import _Element

_DEEPEST = 50  # elements within elements
_TOKENS = frozenset({"mi", "mn", "mo", "mtext", "ms"})
_ROWS = frozenset(
    "math mrow mstyle mpadded merror mtd semantics menclose msqrt span font strong em i".split()
)
_UNSEEN = frozenset("annotation annotation-xml maligngroup malignmark".split())
_NO_TEXT = frozenset({"none", "mprescripts", "mphantom"})  # have a place, and nothing to see in it
_INVISIBLE = re.compile("[\u2061-\u2064]")  # operators that are meant, but not shown
_ARROWS_AND_ORDERS = "=<>\u2190-\u21ff\u2208-\u220d\u223c-\u228b\u22a2-\u22af\u27f0-\u27ff"
_TIMES = "\u2062"
_RELATION = re.compile(rf"[:!{_ARROWS_AND_ORDERS}]*[{_ARROWS_AND_ORDERS}]")
_PLAIN = re.compile(r"[\w.,°%∞]+|.")  # a token that needs no brackets
_OPENING, _CLOSING = frozenset("([{⟨⌊⌈"), frozenset(")]}⟩⌋⌉")
_TIGHT = frozenset("/÷∕∶:^!%")  # bind as a fraction's line does, or tighter
_PRIME = re.compile("['′″‴⁗°∘º]+")
_ACCENTS = {
    **dict.fromkeys("¯‾ˉ_\u0304\u0305\u0332―─", "bar"),
    **dict.fromkeys("→⇀\u20d7\u20d1", "vec"),
    **dict.fromkeys("^ˆ\u0302", "hat"),
    **dict.fromkeys("~˜∼\u0303", "tilde"),
    **dict.fromkeys("˙\u0307", "dot"),
    **dict.fromkeys("¨\u0308", "ddot"),
    **dict.fromkeys("⏞⏟︷︸", ""),
}
_ELEMENT = re.compile("[A-Z][a-z]?_[0-9]+")  # as in H_2O
_EMPTY = "□"  # as editors draw a place that nothing was written in


class _Binding(IntEnum):
    """How firmly the parts of a text hold together."""

    SUM = 0  # an operator is between them
    QUOTIENT = 1
    PRODUCT = 2  # nothing is between them
    SCRIPT = 3
    ATOM = 4


class _Part(NamedTuple):
    text: str
    binding: _Binding = _Binding.ATOM
    name: str = ""  # of the element

    def within(self, least: _Binding) -> str:
        """Return the text, in brackets if it binds less firmly than what is around it."""
        if not self.text:
            return _EMPTY
        return self.text if self.binding >= least else f"({self.text})"

    @property
    def ends_operand(self) -> bool:
        return self.name != "mo" or self.text[0] in _CLOSING

    @property
    def begins_operand(self) -> bool:
        return self.name != "mo" or self.text[0] in _OPENING


class _UnreadableError(Exception):
    """There is no line for this formula."""


def is_formula(tag: str) -> bool:
    """Return whether an element is a formula, whatever prefix its namespace has."""
    return _local(tag) == "math"


def formula(math: _Element) -> str | None:
    """Return a formula on one line; None if it can't be written so.

    What the author wrote in TeX is taken where there is nothing else.
    """
    try:
        text = _row(math, 0).text.strip()
    except _UnreadableError:
        text = ""
    return text or _tex(math)


def _tex(math: _Element) -> str | None:
    for element in math.iter():
        if _name(element) == "annotation" and "tex" in element.get("encoding", "").lower():
            return tidy(" ".join("".join(element.itertext()).split())) or None
    return tidy(math.get("alttext", "")) or None


def _local(tag: object) -> str:
    return str(tag).rpartition(":")[2]


def _name(element: _Element) -> str:
    return _local(element.tag)


def _part(element: _Element, depth: int) -> _Part:
    """Return what an element says.

    Raises:
        _UnreadableError: It is no element that is known here, or is nested too deeply.
    """
    name = _name(element)
    if depth > _DEEPEST:
        raise _UnreadableError
    if name in _TOKENS:
        return _token("".join(element.itertext()), name)
    if name == "mspace":
        return _Part(" ", name=name)
    if name in _ROWS:
        return _enclosed(element, _row(element, depth))
    if name not in _LAYOUTS:
        raise _UnreadableError
    return _LAYOUTS[name](element, depth + 1)


def _token(written: str, name: str) -> _Part:
    shown = " ".join(_INVISIBLE.sub("", written).replace("\u2212", "-").split())
    text = tidy(shown)
    if written.strip() == _TIMES:
        return _Part("", name="times")
    if name == "mtext" and text:  # the spaces at its ends part it from what is beside it
        spaced = written.replace("\u00a0", " ")
        text = " " * spaced[0].isspace() + text + " " * spaced[-1].isspace()
    if name == "mo" or (name == "mn" and text[:1].isdigit()) or _PLAIN.fullmatch(text):
        return _Part(text, name=name)
    return _Part(text, _Binding.SUM, name)


def _parts(element: _Element, depth: int) -> list[_Part]:
    """Return the parts of an element, one for each child, and for text that is in none."""
    parts = [_token(element.text or "", "mtext")] if (element.text or "").strip() else []
    for child in element:
        name = _name(child)
        if name in _NO_TEXT:
            parts.append(_Part("", name=name))
        elif name not in _UNSEEN:
            parts.append(_part(child, depth + 1))
        if (child.tail or "").strip():
            parts.append(_token(child.tail or "", "mtext"))
    return parts


def _row(element: _Element, depth: int) -> _Part:
    return _joined(_parts(element, depth))


def _joined(parts: Sequence[_Part]) -> _Part:
    """Return parts that stand side by side."""
    shown = [part for part in _products(parts) if part.text]
    if len(shown) < 2:
        return shown[0] if shown else _Part("")
    if all(part.name == "mn" for part in shown):
        return _Part("".join(part.text for part in shown), name="mn")
    shown = list(_with_brackets(_mixed_numbers(shown)))
    if len(shown) == 1:
        return shown[0]
    text = shown[0].text
    for place in range(1, len(shown)):
        text += _gap(shown, place) + shown[place].text
    binding = _binding(shown)
    if binding is _Binding.PRODUCT and " " in text:
        binding = _Binding.SUM  # (sin x)/x
    return _Part(text, binding)


def _products(parts: Sequence[_Part]) -> Iterator[_Part]:
    """Yield parts, with a point where no sign is shown between two numbers that are multiplied."""
    for place, part in enumerate(parts):
        around = [near.text for near in (*parts[place - 1 : place], *parts[place + 1 : place + 2])]
        if part.name == "times" and len(around) == 2:
            digits = around[0][-1:].isdigit() and around[1][:1].isdigit()
            yield _Part("·" if digits else "", name="mo")
        else:
            yield part


def _mixed_numbers(parts: list[_Part]) -> list[_Part]:
    """Return parts in which `1` before `1/2` is one number with it."""
    merged: list[_Part] = []
    for part in parts:
        before = merged[-1] if merged else _Part("")
        if before.name == "mn" and re.fullmatch(r"\d+/\d+", part.text):
            merged[-1] = _Part(f"{before.text} {part.text}", _Binding.QUOTIENT)
        else:
            merged.append(part)
    return merged


def _with_brackets(parts: list[_Part]) -> Iterator[_Part]:
    """Yield parts, with brackets around fractions where their line would seem to go on."""
    seen = [part for part in parts if part.name != "mspace"]
    places = iter(range(len(seen)))
    for part in parts:
        if part.name == "mspace":
            yield part
            continue
        place = next(places)
        before = seen[place - 1] if place else _Part("", name="mo")
        after = seen[place + 1] if place + 1 < len(seen) else _Part("", name="mo")
        bound = part.binding is _Binding.QUOTIENT and (
            (before.text and not before.text.endswith(" ") and before.ends_operand)
            or (after.text and not after.text.startswith(" ") and after.begins_operand)
            or _TIGHT & {before.text, after.text}
        )
        in_brackets = before.name == after.name == "mo" and before.text[:1] in _OPENING | {"|"}
        if bound:
            yield _Part(f"({part.text})")
        elif part.name == "mtable" and in_brackets:
            yield part._replace(text=part.text[1:-1])
        else:
            yield part


def _binding(parts: Sequence[_Part]) -> _Binding:
    """Return how firmly parts hold together that are side by side."""
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
            loose |= part.name == "mo" or part.binding <= _Binding.QUOTIENT
    if not splits or (parts[0].text == parts[-1].text == "|" and len(parts) == 3):
        return _Binding.ATOM
    return _Binding.SUM if loose else _Binding.PRODUCT


def _gap(parts: Sequence[_Part], place: int) -> str:
    """Return what parts a part from the one before it: a space, or nothing."""
    left, right = parts[place - 1], parts[place]
    end, start = left.text[-1], right.text[0]
    if " " in {end, start}:
        return ""
    if any(part.name == "mo" and _RELATION.fullmatch(part.text) for part in (left, right)):
        return " "
    if left.name == "mo" and end in {",", ";"}:
        number = place > 1 and parts[place - 2].name == right.name == "mn" and end == ","
        return "" if number else " "
    return _word_gap(left, right) if start.isalnum() else ""


def _word_gap(left: _Part, right: _Part) -> str:
    """Return what parts letters and digits from the part before them."""
    end, start = left.text[-1], right.text[0]
    if left.binding is _Binding.SCRIPT and (end.isalnum() or left.text[0].isalpha()):
        return "" if start.isalpha() and _ELEMENT.fullmatch(left.text) else " "
    if left.name in {"mi", "mo"} and left.text[:2].isalpha() and len(left.text) > 1:
        return " "  # the name of a function
    if end.isalpha() and start.isalpha():
        return "" if left.name == "mi" and len(right.text) == 1 else " "
    number = left.name == right.name == "mn"
    return " " if end.isdigit() and start.isdigit() and not number else ""


def _enclosed(element: _Element, inside: _Part) -> _Part:
    """Return a row with what is drawn around it."""
    notation = element.get("notation", "longdiv") if _name(element) == "menclose" else ""
    if _name(element) == "msqrt" or "radical" in notation:
        return _Part(f"sqrt({inside.text or _EMPTY})")
    if "strike" in notation:
        return _Part(f"~~{inside.text}~~")
    return _Part(f"bar({inside.text})") if "top" in notation else inside


def _arguments(element: _Element, depth: int, count: int) -> list[_Part]:
    parts = _parts(element, depth)
    if len(parts) != count:
        raise _UnreadableError
    return parts


def _fraction(element: _Element, depth: int) -> _Part:
    above, below = _arguments(element, depth, 2)
    if re.match(r"0(?![.\d])", element.get("linethickness", "")):
        return _Part(f"binom({above.text}, {below.text})")
    text = f"{above.within(_Binding.PRODUCT)}/{below.within(_Binding.SCRIPT)}"
    return _Part(text, _Binding.QUOTIENT)


def _root(element: _Element, depth: int) -> _Part:
    radicand, index = _arguments(element, depth, 2)
    return _Part(f"root_{index.within(_Binding.ATOM)}({radicand.text or _EMPTY})")


def _scripts(element: _Element, depth: int) -> _Part:
    name = _name(element)
    both = name in {"msubsup", "munderover"}
    base, *scripts = _arguments(element, depth, 3 if both else 2)
    low = scripts[0] if both or name in {"msub", "munder"} else _Part("")
    high = scripts[-1] if both or name in {"msup", "mover"} else _Part("")
    if name == "mover" and high.text in _ACCENTS:
        accent = _ACCENTS[high.text]
        return _Part(f"{accent}({base.text})") if accent else base
    if name == "munder" and low.text in _ACCENTS:
        return _Part(f"underline({base.text})") if _ACCENTS[low.text] else base
    return _with_scripts(base, low, high, name)


def _with_scripts(base: _Part, low: _Part, high: _Part, name: str) -> _Part:
    bare = not base.text or (name == "msup" and base.name == "msub")
    text = base.text if bare else base.within(_Binding.ATOM)
    if low.text:
        text += f"_{low.within(_Binding.ATOM)}"
    if _PRIME.fullmatch(high.text):
        text += high.text.replace("∘", "°").replace("º", "°")
        return _Part(text, _Binding.SCRIPT if low.text else _Binding.ATOM, base.name)
    if high.text:
        text += f"^{high.within(_Binding.ATOM)}"
    return _Part(text, _Binding.SCRIPT, "mo" if base.name == "mo" else name)


def _many_scripts(element: _Element, depth: int) -> _Part:
    base, *scripts = _parts(element, depth) or [_Part("")]
    names = [script.name for script in scripts]
    middle = names.index("mprescripts") if "mprescripts" in names else len(scripts)
    text = "".join(
        f"^{high.text}" * bool(high.text) + f"_{low.text}" * bool(low.text)
        for low, high in _pairs(scripts[middle + 1 :])
    )
    text += base.within(_Binding.ATOM)
    for low, high in _pairs(scripts[:middle]):
        text = _with_scripts(_Part(text), low, high, "msubsup").text
    return _Part(text, _Binding.SCRIPT, "msubsup")


def _pairs(scripts: Sequence[_Part]) -> Iterator[tuple[_Part, _Part]]:
    return zip_longest(scripts[::2], scripts[1::2], fillvalue=_Part(""))


def _fenced(element: _Element, depth: int) -> _Part:
    parts = _parts(element, depth)
    marks = element.get("separators", ",").replace(" ", "")
    text = "".join(
        (f"{marks[min(place, len(marks)) - 1]} " if place and marks else "")
        + (part.text[1:-1] if part.name == "mtable" and len(parts) == 1 else part.text)
        for place, part in enumerate(parts)
    )
    return _Part(f"{element.get('open', '(')}{text}{element.get('close', ')')}")


def _table(element: _Element, depth: int) -> _Part:
    rows = []
    for row in element:
        cells = _parts(row, depth + 1)
        line = ""
        for cell in cells:
            # Equations in columns: what begins with `=` goes on from the cell before.
            goes_on = not line or not cell.text or _RELATION.match(cell.text)
            line += (" " if line and cell.text else "") if goes_on else f", {cell.text}"
            line += cell.text if goes_on else ""
        rows.append(line)
    return _Part(f"[{'; '.join(rows)}]", name="mtable")


def _first(element: _Element, depth: int) -> _Part:
    parts = _parts(element, depth)
    return parts[0] if parts else _Part("")


_LAYOUTS: dict[str, Callable[[_Element, int], _Part]] = {
    "mfrac": _fraction,
    "mroot": _root,
    **dict.fromkeys(("msub", "msup", "msubsup", "munder", "mover", "munderover"), _scripts),
    "mmultiscripts": _many_scripts,
    "mfenced": _fenced,
    "mtable": _table,
    "maction": _first,
}
