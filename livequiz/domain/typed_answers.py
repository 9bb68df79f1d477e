"""Parses and compares typed answers: numbers and short texts."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from livequiz.domain.model import Number

LONGEST_TEXT = 200  # characters of an answer
# A sign, digits with or without spaces between them, one decimal point or comma, an exponent.
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]+(?: [0-9]{3})*(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
)
# The rest is a unit, not a factor or a second number: no `3x10^8`, `3 to 5`.
_UNIT = re.compile(r" *(?![xX] *[0-9])(?:[^\W\d_]|[%‰°€$£¥])(?!.*\s[0-9])")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
# Typographic characters that keyboards lack, and what people type instead.
_TYPABLE = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛ʼ′＇", "'"),
        **dict.fromkeys("“”„‟″«»‹›〃＂", '"'),
        **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
        **dict.fromkeys("\u00ad\u2060\u200c\u200d", None),  # soft hyphen and joiners
        "⁄": "/",
        "…": "...",
    }
)
_SPACING_ACCENT = re.compile(r"(?<=\w)[´`](?=\w)")  # typed instead of an apostrophe
_STRESS = frozenset("\u0300\u0301")
_CYRILLIC = frozenset("аеиіоуыэюяѣѵ")  # vowels without a mark of their own
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2212": "-"})
_NOISE = 1e-9  # relative rounding error of binary fractions


def read_number(text: str) -> float | None:
    """Return the number in a text as written in many countries: `3.14`, `3,14`, `-1 000`, `6e23`.

    A comma is always a decimal comma; only spaces separate thousands.

    Returns:
        None if the text is not a number, or is too large for a float.
    """
    written = text.strip().translate(_SPACES)
    if len(written) > LONGEST_TEXT or not _NUMBER.fullmatch(written):
        return None
    value = float(written.replace(" ", "").replace(",", "."))
    return value if math.isfinite(value) else None


def could_be_thousands(text: str) -> bool:
    """Return whether a number has one comma before three digits: `1,000`, which is 1 or 1000."""
    return _THOUSANDS.fullmatch(text.strip().translate(_SPACES)) is not None


def has_unit(text: str) -> bool:
    """Return whether a number is followed by what looks like a unit: `9,81 m/s²`."""
    written = text.strip().translate(_SPACES)[:LONGEST_TEXT]
    number = _NUMBER.match(written)
    return number is not None and _UNIT.match(written, number.end()) is not None


def same_number(value: float, number: Number) -> bool:
    """Return whether a value is within the tolerance of a number, inclusive."""
    noise = _NOISE * max(abs(value), abs(number.value))
    return abs(value - number.value) <= number.tolerance + noise


def same_text(
    answer: str, accepted: str, *, case_sensitive: bool = False, wildcards: bool = False
) -> bool:
    """Return whether an answer matches an accepted text.

    Leading, trailing and repeated spaces and the style of quotation marks and dashes are ignored;
    so are accents and case, unless `case_sensitive`.

    Args:
        answer: What was typed.
        accepted: The accepted text.
        case_sensitive: Whether case and accents matter.
        wildcards: Whether `*` in `accepted` stands for any characters, and `\\*` for a star.
    """
    said = plain_text(answer, case_sensitive=case_sensitive)
    if not wildcards:
        return said == plain_text(accepted, case_sensitive=case_sensitive)
    parts = [
        plain_text(part.replace("\\*", "*"), case_sensitive=case_sensitive)
        for part in re.split(r"(?<!\\)\*", accepted)
    ]
    return _fits(said, parts)


def plain_text(text: str, *, case_sensitive: bool = False) -> str:
    """Return a text normalised for comparison.

    Quotation marks, apostrophes, dashes and spaces become those on keyboards, and repeated spaces
    one. Unless `case_sensitive`, accents on Latin and Greek letters and stress marks on Cyrillic
    vowels are removed, and case is folded. Other marks stay: in other scripts they make another
    letter (が and か, й and и) or another word.
    """
    text = _SPACING_ACCENT.sub("'", text).translate(_TYPABLE)
    if case_sensitive:
        return " ".join(unicodedata.normalize("NFC", text).split())
    if not text.isascii():
        # Case folding can decompose a letter: İ becomes an i with a dot.
        folded = unicodedata.normalize("NFKD", text).casefold()
        parts = unicodedata.normalize("NFKD", folded).translate(_TYPABLE)
        text = unicodedata.normalize("NFC", "".join(_without_accents(parts)))
    return " ".join(text.casefold().split())


def _without_accents(text: str) -> Iterator[str]:
    """Yield the characters of a text in NFKD without the marks that nobody has to type."""
    base = " "
    for character in text:
        if not unicodedata.combining(character):
            base = character
        elif _may_be_left_out(character, base):
            continue
        yield character


@lru_cache(maxsize=4_096)
def _may_be_left_out(mark: str, base: str) -> bool:
    if base in _CYRILLIC:
        return mark in _STRESS
    if base == " ":  # an accent by itself
        return mark <= "\u036f"
    return unicodedata.name(base, "").startswith(("LATIN ", "GREEK "))


def _fits(text: str, parts: list[str]) -> bool:
    """Return whether a text has these parts in order, the first and the last at its ends.

    Each part matches as early as possible, so there is no backtracking.
    """
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return text == first
    if not text.startswith(first) or len(text) < len(first) + len(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in parts[1:-1]:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return text.endswith(last)
