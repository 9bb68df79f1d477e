"""Reads a number that a student typed, and says what is wrong with one that can't be read."""

from __future__ import annotations

from livequiz.domain.typed_answers import could_be_thousands, has_unit, read_number


def typed_number(text: str) -> float:
    """Return the number in a text.

    Raises:
        ValueError: With a sentence for the student: it is no number, or could be two.
    """
    if could_be_thousands(text):
        bare, point = text.replace(",", ""), text.replace(",", ".")
        raise ValueError(f"Do you mean {bare} or {point}? Type it that way.")
    number = read_number(text)
    if number is not None:
        return number
    if has_unit(text):
        raise ValueError("Type only the number, without the unit, such as 0.5 or -2.")
    if text:
        raise ValueError("That is not a number; type one such as 0.5 or -2.")
    raise ValueError("Type a number first.")
