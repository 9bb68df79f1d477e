"""Finds which options a key in a cell names: by letter, number, text or column name.

A key is never guessed. If two readings name different options, the rest of the column may rule
one of them out; otherwise an error asks which one is meant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from string import ascii_lowercase, ascii_uppercase

from livequiz.bank.table.headers import OPTIONS, as_name, option_index
from livequiz.domain.typed_answers import plain_text, read_number

LONGEST_KEY = 1_000  # characters; longer keys aren't read
LETTER = "give the letter of an option, such as B, or of several, such as A,C"
NUMBER = "give the numbers of answers, such as 2 or 1,3"
# Separators between several letters or numbers.
_BETWEEN = re.compile(r"\s*(?:[,;/&+|]|\band\b)\s*|\s+", re.IGNORECASE)
_LETTER = re.compile(r"\(?([A-Za-z])[).]?")
_NUMBER = re.compile(r"([0-9]{1,2})(?:\.0)?")


class Unreadable(Exception):  # noqa: N818 - caught where rows are read
    """A cell that can't be used.

    Attributes:
        column: The field that the column stands for.
        message: What is wrong, and what to do.
        unsupported: Whether the cell is understood, but not supported here.
    """

    def __init__(self, column: str, message: str, *, unsupported: bool = False) -> None:
        super().__init__(message)
        self.column = column
        self.message = message
        self.unsupported = unsupported


class Way(Enum):
    """How a key names options."""

    LETTER = "letter"
    NUMBER = "number"
    TEXT = "text"
    COLUMN = "column"


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """What the keys of a column have in common.

    Attributes:
        first: The number of the first option, 0 or 1; None if unknown.
        way: The only way in which all of them can be read, if that resolves ambiguous ones.
        numbered: Whether the table's program defines its keys as numbers.
        texts: Whether at least one is neither a letter nor a number, if that casts doubt on
            numbers.
    """

    first: int | None = 1
    way: Way | None = None
    numbered: bool = False
    texts: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """A key in a cell, and the options that it can name; an option may be empty.

    Attributes:
        flag: Whether 0 can mean false instead of an option.
    """

    text: str
    options: Sequence[str]
    flag: bool = False


@dataclass(frozen=True, slots=True)
class _Reading:
    way: Way
    places: tuple[int, ...]


def key_column(
    keys: Iterable[Key], *, numbered: bool = False, told: bool = False, indexed: bool = False
) -> KeyColumn:
    """Return what the keys of a column have in common.

    Args:
        keys: The keys of the questions with options.
        numbered: Whether the table's program defines its keys as numbers.
        told: Whether the column's name says so as well.
        indexed: Whether the column's name says that it holds an index, which counts from 0 in
            some programs and from 1 in others.
    """
    keys = [key for key in keys if key.text and len(key.text) <= LONGEST_KEY]
    first = _first_number(keys, indexed=indexed)
    ways = [
        {reading.way for reading in _readings(key, 1 if first is None else first)} for key in keys
    ]
    known = [found for found in ways if found and Way.COLUMN not in found]
    common = set.intersection(*known) if known else set()
    texts = not numbered and any(found <= {Way.TEXT} for found in ways)
    sure = Way.NUMBER in common and (told or Way.TEXT not in common)
    if numbered and first is not None and sure:
        return KeyColumn(first, Way.NUMBER, numbered, texts)
    # Letters and numbers don't rule out texts: people mix them.
    only_texts = common == {Way.TEXT} and not numbered
    return KeyColumn(first, Way.TEXT if only_texts else None, numbered, texts)


def _first_number(keys: Iterable[Key], *, indexed: bool) -> int | None:
    """Return the number of the first option, 0 or 1; None if it can't be determined."""
    zero, from_zero, from_one = False, False, False
    for key in keys:
        parts = [_NUMBER.fullmatch(part) for part in _BETWEEN.split(key.text) if part]
        numbers = [int(found[1]) for found in parts if found]
        if not numbers or len(numbers) < len(parts):
            continue
        zero = zero or 0 in numbers
        if not _named(Way.TEXT, key, 1):
            from_zero = from_zero or (0 in numbers and not key.flag)
            from_one = from_one or max(numbers) >= _count(key.options)
    if from_zero or from_one:
        return None if from_zero and from_one else int(from_one)
    return None if zero or indexed else 1


def named_options(key: Key, column: KeyColumn, *, several: bool = True) -> list[int]:
    """Return the indexes of the options that a key names, in the key's order.

    Args:
        key: The key, and the options.
        column: What is known about the other keys in the column.
        several: Whether it may name several; if not, readings as a single option are preferred.

    Raises:
        Unreadable: If it names none, or is ambiguous.
    """
    if len(key.text) > LONGEST_KEY:
        raise _nothing(f"{key.text[:20]}...", column)
    counted = [1, 0] if column.first is None else [column.first]
    found = list(dict.fromkeys(r for first in counted for r in _readings(key, first)))
    if column.way is not None and any(reading.way is column.way for reading in found):
        found = [reading for reading in found if reading.way is column.way]
    if not several:
        found = [r for r in found if len(r.places) == 1] or found
    places = list(dict.fromkeys(reading.places for reading in found))
    if column.first is None and any(reading.way is Way.NUMBER for reading in found):
        message = (
            f"`correct` is {key.text[:20]}: do the numbers of this column count from 0 or from 1? "
            "Write letters, such as B."
        )
        raise Unreadable("correct", message)
    if len(places) > 1:
        raise Unreadable("correct", _question(key.text, found))
    numbers = bool(found) and all(reading.way is Way.NUMBER for reading in found)
    only_numbers = all(read_number(option) is not None for option in key.options if option)
    if numbers and column.texts and only_numbers:
        message = (
            f"`correct` is {key.text[:20]}: other keys of this column are texts, and no option "
            f"says this one. Correct it, or write {','.join(OPTIONS[p] for p in places[0])}."
        )
        raise Unreadable("correct", message)
    if not places:
        _check_letter(key)
        raise _nothing(key.text[:20], column)
    return list(places[0])


def _nothing(said: str, column: KeyColumn) -> Unreadable:
    wanted = NUMBER if column.numbered else LETTER
    return Unreadable("correct", f"`correct` is {said}: {wanted}.")


def _check_letter(key: Key) -> None:
    """Raise a more specific error if a key that names no option is a single letter."""
    if len(key.text) == 1 and key.text.lower() in ascii_lowercase:
        last = ascii_uppercase[_count(key.options) - 1]
        message = f"`correct` is {key.text.upper()}, but the last option is {last}."
        raise Unreadable("correct", message)


def _question(text: str, found: Sequence[_Reading]) -> str:
    """Return a message that asks which reading of a key is meant."""
    said: dict[tuple[int, ...], str] = {}
    several = len({r.places for r in found if r.way is Way.TEXT}) > 1
    for reading in found:
        letters = " and ".join(ascii_uppercase[place] for place in reading.places)
        named = f"option {letters}" if len(reading.places) == 1 else f"options {letters}"
        if reading.way is Way.TEXT and not several:
            named = f"the option that says {text[:20]}"
        said.setdefault(reading.places, named)
    names = [",".join(OPTIONS[place] for place in places) for places in said]
    return (
        f"`correct` is {text[:20]}: is that {', or '.join(said.values())}? "
        f"Write {' or '.join(names)}."
    )


def names_options(key: Key) -> bool:
    """Return whether a key names options in any way."""
    return bool(_readings(key, 1))


def _readings(key: Key, first: int) -> list[_Reading]:
    return [_Reading(way, places) for way in Way for places in _named(way, key, first)]


def _named(way: Way, key: Key, first: int) -> list[tuple[int, ...]]:
    """Return the sets of options that a key can name in one way; several if ambiguous."""
    place_of = _finder(way, key.options, first)
    found: list[tuple[int, ...]] = [(place,) for place in place_of(key.text)]
    for parts in _splits(way, key.text):
        places = [place_of(part) for part in parts]
        if len(places) > 1 and all(len(each) == 1 for each in places):
            found.append(tuple(dict.fromkeys(each[0] for each in places)))
            break
    return list(dict.fromkeys(found))


def _splits(way: Way, text: str) -> Iterator[list[str]]:
    """Yield the ways to split a key into the names of several options."""
    yield _parts(text, ",")
    yield [part for part in _BETWEEN.split(text.strip()) if part]
    letters = list(text.strip())
    # `ACD`: capital letters, in order and without repeats.
    if way is Way.LETTER and text.isupper() and letters == sorted(set(letters)):
        yield letters


def _parts(text: str, mark: str) -> list[str]:
    return [part.strip() for part in text.split(mark) if part.strip()]


def _finder(way: Way, options: Sequence[str], first: int) -> Callable[[str], list[int]]:
    """Return a function that finds the options that part of a key can name."""
    if way is Way.TEXT:
        forms = [_by_form(form, options) for form in _FORMS]
        return lambda text: next(filter(None, (f.get(form(text), []) for form, f in forms)), [])
    return partial(_numbered, way, options, first)


def _numbered(way: Way, options: Sequence[str], first: int, text: str) -> list[int]:
    place: int | None = None
    if way is Way.LETTER and (found := _LETTER.fullmatch(text)):
        place = ascii_lowercase.index(found[1].lower())
    elif way is Way.COLUMN and len(text) > 1:
        place = option_index(as_name(text[:40]))
    elif way is Way.NUMBER and (found := _NUMBER.fullmatch(text)):
        place = int(found[1]) - first
    return [place] if place is not None and place in _filled(options) else []


def _filled(options: Sequence[str]) -> Sequence[int]:
    return [place for place, option in enumerate(options) if option]


def _count(options: Sequence[str]) -> int:
    """Return how many option columns a row has, up to the last filled one."""
    return max(_filled(options), default=-1) + 1


def _exact(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _folded(text: str) -> str:
    return _exact(text).casefold()


# Ways to compare a text with an option, strictest first.
_FORMS: tuple[Callable[[str], str], ...] = (_exact, _folded, plain_text)


def _by_form(
    form: Callable[[str], str], options: Sequence[str]
) -> tuple[Callable[[str], str], dict[str, list[int]]]:
    found: dict[str, list[int]] = {}
    for place, option in enumerate(options):
        if option and (said := form(option)):
            found.setdefault(said, []).append(place)
    return form, found
