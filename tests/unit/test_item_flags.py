"""What a report says about a question, at the limits of each rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from livequiz.domain.item_analysis import Attempt, ItemAnalysis, OptionAnalysis, analyse
from livequiz.domain.item_flags import flags, right_options
from livequiz.domain.model import Number, QuestionType
from tests.results.rasch_class import question

SHORT = question(1)
LONG = question(1, text="word " * 30, options=("a", "b", "c", "d"))


def option(chosen: int, share: float = 0.2, rest: float | None = 50.0) -> OptionAnalysis:
    """Return the analysis of an option; all of its choosers have a rest score, or none."""
    return OptionAnalysis(chosen, share, 0 if rest is None else chosen, rest, None, None)


def analysis(**fields: object) -> ItemAnalysis:
    """Return the analysis of a question about which there is nothing to say."""
    usual = ItemAnalysis(
        n=40,
        no_answer=0,
        rated=40,
        facility=0.5,
        median_time=20.0,
        discrimination=30.0,
        rest_spread=20.0,
        options=(option(20), option(8), option(7), option(5)),
    )
    return replace(usual, **fields)  # type: ignore[arg-type]


def test_of_a_good_question_nothing_is_said() -> None:
    assert flags(SHORT, analysis()) == []


def test_of_few_answers_nothing_is_said() -> None:
    bad = {"facility": 0.1, "discrimination": -90.0}
    assert flags(SHORT, analysis(n=9, **bad)) == []
    assert len(flags(SHORT, analysis(n=10, **bad))) == 2
    assert flags(SHORT, analysis(n=0, facility=None)) == []


@pytest.mark.parametrize(
    ("of_key", "of_other", "flagged"),
    [
        (option(20, rest=50), option(5, rest=60.1), True),  # the error is 20 * sqrt(1/20 + 1/5)
        (option(20, rest=50), option(5, rest=59.9), False),
        (option(20, rest=50), option(4, rest=None), False),
        (option(4, rest=None), option(20, rest=90), False),
        (option(20, rest=-30), option(0, rest=None), False),
        (option(20, rest=-30), option(5, rest=-10), True),
        (option(20, rest=50), option(5, rest=60), False),  # by one standard error, and no more
        (option(5, rest=50), option(20, rest=90), True),
        (option(20, rest=50), option(5, rest=None), False),
        (option(20, rest=None), option(5, rest=50), False),
    ],
)
def test_the_key_is_in_doubt_if_strong_students_chose_something_else(
    of_key: OptionAnalysis, of_other: OptionAnalysis, flagged: bool
) -> None:
    options = (of_key, option(8, rest=-60), of_other, option(5, rest=-60))
    said = "Option C drew more strong students than the key: check the key."
    assert (said in flags(SHORT, analysis(options=options))) is flagged
    assert said not in flags(SHORT, analysis(options=options, rest_spread=None))


@pytest.mark.parametrize(("rated", "flagged"), [(5, True), (4, False)])
def test_only_those_who_answered_other_questions_cast_doubt_on_the_key(
    rated: int, flagged: bool
) -> None:
    """Ten chose C, the stronger ones; some of them answered nothing else."""
    chose = [Attempt(f"key {n}", SHORT.id, 1.0, 5.0, 0) for n in range(8)]
    chose += [Attempt(f"C {n}", SHORT.id, 0.0, 5.0, 2) for n in range(10)]
    others = [Attempt(f"key {n}", "r", n % 2 / 2, 5.0, 0) for n in range(8)]
    others += [Attempt(f"C {n}", "r", 1.0, 5.0, 0) for n in range(rated)]
    found = analyse([*chose, *others], {SHORT.id: SHORT})[SHORT.id]
    assert (found.n, found.rated, found.options[2].rated) == (18, 8 + rated, rated)
    said = "Option C drew more strong students than the key: check the key."
    assert (said in flags(SHORT, found)) is flagged


def test_the_standard_error_counts_only_those_who_answered_other_questions() -> None:
    of_key = OptionAnalysis(20, 0.5, 5, 50.0, None, None)
    for rest, flagged in ((62.6, False), (62.7, True)):  # the error is 20 * sqrt(1/5 + 1/5)
        of_other = OptionAnalysis(20, 0.5, 5, rest, None, None)
        options = (of_key, option(0, 0.0, None), of_other)
        found = flags(SHORT, analysis(options=options))
        assert any("Option C" in flag for flag in found) is flagged


def test_the_best_of_several_right_options_counts() -> None:
    several = question(1, type=QuestionType.MULTIPLE, correct=(0, 1))
    options = (option(20, rest=20), option(20, rest=70), option(10, rest=60), option(5, rest=10))
    assert flags(several, analysis(options=options)) == []


def test_discrimination_below_zero_is_named_beyond_one_standard_error() -> None:
    said = "Students who did well otherwise got it wrong more often than the others."
    for n in (25, 100):  # those without a rest score say nothing about it
        assert said in flags(SHORT, analysis(n=n, rated=25, discrimination=-20.1))
        assert said not in flags(SHORT, analysis(n=n, rated=25, discrimination=-20.0))
        assert said not in flags(SHORT, analysis(n=n, rated=25, discrimination=None))
    assert flags(SHORT, analysis(n=25, rated=0, discrimination=None)) == []


def test_guessing_and_too_easy() -> None:
    assert "Fewer were right than by guessing (25 %)." in flags(SHORT, analysis(facility=0.24))
    assert flags(SHORT, analysis(facility=0.25)) == []
    three = question(1, options=("a", "b", "c"))
    assert "Fewer were right than by guessing (33 %)." in flags(three, analysis(facility=0.3))
    several = question(1, type=QuestionType.MULTIPLE, correct=(0, 1))
    assert flags(several, analysis(facility=0.01)) == []
    typed = question(1, type=QuestionType.NUMERIC, options=(), correct=(Number(1.0),))
    assert flags(typed, analysis(facility=0.01, options=())) == []
    assert "Too easy to tell students apart." in flags(SHORT, analysis(facility=0.95))
    assert flags(SHORT, analysis(facility=0.94)) == []


def test_options_that_nobody_or_hardly_anybody_chose() -> None:
    nobody, few = option(0, 0.0, None), option(1, 0.049)
    options = (option(20), nobody, few, nobody)
    assert flags(SHORT, analysis(options=options)) == [
        "Nobody chose B or D.",
        "Hardly anybody chose C.",
    ]
    assert flags(SHORT, analysis(n=19, options=options)) == ["Nobody chose B or D."]
    assert len(flags(SHORT, analysis(n=20, options=options))) == 2
    assert flags(SHORT, analysis(options=(option(20), option(2, 0.05), option(9), option(9)))) == []
    assert flags(SHORT, analysis(options=(nobody, option(20), option(9), option(9)))) == []
    all_three = flags(SHORT, analysis(options=(option(20), nobody, nobody, nobody)))
    assert all_three == ["Nobody chose B, C or D."]


def test_answers_faster_than_reading() -> None:
    said = "Half of the answers came in less time than it takes to read the text."
    words = 34  # at 400 a minute: 5.1 seconds
    assert said in flags(LONG, analysis(median_time=words / 400 * 60 - 0.01))
    assert said not in flags(LONG, analysis(median_time=words / 400 * 60))
    assert said not in flags(SHORT, analysis(median_time=0.1))
    assert said not in flags(LONG, analysis(median_time=None))
    for words, flagged in ((19, False), (20, True)):  # the options have four of them
        text = question(1, text="word " * (words - 4), options=("a", "b", "c", "d"))
        assert (said in flags(text, analysis(median_time=0.1))) is flagged


def test_right_options_are_those_of_the_key() -> None:
    assert right_options(question(1, correct=2)) == {2}
    assert right_options(question(1, type=QuestionType.MULTIPLE, correct=(0, 3))) == {0, 3}
    text = question(1, type=QuestionType.SHORT_TEXT, options=(), correct=("a",))
    assert right_options(text) == frozenset()
