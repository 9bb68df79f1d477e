"""The sample bank is what a teacher sees first, so its form is checked question by question."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from importlib.resources import files
from itertools import groupby
from typing import Any

import pytest

TOPICS = ["Mathematics", "Geography", "Science", "History", "Programming", "Language"]
FIELDS = [
    "question",
    "options",
    "correct",
    "type",
    "points",
    "time_limit",
    "topics",
    "difficulty",
    "explanation",
    "source",
]
STAPLES = {
    "What is 2+2?": "4",
    "What is the capital of France?": "Paris",
    "What is the largest planet in the solar system?": "Jupiter",
    "What is the capital of Australia?": "Canberra",
}
POSITIONS = range(4)

Item = dict[str, Any]

BANK: list[Item] = json.loads(
    files("livequiz.bank").joinpath("sample.json").read_text(encoding="utf-8")
)
every_item = pytest.mark.parametrize("item", BANK, ids=lambda item: item["question"])
every_topic = pytest.mark.parametrize("topic", TOPICS)


def key_of(item: Item) -> str:
    return str(item["options"][item["correct"]])


def distractors_of(item: Item) -> list[str]:
    return [text for place, text in enumerate(item["options"]) if place != item["correct"]]


def texts_of(item: Item) -> list[str]:
    return [item["question"], *item["options"], item["explanation"]]


def items_on(topic: str) -> list[Item]:
    return [item for item in BANK if item["topics"] == [topic]]


def folded(text: str) -> str:
    """Reduce a text to what a reader would call the same: no case, spacing or end mark."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().rstrip(" ?.!:").split())


def amount(option: str) -> float | None:
    """Read an option that is a plain number, fraction, percentage or angle, else None."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(?:/(\d+))?[%°]?(?: times(?: as \w+)?)?", option)
    return float(found[1]) / float(found[2] or 1) if found else None


def test_there_are_sixty_questions_grouped_by_topic() -> None:
    assert len(BANK) == 60
    assert [topic for topic, _ in groupby(item["topics"][0] for item in BANK)] == TOPICS


@every_topic
def test_each_topic_has_ten_questions(topic: str) -> None:
    assert len(items_on(topic)) == 10


@every_topic
def test_each_topic_mixes_four_easy_four_medium_and_two_hard(topic: str) -> None:
    counts = Counter(item["difficulty"] for item in items_on(topic))
    assert counts == {"easy": 4, "medium": 4, "hard": 2}


@every_item
def test_each_question_has_the_fields_in_the_agreed_order(item: Item) -> None:
    assert list(item) == FIELDS
    assert (item["type"], item["source"]) == ("single", "LiveQuiz sample bank")
    assert type(item["points"]) is int
    assert item["points"] == 1
    assert len(item["topics"]) == 1


@every_item
def test_each_question_has_four_different_options_and_a_key_among_them(item: Item) -> None:
    assert len(item["options"]) == 4
    assert len({folded(option) for option in item["options"]}) == 4
    assert type(item["correct"]) is int
    assert item["correct"] in POSITIONS


@every_item
def test_a_time_limit_is_absent_or_longer_than_usual(item: Item) -> None:
    assert item["time_limit"] is None or item["time_limit"] in (45, 60)
    assert type(item["time_limit"]) in (int, type(None))


@every_item
def test_texts_fit_the_screen(item: Item) -> None:
    assert 1 <= len(item["question"]) <= 160
    assert all(1 <= len(option) <= 60 for option in item["options"])
    assert len(item["explanation"]) <= 240


@every_item
def test_texts_are_plain_single_lines_in_composed_form(item: Item) -> None:
    for text in texts_of(item):
        assert isinstance(text, str)
        assert not [
            char
            for char in text
            if unicodedata.category(char).startswith(("C", "Z")) and char != " "
        ]
        assert text == " ".join(text.split())
        assert unicodedata.is_normalized("NFC", text)


@every_item
def test_each_explanation_is_one_or_two_whole_sentences(item: Item) -> None:
    assert len(item["explanation"]) >= 30
    assert item["explanation"].endswith(".")
    assert len(re.findall(r"[.!?](?= [A-Z0-9'/]|$)", item["explanation"])) <= 2


@every_item
def test_no_option_speaks_of_the_other_options(item: Item) -> None:
    forbidden = re.compile(r"\bthe above\b|\boptions?\b|^(all|both|none) of\b", re.IGNORECASE)
    assert not list(filter(forbidden.search, item["options"]))


@every_item
def test_numbers_among_the_options_ascend(item: Item) -> None:
    amounts = [amount(option) for option in item["options"]]
    if None not in amounts:
        assert amounts == sorted(amounts)


def test_no_question_is_asked_twice() -> None:
    stems = Counter(folded(item["question"]) for item in BANK)
    assert [stem for stem, count in stems.items() if count > 1] == []


def test_the_staples_are_there_with_their_answers() -> None:
    answers = {item["question"]: key_of(item) for item in BANK}
    assert {stem: answers.get(stem) for stem in STAPLES} == STAPLES


def test_keys_are_spread_evenly_over_the_bank() -> None:
    assert Counter(item["correct"] for item in BANK) == dict.fromkeys(POSITIONS, 15)


@every_topic
def test_no_position_holds_the_key_more_than_four_times_in_a_topic(topic: str) -> None:
    assert max(Counter(item["correct"] for item in items_on(topic)).values()) <= 4


def test_keys_never_stay_in_one_place_for_long() -> None:
    assert max(len(list(run)) for _, run in groupby(item["correct"] for item in BANK)) <= 3


@pytest.mark.parametrize("lag", range(1, 13))
def test_the_key_cannot_be_told_from_an_earlier_one(lag: int) -> None:
    keys = [item["correct"] for item in BANK]
    shifts = Counter(
        (later - earlier) % 4 for earlier, later in zip(keys, keys[lag:], strict=False)
    )
    assert max(shifts.values()) / (len(keys) - lag) <= 0.5


@pytest.mark.parametrize("extreme", [max, min], ids=["longest", "shortest"])
def test_length_does_not_give_the_key_away(extreme: Callable[..., str]) -> None:
    def stands_out(item: Item) -> bool:
        outermost = len(extreme(item["options"], key=len))
        tied = any(len(text) == outermost for text in distractors_of(item))
        return len(key_of(item)) == outermost and not tied

    assert sum(map(stands_out, BANK)) / len(BANK) <= 0.40
