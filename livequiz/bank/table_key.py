"""The key of a question in a cell: letters, texts, numbers, as teachers write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import ascii_uppercase

from livequiz.bank.table_names import as_name
from livequiz.domain.model import QuestionType
from livequiz.domain.typed import could_be_thousands, plain_text, read_number

_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_AROUND = re.compile(r"±|\+-|\+/-")
_BAR = re.compile(r"(?<!\\)\|")
# What else than commas stands between several letters or numbers.
_BETWEEN = re.compile(r"\s*(?:[,;/&+|]|\band\b)\s*|\s+", re.IGNORECASE)
# Names that other programs have for types; None where the key says which of two it is.
_KINDS: dict[str, str | None] = {
    **dict.fromkeys(("multiple_choice", "multiplechoice", "mc", "mcq", "choice", "quiz")),
    **dict.fromkeys(("single_choice", "single_answer", "radio"), "single"),
    **dict.fromkeys(("multiple_answer", "multiple_answers", "multiple_select"), "multiple"),
    **dict.fromkeys(("multiple_response", "multi_select", "checkbox", "checkboxes"), "multiple"),
    **dict.fromkeys(("truefalse", "t_f", "tf", "boolean", "yes_no"), "true_false"),
    **dict.fromkeys(("short_answer", "shortanswer", "text", "fill_in"), "short_text"),
    **dict.fromkeys(("number", "numerical"), "numeric"),
}
LONGEST_KEY = 1_000  # characters in which several options are looked for
LETTER = "give the letter of an option, such as B, or of several, such as A,C"


class Unreadable(Exception):  # noqa: N818 - caught where rows are read
    """A cell that says nothing that can be used."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column
        self.message = message


def kind_of(written: str, key: str, options: Sequence[str]) -> str:
    """Return the type of a question, from what is written and else from its key."""
    name = as_name(written)
    kind = _KINDS.get(name, name)
    if kind:
        return kind
    if options:
        several = len(_places(key, options)) > 1
        return QuestionType.MULTIPLE if several else QuestionType.SINGLE
    if key.lower() in _YES and not key.isdecimal():
        return QuestionType.TRUE_FALSE
    first = _AROUND.split(_BAR.split(key)[0])[0]
    return QuestionType.SHORT_TEXT if read_number(first) is None else QuestionType.NUMERIC


def key_of(kind: str, text: str, options: Sequence[str]) -> object:
    """Return `correct` as a question of that type has it.

    Raises:
        Unreadable: If the cell says nothing that can be used.
    """
    match kind:
        case QuestionType.SINGLE:
            places = _places(text, options)
            if len(places) > 1:
                message = f"`correct` is {text[:20]}: several options need the type multiple."
                raise Unreadable("correct", message)
            return places[0]
        case QuestionType.MULTIPLE:
            return _places(text, options)
        case QuestionType.TRUE_FALSE:
            return flag_of("correct", text)
        case QuestionType.NUMERIC:
            return [_with_tolerance(part) for part in _BAR.split(text)]
        case _:
            return [part.strip() for part in split(text, "|") if part.strip()]


def number_of(name: str, text: str) -> float:
    """Return the number in a cell.

    Raises:
        Unreadable: If it is none, or could be two.
    """
    value = read_number(text)
    if value is None:
        raise Unreadable(name, f"`{name}` is {text.strip()[:20]}: give a number, such as 2.5.")
    if could_be_thousands(text):
        bare = text.strip().replace(",", "")
        point = text.strip().replace(",", ".")
        raise Unreadable(name, f"`{name}` is {text.strip()}: write {bare}, or {point}.")
    return value


def flag_of(name: str, text: str) -> bool:
    """Return the truth value in a cell.

    Raises:
        Unreadable: If it is none.
    """
    flag = _YES.get(text.strip().lower())
    if flag is None:
        raise Unreadable(name, f"`{name}` is {text.strip()[:20]}: write true or false.")
    return flag


def split(text: str, mark: str) -> list[str]:
    r"""Return the parts of a list in a cell; `\` before a mark makes it text."""
    parts = re.split(rf"(?<!\\){re.escape(mark)}", text)
    return [part.replace(f"\\{mark}", mark) for part in parts]


def _places(text: str, options: Sequence[str]) -> list[int]:
    """Return the places of the options that a key names, in its order."""
    whole = _place(text, options)
    if whole is not None:
        return [whole]
    if len(text) > LONGEST_KEY:
        raise Unreadable("correct", f"`correct` is {text.strip()[:20]}...: {LETTER}.")
    for parts in (text.split(","), _BETWEEN.split(text.strip()), _run_together(text)):
        named = [part for part in parts if part.strip()]
        places = [_place(part, options) for part in named]
        found = [place for place in places if place is not None]
        if len(found) == len(named) > 0:
            return found
    raise Unreadable("correct", f"`correct` is {text.strip()[:20]}: {LETTER}.")


def _place(text: str, options: Sequence[str]) -> int | None:
    """Return the place of the option with that letter, that text or that number."""
    named = text.strip()
    letter = ascii_uppercase.find(named.upper()) if len(named) == 1 else -1
    if letter >= 0 and (letter < len(options) or not options):
        return letter
    said = plain_text(named)
    same = [place for place, option in enumerate(options) if plain_text(option) == said]
    number = int(named) - 1 if named.isascii() and named.isdecimal() and len(named) < 3 else -1
    if 0 <= number < len(options) and number not in same:
        same.append(number)
    if len(same) > 1:
        letters = " or ".join(ascii_uppercase[place] for place in same)
        message = f"`correct` is {named[:20]}: is that {letters}? Write the letter."
        raise Unreadable("correct", message)
    if letter >= 0 and not same:
        last = ascii_uppercase[len(options) - 1]
        raise Unreadable("correct", f"`correct` is {named.upper()}, but the last option is {last}.")
    return same[0] if same else None


def _run_together(text: str) -> list[str]:
    """Return the letters of `ACD`, if that is what it is: in order, none twice."""
    letters = list(text.strip())
    return letters if text.isupper() and letters == sorted(set(letters)) else []


def _with_tolerance(text: str) -> dict[str, float]:
    value, *around = _AROUND.split(text.strip(), maxsplit=1)
    tolerance = number_of("correct", around[0]) if around else 0.0
    if tolerance < 0:
        message = f"`correct` is {text.strip()[:20]}: give a tolerance of 0 or more."
        raise Unreadable("correct", message)
    return {"value": number_of("correct", value), "tolerance": tolerance}
