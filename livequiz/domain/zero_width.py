"""Where zero-width joiners and non-joiners are visible; elsewhere they only disguise a name.

The rules for letters are those of RFC 5892 (appendix A.1 and A.2, for domain names) and of the
Unicode Standard, chapter 12; emoji are joined as in UTS #51 (emoji-zwj-sequences.txt).
"""

from __future__ import annotations

import unicodedata

ZWNJ, ZWJ = "\u200c", "\u200d"
JOINERS = frozenset({ZWNJ, ZWJ})
_VIRAMA = 9  # the combining class of the marks that join Indic letters
_SKIN = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_PEOPLE = frozenset("👦👧👨👩🧑🧒")
# What may follow a person in a ZWJ sequence: jobs, hair, mobility aids, families and couples.
_WITH_PEOPLE = _PEOPLE | set("🌾🍳🍼🎓🎤🎨🎄🏫🏭💻💼🔧🔬🚀🚒🦯🦼🦽🦰🦱🦳🦲⚕⚖✈❤💋🤝🐰")
_SIGNS = frozenset("♀♂➡")
_PAIRS = frozenset(
    "🏳🌈 🏳⚧ 🏴☠ 🐕🦺 🐈⬛ 🐻❄ 🐦⬛ 🐦🔥 😮💨 😵💫 😶🌫 ❤🔥 ❤🩹 ❤💋 👁🗨 ⛓💥 🍋🟩 🍄🟫 🙂↔ 🙂↕".split()
)


def has_invisible_joiner(text: str) -> bool:
    """Return whether a text has a joiner that changes nothing visible."""
    return any(
        character in JOINERS and not _is_seen(text, place) for place, character in enumerate(text)
    )


def _is_seen(text: str, place: int) -> bool:
    before, after = text[:place], text[place + 1 :]
    if not before or before[-1] in JOINERS:
        return False
    if _joins_indic_letters(before, after):
        return True
    if text[place] == ZWNJ:
        return _parts_arabic_letters(before, after)
    return bool(after) and _joins_emoji(before.rstrip("".join(_SKIN))[-1:], after[0])


def _joins_indic_letters(before: str, after: str) -> bool:
    """Return whether a joiner follows a letter's virama, or is between RA and its virama."""
    if len(before) > 1 and unicodedata.combining(before[-1]) == _VIRAMA:
        return _script(before[-2]) == _script(before[-1])
    virama = bool(after) and unicodedata.combining(after[0]) == _VIRAMA
    return virama and unicodedata.name(before[-1], "") == f"{_script(after[0])} LETTER RA"


def _parts_arabic_letters(before: str, after: str) -> bool:
    """Return whether a non-joiner separates two joining letters; vowel marks may be between."""
    left = next((c for c in reversed(before) if not unicodedata.combining(c)), " ")
    right = next((c for c in after if not unicodedata.combining(c)), " ")
    # Unicode's presentation forms show which letters join on which side.
    return _has_form(left, "INITIAL") and _has_form(right, "FINAL")


def _has_form(letter: str, form: str) -> bool:
    try:
        unicodedata.lookup(f"{unicodedata.name(letter, '')} {form} FORM")
    except KeyError:
        return False
    return True


def _joins_emoji(left: str, right: str) -> bool:
    if left in _PEOPLE:
        return right in _WITH_PEOPLE | _SIGNS
    if right in _SIGNS:
        return left >= "\U0001f000" or left == "⛹"
    return left + right in _PAIRS or (left in {"❤", "💋", "🤝"} and right in _PEOPLE)


def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0]
