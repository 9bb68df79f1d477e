"""What `--balance` does for a class whose questions' ease has to be estimated, by simulation."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from statistics import fmean, pstdev

import pytest

from livequiz.domain.balance import ENOUGH, balanced_draw
from livequiz.domain.draw import draw
from livequiz.domain.model import Difficulty
from livequiz.domain.statistics import Tally
from livequiz.server.quiz.ease import eases
from tests.results.rasch_class import question

STUDENTS = [f"s{n}" for n in range(30)]
AVERAGE = 0.0  # the ability of an average student, in logits
BELOW = 0.4  # questions are easier than that student is able, as questions for a class are
SPREAD = 1.2  # standard deviation of the difficulties


class School:
    """A bank of 300 questions, and classes of 30 that answer them by the Rasch model.

    The authors have called a third of the questions easy, a third medium and a third hard.
    """

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        hardness = sorted(self.chance.gauss(-BELOW, SPREAD) for _ in range(300))
        labels = [label for label in Difficulty for _ in range(100)]
        self.questions = {q.id: q for q in (question(n, difficulty=labels[n]) for n in range(300))}
        self.hardness = dict(zip(self.questions, hardness, strict=True))
        self.tallies: dict[str, Tally] = {}

    def solves(self, ability: float, asked: str) -> float:
        """Return the chance that a student solves a question."""
        return 1 / (1 + math.exp(self.hardness[asked] - ability))

    def play(self, bank: Sequence[str], *, balanced: bool) -> dict[str, list[str]]:
        """Return the questions that each student of a class gets in ten rounds."""
        ease = eases(bank, self.questions, self.tallies)
        seen: dict[str, list[str]] = {student: [] for student in STUDENTS}
        for _ in range(10):
            if balanced:
                drawn = balanced_draw(STUDENTS, bank, seen, self.chance, ease=ease)
            else:
                drawn = draw(STUDENTS, bank, seen, self.chance)
            assert drawn.distinct
            assert len(set(drawn.assigned.values())) == len(STUDENTS)
            for student, asked in drawn.assigned.items():
                assert asked not in seen[student]
                seen[student].append(asked)
        return seen

    def remember(self, earlier: int, bank: Sequence[str]) -> None:
        """Let earlier classes answer questions of a part of the bank."""
        answers: dict[str, list[bool]] = {}
        for _ in range(earlier):
            for asked in self.play(bank, balanced=False).values():
                ability = self.chance.gauss(AVERAGE, 1)
                for one in asked:
                    right = self.chance.random() < self.solves(ability, one)
                    answers.setdefault(one, []).append(right)
        self.tallies = {one: Tally(len(a), sum(a), 1.0) for one, a in answers.items()}

    def spread(self, *, balanced: bool) -> float:
        """Return the standard deviation of the scores that equally able students expect."""
        return fmean(
            pstdev(sum(self.solves(AVERAGE, q) for q in asked) for asked in played.values())
            for played in (self.play(list(self.questions), balanced=balanced) for _ in range(3))
        )


@pytest.mark.parametrize(
    ("earlier", "part"),
    [
        pytest.param(0, 0, id="nobody has answered yet: the authors' labels"),
        pytest.param(10, 150, id="20 answers each to half of the questions"),
        pytest.param(40, 300, id="40 answers to each question"),
        pytest.param(10, 300, id="10 answers to each question"),
    ],
)
def test_equally_able_students_expect_scores_that_differ_by_half_at_most(
    earlier: int, part: int
) -> None:
    usual, evened = [], []
    for seed in range(6):
        school = School(seed)
        school.remember(earlier, school.chance.sample(list(school.questions), part))
        measured = sum(tally.responses >= ENOUGH for tally in school.tallies.values())
        assert (measured == 0) == (earlier == 0)
        usual.append(school.spread(balanced=False))
        evened.append(school.spread(balanced=True))
    assert fmean(evened) <= 0.5 * fmean(usual)
