"""Sanitises text from people, both for storing and for showing in a terminal.

Escaping markup does not stop terminal injection: ESC, C1, bidi-override and zero-width
characters reach a terminal through any widget, so they are refused or replaced here.
"""

from __future__ import annotations

import re
import unicodedata

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.zero_width import JOINERS, has_invisible_joiner

NAME_LENGTH = 80  # characters
_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_BLANK_LOOKING = frozenset(
    "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065"
)
_BLANK = re.compile(f"[{''.join(_BLANK_LOOKING)}]")
# They choose between two glyphs of one character, which few terminals support.
_VARIATIONS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SPACES = re.compile("[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")

# Homoglyphs of Latin letters, in upper or lower case; and l, 1 and 0.
_ALIKE = str.maketrans(
    "авекмнорстухіјѕԁһԛԝαβεζηικμνορτυχl10", "abekmhopctyxijsdhqwabezhikmnoptyxiio"
)
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # a control sequence: parameters and final byte
    r"|(?:\x1b[PX\]^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # a string
    r"|\x1bO[ -~]?"  # a key press (SS3)
    r"|\x1b[ -/]*[0-~]?"
)


def is_hostile(character: str) -> bool:
    """Whether a character may not reach a terminal: control, format, surrogate or invisible."""
    if character in JOINERS:  # some scripts and emoji need them
        return False
    if character in _BLANK_LOOKING:
        return True
    return unicodedata.category(character) in _FORBIDDEN_CATEGORIES


def has_hostile(text: str, *, keep: str = "") -> bool:
    """Whether any character of a text may not reach a terminal; fast even for long texts.

    Args:
        text: Untrusted text.
        keep: Control characters that are allowed.
    """
    for character in keep:
        text = text.replace(character, "")
    if text.isprintable():
        return _BLANK.search(text) is not None
    return any(map(is_hostile, set(text)))


def skeleton(name: str) -> str:
    """Return the same text for names that look alike: a much reduced "skeleton" of UTS #39."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    return folded.translate(_ALIKE)


def clean_name(raw: str) -> str:
    """Return a person's name: trimmed, in NFC, with single spaces and no variation selectors.

    Names that differ only in invisible characters become the same name, or are refused.

    Args:
        raw: What was typed.

    Raises:
        QuizError: `bad_request` for an empty or too long name, or one with characters that
            are invisible, control the terminal or change the direction of the text.
    """
    name = _SPACES.sub(" ", _VARIATIONS.sub("", raw)).strip()
    name = unicodedata.normalize("NFC", name)
    if not any(c.isalnum() or unicodedata.category(c)[0] in "PS" for c in name):
        raise QuizError(Code.BAD_REQUEST, "Please enter a name.", "name")
    if len(name) > NAME_LENGTH:
        message = f"A name can have at most {NAME_LENGTH} characters; please shorten it."
        raise QuizError(Code.BAD_REQUEST, message, "name")
    if has_invisible_joiner(name) or any(is_hostile(character) for character in name):
        message = (
            "That name contains invisible or control characters. Type it instead of pasting it."
        )
        raise QuizError(Code.BAD_REQUEST, message, "name")
    return name


def printable(text: str, *, keep: str = "") -> str:
    """Return text with every hostile character replaced by U+FFFD, safe for a terminal.

    Args:
        text: Untrusted text.
        keep: Control characters that the caller lays out itself, such as a newline.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if is_hostile(c) and c not in keep else c for c in text)


def without_escapes(text: str) -> str:
    """Return text without terminal escape sequences, such as key presses in a paste.

    Syntax: ECMA-48, 5.4 (control sequences) and 5.6 (control strings).
    """
    return _ESCAPES.sub("", text)


def one_line(text: str) -> str:
    """Return a text on one line, without the fences around its code blocks."""
    lines = (line for line in text.split("\n") if not line.lstrip().startswith("```"))
    return " ".join(" ".join(lines).split())
