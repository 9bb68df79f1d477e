"""Names and other texts: what is let in, and what may reach a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.domain.errors import QuizError
from livequiz.domain.text import NAME_LENGTH, clean_name, is_hostile, printable

GOOD = [
    "Alice Johnson",
    "José",
    "李小龍",
    "Zoë O'Neil-Smith",
    "[/]",
    "[red]x",
    "👩‍🏫 Kim",
    "يوسف",
    "?",
]
HOSTILE = [
    "",
    "   ",
    "a\x1b[31m",
    "a\x9b31m",
    "line\nbreak",
    "nul\x00",
    "\u202egnirts",
    "in\u200bvisible",
    "\ufeffbom",
    "\u3164",
    "\u2800",
    "a\u2066b\u2069",
    "x" * (NAME_LENGTH + 1),
    "\ud800",
    "tag\U000e0041",
]


@pytest.mark.parametrize("name", GOOD)
def test_names_that_people_have_are_kept(name: str) -> None:
    assert clean_name(f"  {name} ") == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_that_hide_or_steer_are_refused_with_their_field(name: str) -> None:
    with pytest.raises(QuizError) as refusal:
        clean_name(name)
    assert refusal.value.code == "bad_request"
    assert refusal.value.field == "name"


def test_two_spellings_of_one_name_become_the_same() -> None:
    assert clean_name("Zoe\u0308") == clean_name("Zo\u00eb")


@given(st.text())
def test_nothing_hostile_is_printable(text: str) -> None:
    shown = printable(text)
    assert not any(is_hostile(character) for character in shown)
    assert len(shown) == len(text)


@given(st.text())
def test_a_name_that_is_let_in_is_printed_unchanged(text: str) -> None:
    try:
        name = clean_name(text)
    except QuizError:
        return
    assert printable(name) == name
    assert clean_name(name) == name
