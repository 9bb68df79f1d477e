"""Numbers and words as people type them."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.domain.model import Number
from livequiz.domain.typed_answers import (
    LONGEST_TEXT,
    could_be_thousands,
    has_unit,
    plain_text,
    read_number,
    same_number,
    same_text,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.14", 3.14),
        ("3,14", 3.14),
        (" -2 ", -2.0),
        ("\u22122", -2.0),  # a minus sign, as word processors write it
        ("+5", 5.0),
        ("1 000 000", 1e6),
        ("1\u202f000,5", 1000.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("6e23", 6e23),
        ("1,5E-3", 0.0015),
        ("007", 7.0),
        ("7".zfill(LONGEST_TEXT), 7.0),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, value: float) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "-", ".", "three", "1.2.3", "1,000,000", "1e", "1e999", "0x10", "nan", "inf"),
        *("1_000", "1 00", "٣", "5 kg", "1/2", "--1", "9" * (LONGEST_TEXT + 1)),
    ],
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert read_number(text) is None


@pytest.mark.parametrize(
    ("text", "could_be"),
    [
        ("1,000", True),
        (" \u2212999,500\u00a0", True),
        ("0,500", False),
        ("1,0000", False),
        ("1.000", False),
        ("1000", False),
    ],
)
def test_a_comma_before_three_digits_could_part_thousands(text: str, could_be: bool) -> None:
    assert could_be_thousands(text) is could_be


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_of_the_machine_is_read_back(value: float) -> None:
    assert read_number(repr(value)) == value
    assert read_number(repr(value).replace(".", ",")) == value


@pytest.mark.parametrize(
    ("value", "number", "same"),
    [
        (3.0, Number(3.0), True),
        (3.1, Number(3.0), False),
        (0.1 + 0.2, Number(0.3), True),  # what a binary fraction is off by is nobody's mistake
        (9.86, Number(9.81, 0.05), True),  # the ends of the interval are in it
        (9.76, Number(9.81, 0.05), True),
        (9.87, Number(9.81, 0.05), False),
        (0.0, Number(0.0), True),
        (1e-12, Number(0.0), False),
        (-5.0, Number(5.0), False),
        (1e300, Number(-1e300), False),
    ],
)
def test_a_number_is_the_same_within_its_tolerance(
    value: float, number: Number, same: bool
) -> None:
    assert same_number(value, number) is same


@pytest.mark.parametrize(
    ("answer", "accepted", "same"),
    [
        ("Paris", "Paris", True),
        ("  pARIS ", "Paris", True),
        ("New   York", "new york", True),
        ("Zurich", "Zürich", True),
        ("ÉCOLE", "ecole", True),
        ("STRASSE", "Straße", True),
        ("cafe\u0301", "café", True),
        ("ﬁne", "fine", True),
        ("Pari", "Paris", False),
        ("NewYork", "New York", False),
        ("Par*", "Paris", False),
        ("Paris", "Par*", False),
        ("*", "Paris", False),
    ],
)
def test_texts_are_compared_as_a_teacher_would(answer: str, accepted: str, same: bool) -> None:
    assert same_text(answer, accepted) is same


# A terminal has no keys for these.
UNTYPED = [
    ("don't", "don’t"),
    ("don't", "don‘t"),
    ("don´t", "don’t"),
    ("don`t", "don’t"),
    ("1/2", "1⁄2"),
    ("میروم", "می\u200cروم"),
    ('say "yes"', "say “yes”"),
    ('say "yes"', "say „yes“"),
    ('"oui"', "«oui»"),
    ("5' 2\"", "5′ 2″"),
    ("well-known", "well‑known"),
    ("1-2", "1–2"),
    ("no - yes", "no — yes"),
    ("-3", "−3"),
    ("10 km", "10\u00a0km"),
    ("10 000", "10\u202f000"),
    ("wait...", "wait…"),
]


@pytest.mark.parametrize(("answer", "accepted"), UNTYPED)
@pytest.mark.parametrize("case_sensitive", [False, True])
def test_what_a_terminal_can_not_type_is_right_as_it_is_typed(
    answer: str, accepted: str, case_sensitive: bool
) -> None:
    assert same_text(answer, accepted, case_sensitive=case_sensitive)
    assert same_text(accepted, answer, case_sensitive=case_sensitive)


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [
        ("か", "が"),
        ("は", "ぱ"),
        ("カ", "ガ"),
        ("и", "й"),
        ("е", "ё"),
        ("і", "ї"),
        ("г", "ѓ"),
        ("ا", "أ"),
        ("ب", "بِ"),
        ("क", "क़"),
        ("कत", "क्त"),
        ("=", "≠"),
        ("שׁ", "שׂ"),
    ],
)
def test_marks_that_make_another_letter_count(answer: str, accepted: str) -> None:
    assert not same_text(answer, accepted)


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [
        ("замок", "за́мок"),
        ("ΑΘΗΝΑ", "Αθήνα"),
        ("Μαιου", "Μαΐου"),
        ("Viet Nam", "Việt Nam"),
        ("istanbul", "İstanbul"),
        ("カ", "ｶ"),
    ],
)
def test_accents_and_stress_marks_need_not_be_typed(answer: str, accepted: str) -> None:
    assert same_text(answer, accepted)


@pytest.mark.parametrize(
    ("answer", "accepted"), [("resume", "résumé"), ("fine", "ﬁne"), ("замок", "за́мок"), ("X", "x")]
)
def test_accents_count_where_case_does(answer: str, accepted: str) -> None:
    assert not same_text(answer, accepted, case_sensitive=True)
    assert same_text(answer, unicodedata.normalize("NFD", answer), case_sensitive=True)


def _may_be_folded(character: str) -> bool:
    return unicodedata.name(character, "").startswith(("LATIN", "GREEK", "CYRILLIC"))


def test_letters_of_other_scripts_never_become_one_another() -> None:
    letters: dict[str, set[str]] = defaultdict(set)
    for character in map(chr, range(0x30000)):
        if character.isalpha():
            spelled = unicodedata.normalize(
                "NFKC", unicodedata.normalize("NFKC", character).casefold()
            )
            if not any(_may_be_folded(part) for part in unicodedata.normalize("NFKD", spelled)):
                letters[plain_text(character)].add(spelled)
    assert {folded: found for folded, found in letters.items() if len(found) > 1} == {}


MARKS = "".join(chr(c) for c in range(0x30000) if unicodedata.combining(chr(c)))


@given(st.text(min_size=1), st.sampled_from(MARKS), st.data())
def test_a_mark_on_another_script_is_never_lost(text: str, mark: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(text)))
    base = text[place - 1]
    marked = text[:place] + mark + text[place:]
    if base.isalpha() and not any(map(_may_be_folded, unicodedata.normalize("NFKD", base))):
        assert plain_text(marked) != plain_text(text)


def test_spaces_in_a_row_count_as_one() -> None:
    assert plain_text(" New \t York ", case_sensitive=True) == "New York"
    assert plain_text(" New \t York ") == "new york"


def test_case_counts_where_the_question_says_so() -> None:
    assert not same_text("true", "True", case_sensitive=True)
    assert same_text(" True", "True", case_sensitive=True)


@pytest.mark.parametrize(
    ("answer", "accepted", "same"),
    [
        ("mitochondria", "mitochondri*", True),
        ("mitochondrion", "mitochondri*", True),
        ("Mitochondri", "mitochondri*", True),
        ("chondri", "mitochondri*", False),
        ("the red book", "*red*", True),
        ("a b c", "a*b*c", True),
        ("ab", "a*b*b", False),
        ("aXbYb", "a*b*b", True),
        ("ab", "*a*b", True),
        ("ab", "*b*a*", False),
        ("a", "*a*a*", False),
        ("ab", "ab*a*", False),
        ("2*3", r"2\*3", True),
        ("2x3", r"2\*3", False),
        ("anything", "*", True),
    ],
)
def test_a_star_stands_for_any_characters(answer: str, accepted: str, same: bool) -> None:
    assert same_text(answer, accepted, wildcards=True) is same


def test_case_counts_around_a_star_where_the_question_says_so() -> None:
    assert same_text("Mitochondria", "Mito*", case_sensitive=True, wildcards=True)
    assert not same_text("mitochondria", "Mito*", case_sensitive=True, wildcards=True)


@given(st.text("ab", max_size=8), st.text("ab*", max_size=6))
def test_wildcards_mean_what_the_same_pattern_means(answer: str, accepted: str) -> None:
    pattern = ".*".join(map(re.escape, accepted.split("*")))
    assert same_text(answer, accepted, wildcards=True) is bool(re.fullmatch(pattern, answer))


def test_a_pattern_made_to_be_slow_is_answered() -> None:
    # A backtracking matcher would not end in this universe's time.
    assert not same_text("a" * 200, "*a" * 60 + "b", wildcards=True)


@given(st.text())
def test_what_counts_of_a_text_counts_again(text: str) -> None:
    assert plain_text(plain_text(text)) == plain_text(text)


@pytest.mark.parametrize(
    "text", ["9,81 m/s²", "20 °C", "5%", "3.5kg", "1 000 €", "-2\u00a0m", "7 e"]
)
def test_a_unit_after_a_number_is_seen(text: str) -> None:
    assert read_number(text) is None
    assert has_unit(text)


@pytest.mark.parametrize("text", ["9.81", "6e23", "ten", "m 5", "3x10^8", "1.2.3", "1/2", "3 to 5"])
def test_what_is_no_number_with_a_unit_is_not_taken_for_one(text: str) -> None:
    assert not has_unit(text)
