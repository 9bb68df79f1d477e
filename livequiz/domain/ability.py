"""Rasch model: scores that allow for the difficulty of the questions that a student had.

The probability that a student with ability t solves a question of difficulty b is
1 / (1 + exp(b - t)) (Rasch 1960). Both are estimated from all answers at once, each as the most
probable value given normal priors (Swaminathan and Gifford 1982), which shrinks the estimates of
those with few answers towards the average. Partial credit counts as a fraction of a right answer.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import exp, sqrt
from statistics import fmean

ENOUGH = 5  # answers, below which no student gets a score
ABILITY_SPREAD = 1.0  # standard deviation of the prior, in logits
DIFFICULTY_SPREAD = 1.5
_PRECISE = 1e-4  # logits; one is at most 25 percentage points of a score
_MOST_STEPS = 500


@dataclass(frozen=True, slots=True)
class Estimate:
    """An ability or a difficulty in logits, its standard error, and the number of answers."""

    value: float
    error: float
    n: int


@dataclass(frozen=True, slots=True)
class RaschModel:
    """The estimates from a set of answers.

    Attributes:
        students: Abilities, by student; an average student has about 0.
        questions: Difficulties, by question id.
    """

    students: dict[Hashable, Estimate]
    questions: dict[Hashable, Estimate]

    def adjusted_score(self, student: Hashable) -> float | None:
        """Return the percentage of all these questions that a student would be expected to solve.

        Returns:
            None with fewer than `ENOUGH` answers.
        """
        found = self.students.get(student)
        if found is None or found.n < ENOUGH:
            return None
        return 100 * fmean(_chance(found.value - b.value) for b in self.questions.values())


class _Side:
    """The abilities of all students, or the difficulties of all questions.

    Each answer is a contest: the student wins what it earned, and the question the rest.

    Args:
        spread: Standard deviation of the prior, in logits.
    """

    def __init__(self, spread: float) -> None:
        self._prior = 1 / spread**2
        self.index: dict[Hashable, int] = {}
        self.values: list[float] = []
        self._won: list[float] = []
        self._others: list[list[int]] = []  # the index on the other side, for each answer

    def place(self, key: Hashable) -> int:
        """Return the index of a student or question, which may be new."""
        if key not in self.index:
            self.index[key] = len(self.values)
            self.values.append(0.0)
            self._won.append(0.0)
            self._others.append([])
        return self.index[key]

    def add(self, index: int, other: int, won: float) -> None:
        """Add an answer to a value: who is on the other side, and the share that was won."""
        self._won[index] += won
        self._others[index].append(other)

    def improve(self, others: Sequence[float]) -> float:
        """Take one Newton step on the log posterior of each value; return the longest step."""
        longest = 0.0
        strengths = [exp(other) for other in others]
        for index, value in enumerate(self.values):
            own = exp(value)  # own / (own + strength) is `_chance`, with fewer calls of `exp`
            chances = [own / (own + strengths[other]) for other in self._others[index]]
            gradient = self._won[index] - sum(chances) - value * self._prior
            step = max(-1.0, min(1.0, gradient / self._information(chances)))
            self.values[index] = value + step
            longest = max(longest, abs(step))
        return longest

    def estimates(self, others: Sequence[float]) -> dict[Hashable, Estimate]:
        """Return the values with their standard errors."""
        found = {}
        for key, index in self.index.items():
            value, met = self.values[index], self._others[index]
            information = self._information([_chance(value - others[other]) for other in met])
            found[key] = Estimate(value, 1 / sqrt(information), len(met))
        return found

    def _information(self, chances: Sequence[float]) -> float:
        return self._prior + sum([chance * (1 - chance) for chance in chances])


def fit(answers: Iterable[tuple[Hashable, str, float]]) -> RaschModel:
    """Estimate abilities and difficulties.

    Args:
        answers: (student, question id, share of the points from 0 to 1).
    """
    students, questions = _Side(ABILITY_SPREAD), _Side(DIFFICULTY_SPREAD)
    for student, question_id, share in answers:
        s, q = students.place(student), questions.place(question_id)
        students.add(s, q, share)
        questions.add(q, s, 1 - share)
    for _ in range(_MOST_STEPS):
        moved = max(students.improve(questions.values), questions.improve(students.values))
        if moved < _PRECISE:
            break
    return RaschModel(students.estimates(questions.values), questions.estimates(students.values))


def _chance(surplus: float) -> float:
    """Return the chance to solve a question, from ability minus difficulty."""
    return 1 / (1 + exp(-surplus))
