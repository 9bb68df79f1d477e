"""How students are getting on in a meeting, and which facts about them call for a look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

MISSED = 2  # rounds in a row without an answer are mentioned
ENOUGH_ANSWERS = 3  # of a student, before their share is compared
ENOUGH_STUDENTS = 4  # with enough answers, before there is a median


@dataclass(frozen=True, slots=True)
class Progress:
    """What a student did in the rounds of a meeting in which they had a question.

    Attributes:
        asked: How many those are.
        answered: In how many of them they answered.
        correct: How many of the answers were right.
        missed: How many rounds in a row they have not answered, up to the last one.
    """

    asked: int = 0
    answered: int = 0
    correct: int = 0
    missed: int = 0

    def add(self, correct: bool | None, *, over: bool = True) -> Progress:
        """Return the progress with one more round.

        Args:
            correct: Whether the answer was right; None if there was none.
            over: Whether the round is over: until then, no answer is no fact.
        """
        answered = correct is not None
        return Progress(
            self.asked + 1,
            self.answered + answered,
            self.correct + bool(correct),
            0 if answered else self.missed + over,
        )

    @property
    def share(self) -> float | None:
        """The share of right answers, from 0 to 1; None with too few answers."""
        return self.correct / self.answered if self.answered >= ENOUGH_ANSWERS else None


def struggling(students: Mapping[str, Progress]) -> dict[str, bool]:
    """Return the students to look at: those with no answer in two rounds or more, or with a share
    of right answers below half of the class median.

    Args:
        students: The progress by student id.

    Returns:
        By student id, whether it is for their share; otherwise it is for missing answers. Those who
        missed the most rounds come first, then the lowest shares.
    """
    shares = {s: share for s, each in students.items() if (share := each.share) is not None}
    half = median(shares.values()) / 2 if len(shares) >= ENOUGH_STUDENTS else 0.0
    missed = sorted(
        (student for student, each in students.items() if each.missed >= MISSED),
        key=lambda student: -students[student].missed,
    )
    low = sorted((s for s, share in shares.items() if share < half), key=shares.__getitem__)
    return dict.fromkeys(missed, False) | {s: True for s in low if s not in missed}
