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

    Args:
        sign: 1 for abilities, -1 for difficulties, which lower the chance to solve a question.
        spread: Standard deviation of the prior, in logits.
    """

    def __init__(self, sign: int, spread: float) -> None:
        self._sign = sign
        self._prior = 1 / spread**2
        self.index: dict[Hashable, int] = {}
        self.values: list[float] = []
        self.answers: list[list[tuple[int, float]]] = []  # (index on the other side, share)

    def place(self, key: Hashable) -> int:
        """Return the index of a student or question, which may be new."""
        if key not in self.index:
            self.index[key] = len(self.values)
            self.values.append(0.0)
            self.answers.append([])
        return self.index[key]

    def improve(self, others: Sequence[float]) -> float:
        """Take one Newton step on the log posterior of each value; return the longest step."""
        longest, sign = 0.0, self._sign
        for index, value in enumerate(self.values):
            gradient, information = -value * self._prior, self._prior
            for other, share in self.answers[index]:
                chance = 1 / (1 + exp(sign * (others[other] - value)))  # `_chance`, called often
                gradient += sign * (share - chance)
                information += chance * (1 - chance)
            step = max(-1.0, min(1.0, gradient / information))
            self.values[index] = value + step
            longest = max(longest, abs(step))
        return longest

    def estimates(self, others: Sequence[float]) -> dict[Hashable, Estimate]:
        """Return the values with their standard errors."""
        found = {}
        for key, index in self.index.items():
            value, answers = self.values[index], self.answers[index]
            chances = [_chance(value - others[other]) for other, _ in answers]
            information = self._prior + sum(chance * (1 - chance) for chance in chances)
            found[key] = Estimate(value, 1 / sqrt(information), len(answers))
        return found


def fit(answers: Iterable[tuple[Hashable, str, float]]) -> RaschModel:
    """Estimate abilities and difficulties.

    Args:
        answers: (student, question id, share of the points from 0 to 1).
    """
    students, questions = _Side(1, ABILITY_SPREAD), _Side(-1, DIFFICULTY_SPREAD)
    for student, question_id, share in answers:
        s, q = students.place(student), questions.place(question_id)
        students.answers[s].append((q, share))
        questions.answers[q].append((s, share))
    for _ in range(_MOST_STEPS):
        moved = max(students.improve(questions.values), questions.improve(students.values))
        if moved < _PRECISE:
            break
    return RaschModel(students.estimates(questions.values), questions.estimates(students.values))


def _chance(surplus: float) -> float:
    """Return the chance to solve a question, from ability minus difficulty."""
    return 1 / (1 + exp(-surplus))
