"""Leaderboards: ranks by points, and names that need not tell who somebody is.

Ties share a rank, and the next rank is as many places further on: 1, 2, 2, 4.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from livequiz.domain.model import NamesAs

_ADJECTIVES = (
    *("Amber", "Bold", "Brave", "Bright", "Calm", "Clever", "Cosy", "Curious", "Daring", "Eager"),
    *("Fair", "Fast", "Gentle", "Golden", "Happy", "Honest", "Jolly", "Keen", "Kind", "Lively"),
    *("Lucky", "Merry", "Mighty", "Neat", "Noble", "Patient", "Polite", "Proud", "Quick", "Quiet"),
    *("Ready", "Silver", "Smart", "Snowy", "Steady", "Sunny", "Swift", "Warm", "Wise", "Witty"),
)
_ANIMALS = (
    *("Badger", "Bear", "Beaver", "Bison", "Camel", "Cat", "Crane", "Deer", "Dolphin", "Eagle"),
    *("Falcon", "Finch", "Fox", "Frog", "Gecko", "Hare", "Hawk", "Heron", "Horse", "Ibex"),
    *("Koala", "Lark", "Lemur", "Lion", "Lynx", "Mole", "Moose", "Otter", "Owl", "Panda"),
    *("Parrot", "Penguin", "Puffin", "Rabbit", "Raven", "Robin", "Seal", "Swan", "Tiger", "Wolf"),
)
_MOST_INITIALS = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """A student's place.

    Attributes:
        rank: From 1.
        points: Over the whole meeting.
        move: By how many places they rose since the round before; negative if they fell, None if
            they had no place then.
    """

    student_id: str
    rank: int
    points: float
    move: int | None


def standings(points: Mapping[str, float], before: Mapping[str, float]) -> list[Standing]:
    """Rank students by their points, the first first; those of a rank stay in the order given.

    Args:
        points: By student id.
        before: The points before the last round, of those who had a place then.
    """
    ranks, earlier = _ranks(points), _ranks(before)
    return [
        Standing(
            student_id=student,
            rank=ranks[student],
            points=points[student],
            move=earlier[student] - ranks[student] if student in earlier else None,
        )
        for student in sorted(points, key=ranks.__getitem__)
    ]


def _ranks(points: Mapping[str, float]) -> dict[str, int]:
    first: dict[float, int] = {}
    for rank, each in enumerate(sorted(points.values(), reverse=True), start=1):
        first.setdefault(each, rank)
    return {student: first[each] for student, each in points.items()}


def shown_names(names: Mapping[str, str], names_as: NamesAs, seed: int) -> dict[str, str]:
    """Return what a leaderboard calls each student, by student id.

    Args:
        names: By student id, in an order that does not change: nicknames depend on it.
        names_as: What to show of the names.
        seed: The meeting's own, so that nobody can work out who has which nickname.
    """
    match names_as:
        case NamesAs.NAMES:
            return dict(names)
        case NamesAs.INITIALS:
            return {student: initials(name) for student, name in names.items()}
        case NamesAs.NICKNAMES:
            return dict(zip(names, _nicknames(len(names), seed), strict=True))


def initials(name: str) -> str:
    """Return the initials of a name, such as `A. J.` for Alice Johnson."""
    return " ".join(f"{word[0].upper()}." for word in name.split()[:_MOST_INITIALS])


def _nicknames(count: int, seed: int) -> Sequence[str]:
    """Return as many different nicknames, such as Calm Otter; the first ones stay with more."""
    pairs = [" ".join(pair) for pair in product(_ADJECTIVES, _ANIMALS)]
    random.Random(seed).shuffle(pairs)
    return [
        pairs[place % len(pairs)] + (f" {place // len(pairs) + 1}" if place >= len(pairs) else "")
        for place in range(count)
    ]
