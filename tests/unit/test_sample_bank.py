"""The sample bank is what a teacher sees first, so its form is checked question by question."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import groupby

import pytest

from livequiz.bank import native
from livequiz.bank.lint.bank import check
from livequiz.bank.sample_bank import knowledge, sample
from livequiz.domain.grading import grade
from livequiz.domain.model import Answer, Difficulty, Draft, Number, Question, QuestionType

TOPICS = [
    *("Biology", "Computing", "Economics", "Geography", "History"),
    *("Language", "Mathematics", "Programming", "Science", "Statistics"),
]
TYPES = {
    QuestionType.SINGLE: 18,
    QuestionType.TRUE_FALSE: 4,
    QuestionType.MULTIPLE: 3,
    QuestionType.NUMERIC: 3,
    QuestionType.SHORT_TEXT: 2,
}
STAPLES = {
    "What is 2+2?": "4",
    "What is the capital of France?": "Paris",
    "What is the largest planet in the solar system?": "Jupiter",
    "What is the capital of Australia?": "Canberra",
}
YEARS = range(1000, 2001)
BANK = sample()
CODE = re.compile(r"```.*?```", re.DOTALL)
every_topic = pytest.mark.parametrize("topic", TOPICS)


def every_item(check: Callable[[Draft], None]) -> Callable[[], None]:
    """Return one test that makes a check of every question, and names those that fail it."""

    def test() -> None:
        failures = []
        for item in BANK:
            try:
                check(item)
            except AssertionError as error:
                failures.append(f"{item.text}\n{error}")
        assert not failures, "\n\n".join(failures)

    return test


def prose_of(item: Draft) -> list[str]:
    texts = [item.text, *item.options, item.explanation or ""]
    texts += [key for key in as_tuple(item.correct) if isinstance(key, str)]
    return [part.strip("\n") for text in texts for part in CODE.split(text) if part.strip("\n")]


def as_tuple(key: object) -> tuple[object, ...]:
    return key if isinstance(key, tuple) else (key,)


def singles(topic: str | None = None) -> list[Draft]:
    found = [item for item in BANK if item.type is QuestionType.SINGLE]
    return [item for item in found if topic is None or item.topics == (topic,)]


def key_of(item: Draft) -> str:
    assert isinstance(item.correct, int)
    return item.options[item.correct]


def folded(text: str) -> str:
    """Reduce a text to what a reader would call the same: no case, spacing or end mark."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().rstrip(" ?.!:").split())


def amount(option: str) -> float | None:
    """Read an option that is a plain number, fraction, percentage or angle, else None."""
    found = re.fullmatch(
        r"(?:About )?`?([−-]?\d+(?:\.\d+)?)(?:/(\d+))?(?:%|°| Ω| cm²| times(?: as \w+)?)?`?", option
    )
    return float(found[1].replace("−", "-")) / float(found[2] or 1) if found else None


def test_there_are_three_hundred_questions_grouped_by_topic() -> None:
    assert len(BANK) == 300
    assert [topic for (topic,), _ in groupby(item.topics for item in BANK)] == TOPICS


@every_topic
def test_each_topic_has_thirty_questions_of_all_types_and_levels(topic: str) -> None:
    items = [item for item in BANK if item.topics == (topic,)]
    assert Counter(item.type for item in items) == TYPES
    levels = Counter(item.difficulty for item in items)
    assert levels.keys() == set(Difficulty)
    assert min(levels.values()) >= 6


@every_topic
def test_each_file_is_as_the_program_would_write_it(topic: str) -> None:
    items = [item for item in BANK if item.topics == (topic,)]
    read = list(native.read_yaml(native.write_yaml(items).content))
    assert len(read) == len(items)


def test_the_bank_passes_the_check_that_teachers_use() -> None:
    assert check(BANK, students=30) == []


@every_item
def test_each_question_is_complete(item: Draft) -> None:
    assert item.source == "LiveQuiz sample bank"
    assert item.points in {1, 2}
    assert item.time_limit in {None, 20, 30, 45, 60}
    assert item.explanation is not None
    assert len(item.explanation) >= 20
    assert item.explanation.endswith(".")


@every_item
def test_options_differ(item: Draft) -> None:
    if item.type is QuestionType.SINGLE:
        assert len(item.options) == 4
    assert len({folded(option) for option in item.options}) == len(item.options)


@every_item
def test_what_is_right_is_graded_as_right(item: Draft) -> None:
    fields = {name: getattr(item, name) for name in Draft.__dataclass_fields__}
    question = Question(id="q", created_at=datetime(2026, 1, 1, tzinfo=UTC), **fields)
    for key in as_tuple(item.correct):
        answer: Answer = key.value if isinstance(key, Number) else key  # type: ignore[assignment]
        if item.type is QuestionType.MULTIPLE:
            answer = item.correct  # type: ignore[assignment]
        assert grade(question, answer).correct


@every_item
def test_numbers_can_be_typed_in_one_way_only(item: Draft) -> None:
    """`1,050` is a decimal fraction in many countries, and a thousand and fifty in others."""
    for key in as_tuple(item.correct):
        if isinstance(key, Number):
            assert abs(key.value) < 1000 or ("year" in item.text and key.value in YEARS)


@every_item
def test_texts_fit_the_screen(item: Draft) -> None:
    assert 1 <= len(CODE.sub("", item.text)) <= 160
    assert all(1 <= len(option) <= 60 for option in item.options)
    assert len(item.explanation or "") <= 240
    assert all(len(line) <= 60 for code in CODE.findall(item.text) for line in code.splitlines())


@every_item
def test_texts_are_plain_single_lines_in_composed_form(item: Draft) -> None:
    for text in prose_of(item):
        assert not [
            char
            for char in text
            if unicodedata.category(char).startswith(("C", "Z")) and char != " "
        ]
        assert text == " ".join(text.split())
        assert unicodedata.is_normalized("NFC", text)


@every_item
def test_each_explanation_is_a_few_whole_sentences(item: Draft) -> None:
    assert len(re.findall(r"[.!?](?= [A-Z0-9'/`]|$)", item.explanation or "")) <= 3


@every_item
def test_no_option_speaks_of_the_other_options(item: Draft) -> None:
    forbidden = re.compile(r"\bthe above\b|\boptions?\b|^(all|both|none) of\b", re.IGNORECASE)
    assert not list(filter(forbidden.search, item.options))


@every_item
def test_numbers_among_the_options_ascend(item: Draft) -> None:
    amounts = [amount(option) for option in item.options]
    if None not in amounts and item.type is QuestionType.SINGLE:
        assert amounts == sorted(amounts)  # type: ignore[type-var]


def test_no_question_is_asked_twice() -> None:
    stems = Counter(folded(item.text) for item in BANK)
    assert [stem for stem, count in stems.items() if count > 1] == []


def test_the_staples_are_there_with_their_answers() -> None:
    known = knowledge()
    assert {stem: key_of(known[stem]) for stem in STAPLES} == STAPLES


def test_half_of_the_statements_are_true() -> None:
    said = Counter(item.correct for item in BANK if item.type is QuestionType.TRUE_FALSE)
    assert said[0] == said[1]


def test_keys_are_spread_evenly_over_the_bank() -> None:
    places = Counter(item.correct for item in singles())
    assert min(places.values()) >= 40
    assert max(places.values()) <= 50


@every_topic
def test_no_position_holds_the_key_more_than_seven_times_in_a_topic(topic: str) -> None:
    assert max(Counter(item.correct for item in singles(topic)).values()) <= 7


def test_keys_never_stay_in_one_place_for_long() -> None:
    assert max(len(list(run)) for _, run in groupby(item.correct for item in singles())) <= 4


@pytest.mark.parametrize("lag", range(1, 13))
def test_the_key_cannot_be_told_from_an_earlier_one(lag: int) -> None:
    keys = [int(item.correct) for item in singles()]  # type: ignore[arg-type]
    shifts = Counter(
        (later - earlier) % 4 for earlier, later in zip(keys, keys[lag:], strict=False)
    )
    assert max(shifts.values()) / (len(keys) - lag) <= 0.4


@pytest.mark.parametrize("extreme", [max, min], ids=["longest", "shortest"])
def test_length_does_not_give_the_key_away(extreme: Callable[..., str]) -> None:
    def stands_out(item: Draft) -> bool:
        outermost = len(extreme(item.options, key=len))
        others = [text for text in item.options if text != key_of(item)]
        return len(key_of(item)) == outermost and all(len(text) != outermost for text in others)

    assert sum(map(stands_out, singles())) / len(singles()) <= 0.36
