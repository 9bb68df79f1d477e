"""Numbers and words that people type: how they are read, and when two are the same."""

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
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
# What no keyboard of a terminal has, and what people type instead. The spaces are single ones.
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
_SPACING_ACCENT = re.compile(r"(?<=\w)[´`](?=\w)")  # typed for an apostrophe
_STRESS = frozenset("\u0300\u0301")
_CYRILLIC = frozenset("аеиіоуыэюяѣѵ")  # vowels without a mark of their own
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2212": "-"})
_NOISE = 1e-9  # of a value: what binary fractions are off by


def read_number(text: str) -> float | None:
    """Read a number as it is written in many countries: `3.14`, `3,14`, `-1 000`, `6e23`.

    A comma is a decimal comma; thousands are parted by spaces only.

    Returns:
        None if it is no number, or too large for one.
    """
    written = text.strip().translate(_SPACES)
    if len(written) > LONGEST_TEXT or not _NUMBER.fullmatch(written):
        return None
    value = float(written.replace(" ", "").replace(",", "."))
    return value if math.isfinite(value) else None


def could_be_thousands(text: str) -> bool:
    """Return whether a number has one comma before three digits: `1,000`, which is 1 or 1000."""
    return _THOUSANDS.fullmatch(text.strip().translate(_SPACES)) is not None


def same_number(value: float, number: Number) -> bool:
    """Return whether a value is within the tolerance of a number, its ends included."""
    noise = _NOISE * max(abs(value), abs(number.value))
    return abs(value - number.value) <= number.tolerance + noise


def same_text(
    answer: str, accepted: str, *, case_sensitive: bool = False, wildcards: bool = False
) -> bool:
    """Return whether an answer says the same as an accepted text.

    Spaces at the ends, how many stand between two words and the form of quotation marks and dashes
    make no difference; nor do, unless told otherwise, accents and the case of letters.

    Args:
        answer: What was typed.
        accepted: What is right.
        case_sensitive: Whether the case of letters and accents count.
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
    """Return what counts of a text.

    Quotation marks, apostrophes, dashes and spaces become those that keyboards have, and spaces in
    a row one. Unless case counts, accents on Latin and Greek letters and stress marks on Cyrillic
    vowels are left out, and case is folded. No other mark is: in other scripts it makes another
    letter (が and か, й and и), or another word.
    """
    text = _SPACING_ACCENT.sub("'", text).translate(_TYPABLE)
    if case_sensitive:
        return " ".join(unicodedata.normalize("NFC", text).split())
    if not text.isascii():
        # Folding case can take a letter apart: İ becomes an i with a dot.
        folded = unicodedata.normalize("NFKD", text).casefold()
        parts = unicodedata.normalize("NFKD", folded).translate(_TYPABLE)
        text = unicodedata.normalize("NFC", "".join(_without_accents(parts)))
    return " ".join(text.casefold().split())


def _without_accents(text: str) -> Iterator[str]:
    """Yield the characters of a text in NFKD without the marks that need not be typed."""
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
    """Return whether a text has these parts in this order, the first and last at its ends.

    Each part is taken as early as it can be, so that the time grows with the lengths alone.
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
