"""Numbers and words that people type: how they are read, and when two are the same."""

from __future__ import annotations

import math
import re
import unicodedata

from livequiz.domain.model import Number

LONGEST_TEXT = 200  # characters of an answer
# A sign, digits with or without spaces between them, one decimal point or comma, an exponent.
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]+(?: [0-9]{3})*(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
)
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
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

    Spaces at the ends, how many stand between two words, accents and, unless told otherwise, the
    case of letters make no difference.

    Args:
        answer: What was typed.
        accepted: What is right.
        case_sensitive: Whether the case of letters counts.
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
    """Return what counts of a text: without accents, with single spaces, its case folded."""
    parts = unicodedata.normalize("NFKD", text)
    bare = "".join(character for character in parts if not unicodedata.combining(character))
    folded = bare if case_sensitive else bare.casefold()
    return " ".join(folded.split())


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
