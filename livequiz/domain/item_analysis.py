"""Item analysis: what the answers of a class say about a question.

The formulas are those of Moodle's quiz statistics report, with one change, because students have
different questions: see `rest_scores`. `docs/statistics.md` explains every figure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist, fmean, median, stdev

from livequiz.domain.model import Answer, Question

CONFIDENCE = 0.95
GROUP = 0.27  # of the students, at both ends: Kelley (1939)
ENOUGH_TO_DISCRIMINATE = 10  # answers of students who have a rest score
ENOUGH_FOR_GROUPS = 12  # the same; from here on a group has three students
ENOUGH_CHOOSERS = 5  # of an option, who have a rest score
_TIED = 9  # decimals of rest scores in percent; beyond them is rounding


@dataclass(frozen=True, slots=True)
class Attempt:
    """One student's question in one round.

    Attributes:
        student: Whose it is; the same person in all rounds.
        share: What the answer earned of the question's points, from 0 to 1; None if there is none.
        time: Response time in seconds; None without an answer.
        answer: With option indexes in the question's own order; None without an answer.
    """

    student: Hashable
    question_id: str
    share: float | None = None
    time: float | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class OptionAnalysis:
    """How one option was chosen.

    Attributes:
        chosen: The number of answers with this option.
        share: Of the answers, from 0 to 1.
        rated: The number of those answers whose student has a rest score.
        rest_score: The mean of those rest scores, in percent; None below the minimum.
        upper: The share of the top 27 % who chose it, by rest score; None below the minimum.
        lower: The same of the bottom 27 %.
    """

    chosen: int
    share: float
    rated: int
    rest_score: float | None
    upper: float | None
    lower: float | None


@dataclass(frozen=True, slots=True)
class ItemAnalysis:
    """The figures of a question; those that need more answers are None.

    Attributes:
        n: The number of answers; for a student with several, the first one.
        no_answer: How many students had it and did not answer.
        rated: How many of the answers are of students who have a rest score.
        facility: Mean share of the points, from 0 to 1.
        interval: Wilson's 95 % confidence interval of the facility.
        mean_time: Seconds.
        median_time: Seconds.
        discrimination: Correlation of the answer with the rest score, from -100 to 100.
        efficiency: Discrimination as a percentage of what was possible.
        rest_spread: Standard deviation of the rest scores; None below the same minimum.
        options: One for each option; empty where answers are typed.
        missing: Why figures are missing, in sentences; "" if none is.
    """

    n: int
    no_answer: int
    rated: int = 0
    facility: float | None = None
    interval: tuple[float, float] | None = None
    mean_time: float | None = None
    median_time: float | None = None
    discrimination: float | None = None
    efficiency: float | None = None
    rest_spread: float | None = None
    options: tuple[OptionAnalysis, ...] = ()
    missing: str = ""


def analyse(
    attempts: Iterable[Attempt], questions: Mapping[str, Question]
) -> dict[str, ItemAnalysis]:
    """Analyse every question that somebody had, by question id.

    Args:
        attempts: In the order of time.
        questions: The questions; one that is missing has no options in its analysis.
    """
    first = first_attempts(attempts)
    rests = rest_scores(first)
    by_question: defaultdict[str, list[Attempt]] = defaultdict(list)
    for attempt in first:
        by_question[attempt.question_id].append(attempt)
    return {
        question_id: _analyse(had, rests, questions.get(question_id))
        for question_id, had in by_question.items()
    }


def first_attempts(attempts: Iterable[Attempt]) -> list[Attempt]:
    """Keep each student's first answer to each question; without an answer, one attempt."""
    kept: dict[tuple[Hashable, str], Attempt] = {}
    for attempt in attempts:
        key = attempt.student, attempt.question_id
        if key not in kept or (kept[key].share is None and attempt.share is not None):
            kept[key] = attempt
    return list(kept.values())


def rest_scores(attempts: Sequence[Attempt]) -> dict[tuple[Hashable, str], float]:
    """Return each answer's rest score: how well its student did with all other questions.

    It is the mean share of the points of the student's other answers, in percent, plus how much
    harder their questions were than the average one (by facility). Where everybody answered the
    same questions, that is the same for all. If these are worth the same points, correlations are
    those of Moodle's report, whose rest is the total without the item. Where students had different
    questions, one with hard questions is not taken for a weak student. Without another answer there
    is no rest score.

    Args:
        attempts: At most one for each student and question.
    """
    answered = [(a.student, a.question_id, a.share) for a in attempts if a.share is not None]
    shares: defaultdict[str, list[float]] = defaultdict(list)
    for _, question_id, share in answered:
        shares[question_id].append(share)
    facility = {question_id: fmean(found) for question_id, found in shares.items()}
    average = fmean(facility.values()) if facility else 0.0
    surplus: defaultdict[Hashable, float] = defaultdict(float)
    count: defaultdict[Hashable, int] = defaultdict(int)
    for student, question_id, share in answered:
        surplus[student] += share - facility[question_id]
        count[student] += 1
    return {
        (student, question_id): 100
        * (average + (surplus[student] - (share - facility[question_id])) / (count[student] - 1))
        for student, question_id, share in answered
        if count[student] > 1
    }


def _analyse(
    had: Sequence[Attempt], rests: Mapping[tuple[Hashable, str], float], question: Question | None
) -> ItemAnalysis:
    answered = [attempt for attempt in had if attempt.share is not None]
    if not answered:
        return ItemAnalysis(0, len(had), missing="Nobody answered it.")
    shares = [attempt.share or 0.0 for attempt in answered]
    times = [attempt.time for attempt in answered if attempt.time is not None]
    rated = [
        (attempt, rests[key])
        for attempt in answered
        if (key := (attempt.student, attempt.question_id)) in rests
    ]
    discrimination = efficiency = spread = None
    if len(rated) >= ENOUGH_TO_DISCRIMINATE:
        marks, ranks = [a.share or 0.0 for a, _ in rated], [rest for _, rest in rated]
        discrimination = correlation(marks, ranks)
        efficiency = discriminative_efficiency(marks, ranks)
        spread = stdev(ranks)
    options = _options(answered, rated, question) if question else ()
    return ItemAnalysis(
        n=len(answered),
        no_answer=len(had) - len(answered),
        rated=len(rated),
        facility=fmean(shares),
        interval=wilson(sum(shares), len(shares)),
        mean_time=fmean(times) if times else None,
        median_time=median(times) if times else None,
        discrimination=discrimination,
        efficiency=efficiency,
        rest_spread=spread,
        options=options,
        missing=" ".join(_missing(len(rated), discrimination, options)),
    )


def _missing(
    rated: int, discrimination: float | None, options: Sequence[OptionAnalysis]
) -> Iterator[str]:
    """Yield why figures are missing."""
    needs = []
    if rated < ENOUGH_TO_DISCRIMINATE:
        needs.append(f"discrimination needs {ENOUGH_TO_DISCRIMINATE}")
    if options and rated < ENOUGH_FOR_GROUPS:
        needs.append(f"the top and bottom 27 % need {ENOUGH_FOR_GROUPS}")
    if needs:
        who = "answers of students who answered other questions too"
        yield f"Too few {who} ({rated}): {', '.join(needs)}."
    if discrimination is None and rated >= ENOUGH_TO_DISCRIMINATE:
        yield "Discrimination is undefined: all marks, or all rest scores, are the same."
    if any(option.rest_score is None for option in options):
        who = f"{ENOUGH_CHOOSERS} students who chose it and answered other questions too"
        yield f"An option's rest score needs {who}."


def _options(
    answered: Sequence[Attempt], rated: Sequence[tuple[Attempt, float]], question: Question
) -> tuple[OptionAnalysis, ...]:
    size = round(GROUP * len(rated)) if len(rated) >= ENOUGH_FOR_GROUPS else 0
    lower = _in_group([rest for _, rest in rated], size)
    upper = _in_group([-rest for _, rest in rated], size)
    found = []
    for index in range(len(question.options)):
        chosen = sum(_chose(attempt, index) for attempt in answered)
        who = [n for n, (attempt, _) in enumerate(rated) if _chose(attempt, index)]
        found.append(
            OptionAnalysis(
                chosen=chosen,
                share=chosen / len(answered),
                rated=len(who),
                rest_score=fmean(rated[n][1] for n in who) if len(who) >= ENOUGH_CHOOSERS else None,
                upper=sum(upper[n] for n in who) / size if size else None,
                lower=sum(lower[n] for n in who) / size if size else None,
            )
        )
    return tuple(found)


def _in_group(scores: Sequence[float], size: int) -> list[float]:
    """Return how much of each belongs to the `size` lowest, from 0 to 1.

    Those tied at the border share the places that are left: so the order of answers is no matter.
    """
    if not size:
        return [0.0] * len(scores)
    ranks = [round(score, _TIED) for score in scores]
    border = sorted(ranks)[size - 1]
    part = (size - sum(rank < border for rank in ranks)) / ranks.count(border)
    return [float(rank < border) or part * (rank == border) for rank in ranks]


def _chose(attempt: Attempt, index: int) -> bool:
    answer = attempt.answer
    if isinstance(answer, tuple):
        return index in answer
    return isinstance(answer, int) and answer == index


def wilson(successes: float, n: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return Wilson's score interval of a proportion (Wilson 1927).

    Args:
        successes: Their number; with partial credit, the sum of the shares.
        n: The number of trials, at least 1.
        confidence: Between 0 and 1.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    margin = z / (1 + z * z / n) * sqrt(max(0.0, p * (1 - p) / n + z * z / (4 * n * n)))
    return max(0.0, centre - margin), min(1.0, centre + margin)


def correlation(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Return 100 * cov(x, y) / sqrt(var x * var y); None if either does not vary.

    Between the marks of a question and the rest scores this is Moodle's discrimination index: the
    corrected point-biserial correlation.
    """
    spread = _covariance(x, x) * _covariance(y, y)
    return 100 * _covariance(x, y) / sqrt(spread) if spread > _NOTHING else None


def discriminative_efficiency(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Return 100 * cov(x, y) / its maximum, which both have when sorted; None if that is 0."""
    most = _covariance(sorted(x), sorted(y))
    return 100 * _covariance(x, y) / most if most > _NOTHING else None


_NOTHING = 1e-12  # a variance from rounding only


def _covariance(x: Sequence[float], y: Sequence[float]) -> float:
    mean_x, mean_y = fmean(x), fmean(y)
    total = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return total / (len(x) - 1)
