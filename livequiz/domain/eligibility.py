"""Which questions each student may get in a draw, and which they have seen, as indexes."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from livequiz.domain.matching import FORBIDDEN

Barred = Mapping[str, frozenset[str]]  # question ids by student id; students share the sets


@dataclass(frozen=True)
class Eligibility:
    """Which questions each student may get, and which of those they have seen.

    Attributes:
        seen: For each student, the questions seen, oldest first, with recency ranks from 0.
        allowed: For each student, a bit set of the questions that they may get, seen or not.
        questions: The number of questions.
    """

    seen: Sequence[Mapping[int, int]]
    allowed: Sequence[int]
    questions: int

    @cached_property
    def limited(self) -> bool:
        """Whether any question is barred for any student; not so in most classes."""
        return set(self.allowed) != {(1 << self.questions) - 1}

    @cached_property
    def exhausted(self) -> list[int]:
        return [number for number, unseen in enumerate(self.unseen) if not unseen]

    @cached_property
    def unseen(self) -> list[int]:
        """For each student, a bit set of the questions that they may get and have not seen."""
        pairs = zip(self.allowed, self.seen, strict=True)
        return [allowed & ~mask_of(seen) for allowed, seen in pairs]

    def masks(self, depth: int) -> list[int]:
        """For each student, what they may get; if exhausted, the `depth` seen longest ago."""
        masks = self.unseen.copy()
        for student in self.exhausted:
            masks[student] = mask_of(islice(self.seen[student], depth))
        return masks

    def cost(self, depth: int, student: int, question: int) -> int:
        """Return the recency rank of a question for a student; FORBIDDEN outside their mask."""
        rank = self.seen[student].get(question)
        if rank is None:
            return FORBIDDEN if self.limited and not self.allowed[student] >> question & 1 else 0
        return rank if not self.unseen[student] and rank < depth else FORBIDDEN


def eligibility(
    people: Sequence[str], before: Sequence[Sequence[str]], deck: Sequence[str], barred: Barred
) -> Eligibility:
    """Return which questions each student may get.

    Args:
        people: The student ids.
        before: For each of them, what they have seen, oldest first.
        deck: The candidates.
        barred: By student id, the questions that they may not get.
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
    """What a student should not be dealt; lazy, because 5,000 sets take a second to build."""

    seen: Sequence[str]
    barred: frozenset[str]

    def __contains__(self, question: object) -> bool:
        return question in self.barred or question in self.seen


def not_to_deal(
    people: Sequence[str], before: Sequence[Sequence[str]], barred: Barred
) -> Sequence[Container[str]]:
    """Return for each student what they should not be dealt: questions seen before or barred."""
    if not barred:
        return before
    pairs = zip(people, before, strict=True)
    return [_Unfit(seen, barred[one]) if one in barred else seen for one, seen in pairs]


def recency_ranks(seen: Sequence[str], numbers: Mapping[str, int]) -> dict[int, int]:
    """Return the recency rank of each candidate seen; 0 is the one seen longest ago."""
    newest_first = dict.fromkeys(numbers[name] for name in reversed(seen) if name in numbers)
    return {number: rank for rank, number in enumerate(reversed(newest_first))}


def mask_of(numbers: Iterable[int]) -> int:
    mask = 0
    for number in numbers:
        mask |= 1 << number
    return mask
