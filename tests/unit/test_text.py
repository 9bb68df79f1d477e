"""Names and other texts: what is let in, and what may reach a terminal."""

from __future__ import annotations

import contextlib
import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.domain.errors import QuizError
from livequiz.domain.text import (
    NAME_LENGTH,
    clean_name,
    has_hostile,
    is_hostile,
    one_line,
    printable,
    skeleton,
    without_escapes,
)

GOOD = [
    "Alice Johnson",
    "José",
    "李小龍",
    "Zoë O'Neil-Smith",
    "[/]",
    "[red]x",
    "👩‍🏫 Kim",
    "👩🏽‍🚀",
    "👩‍❤‍💋‍👨",
    "🏳‍🌈",
    "🏃‍♂",
    "⛹🏽‍♀",
    "👩‍❤‍👩",
    "🧑‍🤝‍🧑",
    "Dr नक्‍श",
    "র‍্",
    "علی‌رضا",
    "नक्‍श",
    "ക്‍",
    "র‍্যাব",
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
    "a\u200db",  # looked like ab
    "a\u200cb",
    "ab\u200d",
    "\u200dab",
    "\u064e\u200c\u0631",  # a vowel without a letter
    "\u0631\u200c\u064e",
    "a\x07\u094d\u200d",
    "漢\u200d字",
    "د\u200cر",  # these never join
    "ی\u200c",
    "☆\u200d☆",
    "☆\u200d♂",
    "a\u200d👩",
    "🤝\u200da",
    "👩X\u200d🚀",
    "\u094d\u200dक",
    "a\x07\u200d\u094d",
    "\x07\u200cر",
    "😀\u200d😀",
    "a\u094d\u200db",
    "👩\u200d\u200d🏫",
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


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("a\u00a0b", "a b"),
        ("a  b", "a b"),
        ("a\ufe0fb", "ab"),
        ("葛\U000e0100城", "葛城"),
        ("❤️", "❤"),
    ],
)
def test_names_that_look_the_same_become_the_same(written: str, name: str) -> None:
    assert clean_name(written) == name


INVISIBLE = ["\u200c", "\u200d", "\ufe00", "\ufe0f", "\u200b", "\u2060", "\u00ad", "\u034f",
             "\u180e", "\u180f", "\ufeff", "\U000e0020", "\U000e01ef", "\u3164"]  # fmt: skip


@given(
    st.text(string.ascii_letters + " éßñ漢字かなда-'", min_size=1).filter(str.strip),
    st.sampled_from(INVISIBLE),
    st.data(),
)
def test_no_invisible_character_makes_another_name(
    name: str, invisible: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(name)))
    with contextlib.suppress(QuizError):
        kept = clean_name(name[:NAME_LENGTH])
        assert clean_name((name[:place] + invisible + name[place:])[: NAME_LENGTH + 1]) == kept


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


@pytest.mark.parametrize(
    ("name", "twin"),
    [("Alice", "Аlice"), ("Νikos", "nikos"), ("Вася", "вася"), ("ROSE", "rоѕе"), ("Ian", "lan")],
)
def test_names_that_look_alike_are_taken_as_such(name: str, twin: str) -> None:
    assert skeleton(name) == skeleton(twin)


@pytest.mark.parametrize(("name", "other"), [("Иван", "Йван"), ("Zoe", "Zoë"), ("Ann", "Anna")])
def test_names_that_can_be_told_apart_are_not(name: str, other: str) -> None:
    assert skeleton(name) != skeleton(other)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Please enter a name."),
        ("x" * (NAME_LENGTH + 1), "A name can have at most 80 characters; please shorten it."),
        (
            "a\u202eb",
            "That name contains invisible or control characters. Type it instead of pasting it.",
        ),
    ],
)
def test_who_gives_no_good_name_is_told_what_to_do(name: str, sentence: str) -> None:
    with pytest.raises(QuizError) as refusal:
        clean_name(name)
    assert refusal.value.message == sentence


@pytest.mark.parametrize(
    ("text", "keep", "hostile"),
    [
        ("plain", "", False),
        ("a\xa0b", "", False),
        ("a\x07", "", True),
        ("a\nb", "", True),
        ("a\nb", "\n", False),
        ("a\nb\x1b", "\n", True),
        ("\u65e5\u2028", "\n\t", True),
    ],
)
def test_what_hides_or_steers_is_found_in_a_text(text: str, keep: str, hostile: bool) -> None:
    assert has_hostile(text, keep=keep) is hostile


def test_a_name_may_be_as_long_as_the_limit_says() -> None:
    assert clean_name("x" * NAME_LENGTH) == "x" * NAME_LENGTH


def test_what_a_caller_lays_out_itself_stays() -> None:
    assert printable("a\n\x1bb", keep="\n") == "a\n\ufffdb"
    assert printable("a\n\x1bb") == "a\ufffd\ufffdb"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a\x1b[1;31mb\x1b[0mc", "abc"),
        ("a\x1b]0;title\x07b", "ab"),
        ("a\x1bOPb", "ab"),
        ("no escapes", "no escapes"),
    ],
)
def test_escape_sequences_are_taken_out(text: str, left: str) -> None:
    assert without_escapes(text) == left


def test_a_text_of_several_lines_is_put_on_one_without_its_fences() -> None:
    code = "Is ```x``` printed?\n  ```python title\nprint(x)\n```\n"
    assert one_line(code) == "Is ```x``` printed? print(x)"
