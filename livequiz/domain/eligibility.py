"""What each student of a draw may get, and what of that they have seen; all are numbers here."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from livequiz.domain.matching import FORBIDDEN

Barred = Mapping[str, frozenset[str]]  # question ids by student id; students share the sets


@dataclass(frozen=True)
class Eligibility:
    """What each student may get, and what of that they have seen.

    Attributes:
        seen: For each student the questions, oldest first, with their recency rank from 0.
        allowed: For each student the set of questions that they may get, seen or not.
        questions: How many there are.
    """

    seen: Sequence[Mapping[int, int]]
    allowed: Sequence[int]
    questions: int

    @cached_property
    def limited(self) -> bool:
        """Whether somebody may not get every question; in most classes everybody may."""
        return set(self.allowed) != {(1 << self.questions) - 1}

    @cached_property
    def roomy(self) -> bool:
        """Whether every student finds an unseen question however the others are served."""
        least_left = min((unseen.bit_count() for unseen in self.unseen), default=0)
        return least_left >= len(self.seen)

    @cached_property
    def exhausted(self) -> list[int]:
        return [number for number, unseen in enumerate(self.unseen) if not unseen]

    @cached_property
    def unseen(self) -> list[int]:
        """For each student the set of questions that they may get and have not seen."""
        pairs = zip(self.allowed, self.seen, strict=True)
        return [allowed & ~mask_of(seen) for allowed, seen in pairs]

    def masks(self, depth: int) -> list[int]:
        """For each student what it may get; for the exhausted the `depth` seen longest ago."""
        masks = self.unseen.copy()
        for student in self.exhausted:
            masks[student] = mask_of(islice(self.seen[student], depth))
        return masks

    def cost(self, depth: int, student: int, question: int) -> int:
        """Return the recency rank of a question for a student, FORBIDDEN outside its mask."""
        rank = self.seen[student].get(question)
        if rank is None:
            return FORBIDDEN if self.limited and not self.allowed[student] >> question & 1 else 0
        return rank if not self.unseen[student] and rank < depth else FORBIDDEN


def eligibility(
    people: Sequence[str], before: Sequence[Sequence[str]], deck: Sequence[str], barred: Barred
) -> Eligibility:
    """Return who may get what.

    Args:
        people: The students.
        before: For each of them what they have seen, oldest first.
        deck: The candidates.
        barred: What some of them may not get.
    """
    numbers = {question: number for number, question in enumerate(deck)}
    everything = (1 << len(deck)) - 1
    masks = {
        closed: everything & ~mask_of(numbers[name] for name in closed if name in numbers)
        for closed in set(barred.values())
    }
    allowed = [masks[barred[one]] if one in barred else everything for one in people]
    seen = [
        recency_ranks([name for name in names if name not in barred.get(one, ())], numbers)
        for one, names in zip(people, before, strict=True)
    ]
    return Eligibility(seen, allowed, len(deck))


@dataclass(frozen=True, slots=True)
class _Unfit:
    """What a student should not be dealt; a set of it for each of 5,000 would take a second."""

    seen: Sequence[str]
    barred: frozenset[str]

    def __contains__(self, question: object) -> bool:
        return question in self.barred or question in self.seen


def not_to_deal(
    people: Sequence[str], before: Sequence[Sequence[str]], barred: Barred
) -> Sequence[Container[str]]:
    """Return for each student what they should not be dealt: seen before, or barred."""
    if not barred:
        return before
    pairs = zip(people, before, strict=True)
    return [_Unfit(seen, barred[one]) if one in barred else seen for one, seen in pairs]


def recency_ranks(seen: Sequence[str], numbers: Mapping[str, int]) -> dict[int, int]:
    """Return the recency rank of the candidates seen, from 0 for the one longest ago."""
    newest_first = dict.fromkeys(numbers[name] for name in reversed(seen) if name in numbers)
    return {number: rank for rank, number in enumerate(reversed(newest_first))}


def mask_of(numbers: Iterable[int]) -> int:
    mask = 0
    for number in numbers:
        mask |= 1 << number
    return mask
