"""The validator's reasons, in words for people who never saw a schema."""

from __future__ import annotations

import re

QUOTED = 40  # characters of what was sent that an error repeats
TYPES = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object with fields",
    "null": "nothing",
}
_EXPECTED = re.compile(r"^Expected `(?P<wanted>[^`]*)`(?:, got `(?P<got>[^`]*)`)?$")
_LENGTH = re.compile(r"^Expected `(?P<kind>[^`]*)` of length (?P<sign>>=|<=) (?P<limit>\d+)$")
_BOUND = re.compile(r"^Expected `(?:int|float)` (?P<sign>>=|<=|>|<) (?P<limit>[-\d.e+]+)$")
_ENUM = re.compile(r"^Invalid enum value (?P<value>.*)$", re.DOTALL)
_SIGNS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}
_UNITS = {"str": "characters", "array": "entries", "object": "fields"}


def in_words(reason: str) -> str:
    """Return a validator's reason as the end of a sentence that begins with the field's name."""
    if found := _LENGTH.match(reason):
        if (found["sign"], found["limit"]) == (">=", "1"):
            return "is empty"
        unit = _UNITS.get(found["kind"], "entries")
        return f"needs {_SIGNS[found['sign']]} {found['limit']} {unit}"
    if found := _BOUND.match(reason):
        return f"has to be {_SIGNS[found['sign']]} {found['limit'].removesuffix('.0')}"
    if found := _EXPECTED.match(reason):
        wanted = _either(found["wanted"])
        return f"has to be {wanted}" + (f", not {_either(found['got'])}" if found["got"] else "")
    if found := _ENUM.match(reason):
        value = found["value"]
        return f"can't be {value if len(value) <= QUOTED else value[:QUOTED] + '…'}"
    return f"is not right: {reason}"


def _either(kinds: str) -> str:
    return " or ".join(TYPES.get(kind.strip(), kind.strip()) for kind in kinds.split("|"))
