"""Translates the validator's errors for people who have never seen a schema."""

from __future__ import annotations

import re

QUOTED = 40  # characters of the input that an error quotes
TYPES = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "empty",
}
_EXPECTED = re.compile(r"^Expected `(?P<wanted>[^`]*)`(?:, got `(?P<got>[^`]*)`)?$")
_LENGTH = re.compile(r"^Expected `(?P<kind>[^`]*)` of length (?P<sign>>=|<=) (?P<limit>\d+)$")
_BOUND = re.compile(r"^Expected `(?:int|float)` (?P<sign>>=|<=|>|<) (?P<limit>[-\d.e+]+)$")
_ENUM = re.compile(r"^Invalid enum value (?P<value>.*)$", re.DOTALL)
_SIGNS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}
_UNITS = {"str": "characters", "array": "entries", "object": "fields"}


def in_words(reason: str, field: str | None = None) -> str:
    """Return a validator's error as a sentence about a field, or about the whole payload."""
    subject = f"`{field}`" if field else "The request"
    if found := _LENGTH.match(reason):
        if (found["sign"], found["limit"]) == (">=", "1"):
            return f"{subject} is empty."
        verb = "needs at least" if found["sign"] == ">=" else "can have at most"
        return f"{subject} {verb} {found['limit']} {_UNITS.get(found['kind'], 'entries')}."
    if found := _BOUND.match(reason):
        limit = found["limit"].removesuffix(".0")
        return f"{subject} has to be {_SIGNS[found['sign']]} {limit}."
    if found := _EXPECTED.match(reason):
        return _expected(_either(found["wanted"]), _either(found["got"] or ""), field)
    if found := _ENUM.match(reason):
        value = found["value"]
        return f"{subject} can't be {value if len(value) <= QUOTED else value[:QUOTED] + '…'}."
    return f"{subject} is invalid: {reason}."


def _expected(wanted: str, got: str, field: str | None) -> str:
    if field:
        return f"`{field}` has to be {wanted}" + (f", not {got}." if got else ".")
    return f"Expected {wanted}" + (f", got {got}." if got else ".")


def _either(kinds: str) -> str:
    names = [kind.strip() for kind in kinds.split("|")]
    if "float" in names:  # floats include whole numbers
        names = [name for name in names if name != "int"]
    *others, last = (TYPES.get(name, name) for name in names)
    return f"{', '.join(others)} or {last}" if others else last
