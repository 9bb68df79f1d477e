"""A leaderboard in words."""

from __future__ import annotations

import pytest

from livequiz.client.leaderboard_wording import ordinal, place_lines, place_sentence
from livequiz.protocol.leaderboard import Leaderboard, Place


@pytest.mark.parametrize(
    ("number", "words"),
    [
        *((1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (10, "10th")),
        *((11, "11th"), (12, "12th"), (13, "13th"), (20, "20th"), (21, "21st"), (22, "22nd")),
        *((23, "23rd"), (101, "101st"), (111, "111th"), (112, "112th"), (1013, "1013th")),
    ],
)
def test_places_are_ordinals(number: int, words: str) -> None:
    assert ordinal(number) == words


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        (Place(5, "Ada", 9, 2, own=True), "You are 5th of 28 (up 2)"),
        (Place(5, "Ada", 9, -1, own=True), "You are 5th of 28 (down 1)"),
        (Place(5, "Ada", 9, 0, own=True), "You are 5th of 28 (no change)"),
        (Place(1, "Ada", 9, None, own=True), "You are 1st of 28"),
        (Place(2, "Calm Otter", 9, 1, own=True), "You are Calm Otter, 2nd of 28 (up 1)"),
        (Place(2, "Ada", 9, 1), "You have no place yet"),
    ],
)
def test_students_read_their_own_place_as_a_sentence(own: Place, sentence: str) -> None:
    assert place_sentence(Leaderboard("0" * 24, [own], 28), "Ada") == sentence


def test_lines_have_ties_points_and_moves() -> None:
    places = [Place(1, "Bob", 12.5, 2), Place(1, "Cy", 12.5, None), Place(3, "Ada", 1, 0, own=True)]
    assert list(place_lines(Leaderboard("0" * 24, places, 3), "Ada")) == [
        "You are 3rd of 3 (no change).",
        "1. Bob, 12.5 points, up 2",
        "1. Cy, 12.5 points, new",
        "3. Ada (you), 1 point, no change",
    ]


def test_nobody_is_called_new_when_everybody_is() -> None:
    places = [Place(1, "Bob", 2), Place(2, "Ada", 1, own=True)]
    lines = list(place_lines(Leaderboard("0" * 24, places, 2), "Ada"))
    assert lines == ["You are 2nd of 2.", "1. Bob, 2 points", "2. Ada (you), 1 point"]
