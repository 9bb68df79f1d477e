"""Checks that need the whole bank."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from livequiz.bank.lint.finding import Finding
from livequiz.bank.lint.questions import look_at
from livequiz.bank.lint.stems import near_duplicates
from livequiz.domain.model import Draft, QuestionType

CLASS = 30  # students, by default
FEWEST = 12  # questions needed to detect a habit of their author
DEVIATIONS = 3.0  # standard deviations above chance


def check(questions: Sequence[Draft], students: int = CLASS) -> list[Finding]:
    """Return the findings: on each question, in order, then on the bank as a whole.

    Args:
        questions: The bank.
        students: The size of the class; each student should get a different question.
    """
    findings = [
        Finding(finding.rule, finding.message, place)
        for place, question in enumerate(questions)
        for finding in look_at(question)
    ]
    for earlier, later, exact in near_duplicates(questions):
        what = "the same as" if exact else "nearly the same as"
        message = f"This is {what} question {earlier + 1}: keep one of them, or ask something else."
        rule = "duplicate" if exact else "near-duplicate"
        findings.append(Finding(rule, message, later))
    findings.sort(key=lambda finding: finding.question or 0)
    return [
        *findings,
        *_lengths(questions),
        *key_positions(questions),
        *_topics(questions, students),
    ]


def _lengths(questions: Sequence[Draft]) -> Iterator[Finding]:
    """Yield a finding if the longest option is the key more often than by chance."""
    longest, by_chance = 0, 0.0
    asked = [q for q in questions if q.type is QuestionType.SINGLE and isinstance(q.correct, int)]
    for question in asked:
        lengths = [len(option) for option in question.options]
        longest += lengths.count(max(lengths)) == 1 and lengths.index(max(lengths)) == (
            question.correct
        )
        by_chance += 1 / len(lengths)
    count = len(asked)
    if count >= FEWEST and _beyond(longest, count, by_chance / count) and longest > count / 2:
        message = f"In {longest} of {count} questions the right answer is the longest: who guesses"
        yield Finding("longest-key", f"{message} needs no knowledge. Lengthen some distractors.")


def key_positions(questions: Sequence[Draft]) -> Iterator[Finding]:
    """Yield the letters that are the key too often, for each number of options."""
    places: dict[int, Counter[int]] = defaultdict(Counter)
    for question in questions:
        if isinstance(question.correct, int):
            places[len(question.options)][question.correct] += 1
    for options, counts in sorted(places.items()):
        total = counts.total()
        for place, count in sorted(counts.items()):
            if total >= FEWEST and _beyond(count, total, 1 / options):
                letter = chr(ord("A") + place)
                message = (
                    f"The key is {letter} in {count} of {total} questions with {options} options: "
                    "move some, or shuffle the options when you send."
                )
                yield Finding("key-position", message)


def _topics(questions: Sequence[Draft], students: int) -> Iterator[Finding]:
    counts = Counter(topic for question in questions for topic in question.topics)
    for topic, count in sorted(counts.items()):
        if count < students:
            have = "1 question" if count == 1 else f"{count} questions"
            message = f"{topic} has {have} for {students} students: a round on it alone"
            yield Finding("small-topic", f"{message} makes some share one. Add {students - count}.")


def _beyond(count: int, total: int, share: float) -> bool:
    """Return whether a count is far above its expected value, by the normal approximation."""
    return count > total * share + DEVIATIONS * math.sqrt(total * share * (1 - share))
