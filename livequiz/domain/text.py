"""What a person typed, made safe to store and to show: one sanitiser for the way in and out.

Escaping markup does not stop terminal injection: ESC, C1, bidi-override and zero-width
characters reach a terminal through any widget, so they are refused or replaced here.
"""

from __future__ import annotations

import re
import unicodedata

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.joiners import JOINERS, hides

NAME_LENGTH = 80  # characters
_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_BLANK_LOOKING = frozenset(
    "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065"
)
# They choose between two drawings of one character, which few terminals do.
_VARIATIONS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SPACES = re.compile("[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")

_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # a control sequence: parameters, and what ends it
    r"|(?:\x1b[PX\]^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # a string
    r"|\x1bO[ -~]?"  # a key, as SS3 brings it
    r"|\x1b[ -/]*[0-~]?"
)


def is_hostile(character: str) -> bool:
    """Whether a character may not reach a terminal: control, format, surrogate, invisible."""
    if character in JOINERS:  # some scripts and emoji need them
        return False
    if character in _BLANK_LOOKING:
        return True
    return unicodedata.category(character) in _FORBIDDEN_CATEGORIES


def clean_name(raw: str) -> str:
    """Return a person's name: trimmed, in NFC, with single spaces and no variation selectors.

    Two names that differ only in what nobody sees become one name, or are refused.

    Args:
        raw: What was typed.

    Raises:
        QuizError: `bad_request` for an empty or too long name, or one with characters that
            are invisible, steer the terminal or turn the direction of the text.
    """
    name = _SPACES.sub(" ", _VARIATIONS.sub("", raw)).strip()
    name = unicodedata.normalize("NFC", name)
    if not any(character.isalnum() for character in name) and not _has_symbol(name):
        raise QuizError(Code.BAD_REQUEST, "Please give a name of at least one character.", "name")
    if len(name) > NAME_LENGTH:
        message = f"A name has at most {NAME_LENGTH} characters; please shorten it."
        raise QuizError(Code.BAD_REQUEST, message, "name")
    if hides(name) or any(is_hostile(character) for character in name):
        message = "That name has invisible or control characters; please type it by hand."
        raise QuizError(Code.BAD_REQUEST, message, "name")
    return name


def printable(text: str, *, keep: str = "") -> str:
    """Return text with every hostile character replaced by U+FFFD, safe for a terminal.

    Args:
        text: Anything that came from outside this program.
        keep: Control characters that the caller lays out itself, such as a newline.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if is_hostile(c) and c not in keep else c for c in text)


def without_escapes(text: str) -> str:
    """Return text without the escape sequences of terminals, such as keys in a paste.

    Syntax: ECMA-48, 5.4 (control sequences) and 5.6 (control strings).
    """
    return _ESCAPES.sub("", text)


def one_line(text: str) -> str:
    """Return a text on one line, without the fences around its code blocks."""
    lines = (line for line in text.split("\n") if not line.lstrip().startswith("```"))
    return " ".join(" ".join(lines).split())


def _has_symbol(name: str) -> bool:
    return any(unicodedata.category(character)[0] in "PS" for character in name)
