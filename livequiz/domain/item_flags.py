"""Sentences about questions that a teacher might look at, from their item analysis."""

from __future__ import annotations

from math import sqrt

from livequiz.domain.item_analysis import ItemAnalysis, OptionAnalysis
from livequiz.domain.key_wording import letter
from livequiz.domain.model import Question

ENOUGH = 10  # answers, below which nothing is said
ENOUGH_FOR_RARE = 20  # answers, below which 5 % is less than one
RARE = 0.05  # of the answers
TOO_EASY = 0.95  # facility
READING_SPEED = 400  # words a minute; adults read non-fiction at 175 to 300 (Brysbaert 2019)
LONG_ENOUGH = 20  # words, below which people take in a question at a glance


def flags(question: Question, analysis: ItemAnalysis) -> list[str]:
    """Return what stands out, the most important first."""
    facility = analysis.facility
    if facility is None or analysis.n < ENOUGH:
        return []
    found = _key_in_doubt(question, analysis)
    # By more than one standard error of a correlation, which is about 1 / sqrt(n).
    rated = analysis.rated
    if rated and (analysis.discrimination or 0.0) < -100 / sqrt(rated):
        found.append("Students who did well otherwise got it wrong more often than the others.")
    guess = _by_guessing(question)
    if guess and facility < guess:
        found.append(f"Fewer were right than by guessing ({100 * guess:.0f} %).")
    if facility >= TOO_EASY:
        found.append("Too easy to tell students apart.")
    found += _rarely_chosen(question, analysis)
    words, time = len(" ".join((question.text, *question.options)).split()), analysis.median_time
    if words >= LONG_ENOUGH and time is not None and time < words / READING_SPEED * 60:
        found.append("Half of the answers came in less time than it takes to read the text.")
    return found


def right_options(question: Question) -> frozenset[int]:
    """Return the indexes of the right options; empty where answers are typed."""
    if not question.options:
        return frozenset()
    key = question.correct if isinstance(question.correct, tuple) else (question.correct,)
    return frozenset(index for index in key if isinstance(index, int))


def _key_in_doubt(question: Question, analysis: ItemAnalysis) -> list[str]:
    """Name wrong options whose choosers did clearly better otherwise than those of the key.

    Clearly is by more than one standard error of the difference of two means. An option with too
    few choosers for a mean is left aside.
    """
    right = right_options(question)
    keys = [option for index, option in enumerate(analysis.options) if index in right]
    rated = [(o.rest_score, o.rated) for o in keys if o.rest_score is not None]
    if not rated or analysis.rest_spread is None:
        return []
    best = max(rated)
    return [
        f"Option {letter(index)} drew more strong students than the key: check the key."
        for index, option in enumerate(analysis.options)
        if index not in right and _is_stronger(option, *best, analysis.rest_spread)
    ]


def _is_stronger(option: OptionAnalysis, of_key: float, rated: int, spread: float) -> bool:
    if option.rest_score is None:
        return False
    return option.rest_score - of_key > spread * sqrt(1 / option.rated + 1 / rated)


def _rarely_chosen(question: Question, analysis: ItemAnalysis) -> list[str]:
    wrong = [
        (letter(index), option)
        for index, option in enumerate(analysis.options)
        if index not in right_options(question)
    ]
    nobody = [name for name, option in wrong if not option.chosen]
    few = [name for name, option in wrong if option.chosen and option.share < RARE]
    found = [f"Nobody chose {_listed(nobody)}."] if nobody else []
    if few and analysis.n >= ENOUGH_FOR_RARE:
        found.append(f"Hardly anybody chose {_listed(few)}.")
    return found


def _listed(names: list[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _by_guessing(question: Question) -> float:
    """Return the chance to be right by guessing; 0 unless exactly one option is right."""
    single = question.options and isinstance(question.correct, int)
    return 1 / len(question.options) if single else 0.0
