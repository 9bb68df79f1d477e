"""Reads an answer that was typed on a line: `b`, `2`, `a c`, an option's text, a number, words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import ascii_uppercase

from livequiz.client.typed_number import typed_number
from livequiz.domain.key_wording import letter
from livequiz.domain.model import QuestionType
from livequiz.domain.typed_answers import LONGEST_TEXT, plain_text
from livequiz.protocol.answers import Stored
from livequiz.protocol.messages import NewQuestion

_SEPARATORS = re.compile(r"[\s,;+&]+|\b(?:and|option)\b", re.IGNORECASE)
_OPTION = re.compile(r"^option\s+(?=.)", re.IGNORECASE)
TYPED = {QuestionType.NUMERIC, QuestionType.SHORT_TEXT}


def read_answer(line: str, question: NewQuestion) -> Stored:
    """Return the answer on a line, as it is sent: 0-based indexes of options, a number, or a text.

    Raises:
        ValueError: With a sentence for the student: it is no answer, or could mean two.
    """
    text = " ".join(line.split())
    match question.type:
        case QuestionType.NUMERIC:
            return typed_number(text)
        case QuestionType.SHORT_TEXT:
            if len(text) > LONGEST_TEXT:
                raise ValueError(f"An answer can have at most {LONGEST_TEXT} characters.")
            return text
        case QuestionType.MULTIPLE:
            return _several(text, question.options)
        case _:
            return _option(text, question.options)


def _several(text: str, options: Sequence[str]) -> list[int]:
    """Return the options that a list names; `ac` names two, as `a c` does."""
    if _said_by(text, options):
        return [_option(text, options)]
    words = [word for word in _SEPARATORS.split(_OPTION.sub("", text)) if word]
    if len(words) == 1 and words[0].isascii() and words[0].isalpha():
        words = list(words[0])
    if not words:
        raise ValueError("Type the letters of all right options, such as: a c")
    mark = "option " if _OPTION.match(text) else ""  # whoever writes it means letters
    return sorted({_option(mark + word, options) for word in words})


def _option(text: str, options: Sequence[str]) -> int:
    """Return the option that a letter, a number or a text names."""
    bare = _OPTION.sub("", text)
    numbered, said = _numbered(bare, options), _said_by(text, options)
    if numbered is not None and (bare != text or said in ([], [numbered])):
        return numbered
    if numbered is None and len(said) == 1:
        return said[0]
    if numbered is not None:
        # Two readings: never guess which one was meant.
        meant, other = letter(numbered), letter(said[0])
        raise ValueError(
            f"Do you mean option {meant}, which says {options[numbered]}, or option {other}, which "
            f"says {options[said[0]]}? Type: option {meant}, or: option {other}."
        )
    last = letter(len(options) - 1)
    why = "Several options say that." if said else f"“{text[:40]}” is none of the options."
    raise ValueError(f"{why} Type a letter from A to {last}.")


def _numbered(text: str, options: Sequence[str]) -> int | None:
    """Return the option at a letter or a 1-based number, with or without a mark behind it."""
    bare = text.rstrip(".):").lstrip("(").upper()
    if len(bare) == 1 and bare in ascii_uppercase[: len(options)]:
        return ascii_uppercase.index(bare)
    if bare.isascii() and bare.isdigit() and 1 <= int(bare[:3]) <= len(options):
        return int(bare[:3]) - 1
    return None


def _said_by(text: str, options: Sequence[str]) -> list[int]:
    """Return the options whose text this is, in whatever case."""
    wanted = plain_text(text)
    return [index for index, option in enumerate(options) if plain_text(option) == wanted]
