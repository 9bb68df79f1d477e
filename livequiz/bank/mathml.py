"""Writes MathML formulas on one line, as people type them: `(a+b)/2`, `x^2`, `sqrt(2)`.

The elements are described at https://www.w3.org/TR/mathml3/chapter3.html. Brackets are added
where the meaning would change without them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from livequiz.bank.formula_row import EMPTY, RELATION, Binding, Part, joined
from livequiz.bank.reading import tidy

if TYPE_CHECKING:
    from lxml.etree import _Element

_DEEPEST = 50  # levels of nested elements
_TOKENS = frozenset({"mi", "mn", "mo", "mtext", "ms"})
_ROWS = frozenset(
    "math mrow mstyle mpadded merror mtd semantics menclose msqrt span font strong em i".split()
)
_UNSEEN = frozenset("annotation annotation-xml maligngroup malignmark".split())
_NO_TEXT = frozenset({"none", "mprescripts", "mphantom"})  # take up a position, but show nothing
_INVISIBLE = re.compile("[\u2061-\u2064]")  # operators that are implied, but not shown
_TIMES = "\u2062"
_PLAIN = re.compile(r"[\w.,°%∞]+|.")  # a token that needs no brackets
_PRIME = re.compile("['′″‴⁗°∘º]+")
_ACCENTS = {
    **dict.fromkeys("¯‾ˉ_\u0304\u0305\u0332―─", "bar"),
    **dict.fromkeys("→⇀\u20d7\u20d1", "vec"),
    **dict.fromkeys("^ˆ\u0302", "hat"),
    **dict.fromkeys("~˜∼\u0303", "tilde"),
    **dict.fromkeys("˙\u0307", "dot"),
    **dict.fromkeys("¨\u0308", "ddot"),
    **dict.fromkeys("⏜⌒", "arc"),
    **dict.fromkeys("⏞⏟︷︸", ""),
}


class _UnreadableError(Exception):
    """The formula can't be written on one line."""


def is_formula(tag: str) -> bool:
    """Return whether a tag is a formula's, whatever its namespace prefix."""
    return _local(tag) == "math"


def formula(math: _Element) -> str | None:
    """Return a formula on one line; None if that isn't possible.

    Falls back to the formula's TeX annotation or alternative text.
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


def _part(element: _Element, depth: int) -> Part:
    """Convert an element.

    Raises:
        _UnreadableError: If the element is unknown or nested too deeply.
    """
    name = _name(element)
    if depth > _DEEPEST:
        raise _UnreadableError
    if name in _TOKENS:
        return _token("".join(element.itertext()), name)
    if name == "mspace":
        return Part(" ", name=name)
    if name in _ROWS:
        return _enclosed(element, _row(element, depth))
    if name not in _LAYOUTS:
        raise _UnreadableError
    return _LAYOUTS[name](element, depth + 1)


def _token(written: str, name: str) -> Part:
    shown = " ".join(_INVISIBLE.sub("", written).replace("\u2212", "-").split())
    text = tidy(shown)
    if written.strip() == _TIMES:
        return Part("", name="times")
    if name == "mtext" and text:  # keep spaces at its ends as separators
        spaced = written.replace("\u00a0", " ")
        text = " " * spaced[0].isspace() + text + " " * spaced[-1].isspace()
    if name == "mo" or (name == "mn" and text[:1].isdigit()) or _PLAIN.fullmatch(text):
        return Part(text, name=name)
    return Part(text, Binding.SUM, name)


def _parts(element: _Element, depth: int) -> list[Part]:
    """Return an element's parts: one per child, and one per piece of text between them."""
    parts = [_token(element.text or "", "mtext")] if (element.text or "").strip() else []
    for child in element:
        name = _name(child)
        if name in _NO_TEXT:
            parts.append(Part("", name=name))
        elif name not in _UNSEEN:
            parts.append(_part(child, depth + 1))
        if (child.tail or "").strip():
            parts.append(_token(child.tail or "", "mtext"))
    return parts


def _row(element: _Element, depth: int) -> Part:
    return joined(_parts(element, depth))


def _enclosed(element: _Element, inside: Part) -> Part:
    """Return a row with what is drawn around or through it."""
    notation = element.get("notation", "longdiv") if _name(element) == "menclose" else ""
    if _name(element) == "msqrt" or "radical" in notation:
        return Part(f"sqrt({inside.text or EMPTY})")
    if "strike" in notation:
        return Part(f"~~{inside.text}~~")
    return Part(f"bar({inside.text})") if "top" in notation else inside


def _arguments(element: _Element, depth: int, count: int) -> list[Part]:
    parts = _parts(element, depth)
    if len(parts) != count:
        raise _UnreadableError
    return parts


def _fraction(element: _Element, depth: int) -> Part:
    above, below = _arguments(element, depth, 2)
    if re.match(r"0(?![.\d])", element.get("linethickness", "")):
        return Part(f"binom({above.text}, {below.text})")
    text = f"{above.within(Binding.PRODUCT)}/{below.within(Binding.SCRIPT)}"
    return Part(text, Binding.QUOTIENT)


def _root(element: _Element, depth: int) -> Part:
    radicand, index = _arguments(element, depth, 2)
    return Part(f"root_{index.within(Binding.ATOM)}({radicand.text or EMPTY})")


def _scripts(element: _Element, depth: int) -> Part:
    name = _name(element)
    both = name in {"msubsup", "munderover"}
    base, *scripts = _arguments(element, depth, 3 if both else 2)
    low = scripts[0] if both or name in {"msub", "munder"} else Part("")
    high = scripts[-1] if both or name in {"msup", "mover"} else Part("")
    if name == "mover" and high.text in _ACCENTS:
        accent = _ACCENTS[high.text]
        return Part(f"{accent}({base.text})") if accent else base
    if name == "munder" and low.text in _ACCENTS:
        return Part(f"underline({base.text})") if _ACCENTS[low.text] else base
    return _with_scripts(base, low, high, name)


def _with_scripts(base: Part, low: Part, high: Part, name: str) -> Part:
    bare = not base.text or (name == "msup" and base.name == "msub")
    text = base.text if bare else base.within(Binding.ATOM)
    if low.text:
        text += f"_{low.within(Binding.ATOM)}"
    if _PRIME.fullmatch(high.text):
        text += high.text.replace("∘", "°").replace("º", "°")
        return Part(text, Binding.SCRIPT if low.text else Binding.ATOM, base.name)
    if high.text:
        text += f"^{high.within(Binding.ATOM)}"
    return Part(text, Binding.SCRIPT, "mo" if base.name == "mo" else name)


def _many_scripts(element: _Element, depth: int) -> Part:
    base, *scripts = _parts(element, depth) or [Part("")]
    names = [script.name for script in scripts]
    middle = names.index("mprescripts") if "mprescripts" in names else len(scripts)
    text = "".join(
        f"^{high.text}" * bool(high.text) + f"_{low.text}" * bool(low.text)
        for low, high in _pairs(scripts[middle + 1 :])
    )
    text += base.within(Binding.ATOM)
    for low, high in _pairs(scripts[:middle]):
        text = _with_scripts(Part(text), low, high, "msubsup").text
    return Part(text, Binding.SCRIPT, "msubsup")


def _pairs(scripts: Sequence[Part]) -> Iterator[tuple[Part, Part]]:
    return zip_longest(scripts[::2], scripts[1::2], fillvalue=Part(""))


def _fenced(element: _Element, depth: int) -> Part:
    parts = _parts(element, depth)
    marks = element.get("separators", ",").replace(" ", "")
    text = "".join(
        (f"{marks[min(place, len(marks)) - 1]} " if place and marks else "")
        + (part.text[1:-1] if part.name == "mtable" and len(parts) == 1 else part.text)
        for place, part in enumerate(parts)
    )
    return Part(f"{element.get('open', '(')}{text}{element.get('close', ')')}")


def _table(element: _Element, depth: int) -> Part:
    rows = []
    for row in element:
        cells = _parts(row, depth + 1)
        line = ""
        for cell in cells:
            # Aligned equations: a cell that begins with `=` continues the one before.
            goes_on = not line or not cell.text or RELATION.match(cell.text)
            line += (" " if line and cell.text else "") if goes_on else f", {cell.text}"
            line += cell.text if goes_on else ""
        rows.append(line)
    return Part(f"[{'; '.join(rows)}]", name="mtable")


def _first(element: _Element, depth: int) -> Part:
    parts = _parts(element, depth)
    return parts[0] if parts else Part("")


_LAYOUTS: dict[str, Callable[[_Element, int], Part]] = {
    "mfrac": _fraction,
    "mroot": _root,
    **dict.fromkeys(("msub", "msup", "msubsup", "munder", "mover", "munderover"), _scripts),
    "mmultiscripts": _many_scripts,
    "mfenced": _fenced,
    "mtable": _table,
    "maction": _first,
}
