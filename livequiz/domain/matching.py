"""Bipartite matching: assigns questions to students so that as few as possible share one.

Students and questions are 0-based indexes. A set of questions is a bit set: an int whose bit `q`
is question `q`, which makes "all but these" cheap.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

NO_QUESTION = -1
"""Stands in place of a question for a student who has none."""

FORBIDDEN = 1 << 60
"""The cost of a question that a student may not get."""

PROPOSALS_PER_NUMBER = 20
MOST_PROPOSALS = 50_000


def spread(allowed: Sequence[int], questions: int, most: int | None = None) -> list[int]:
    """Assign every student an allowed question, so that as few as possible share one.

    First as many students as possible get a question of their own, then as many as possible of the
    others share one with one student, and so on. No assignment has a lower maximum load, more
    questions in use, or more even loads.

    Each step is Hopcroft & Karp, "An n^5/2 algorithm for maximum matchings in bipartite graphs",
    SIAM J. Comput. 2 (1973) 225-231, with a capacity for each question. Harvey, Ladner, Lovász &
    Tamir, "Semi-matchings for bipartite graphs and load balancing", J. Algorithms 59 (2006) 53-78,
    show that raising the capacity step by step is optimal at every level.

    Args:
        allowed: For each student, a bit set of the questions that they may get.
        questions: How many questions there are.
        most: How many students may share one question; None for no limit.

    Returns:
        For each student their question, or NO_QUESTION if `most` or an empty set left none.
    """
    matching = Matching(allowed, questions)
    for places in range(1, (len(allowed) if most is None else most) + 1):
        if not matching.free:
            break
        matching.fill(places)
    return matching.given


def loads(given: Sequence[int]) -> list[int]:
    """Return how many students hold each question in use, in ascending order."""
    return sorted(Counter(question for question in given if question != NO_QUESTION).values())


def bits(mask: int) -> Iterator[int]:
    """Yield the members of a bit set, in ascending order."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


class Matching:
    """A growing matching (Hopcroft-Karp). Iterative, as recursion could exceed Python's limit."""

    def __init__(self, allowed: Sequence[int], questions: int) -> None:
        self.allowed = allowed
        self.given = [NO_QUESTION] * len(allowed)
        self.holders: list[list[int]] = [[] for _ in range(questions)]
        self.free = list(range(len(allowed)))
        self.everything = (1 << questions) - 1
        self.places = 0
        self.spare = 0  # bit set of the questions with free capacity

    def fill(self, places: int) -> None:
        """Match as many students as possible; `places` has to grow by one with each call."""
        self.places, self.spare = places, self.everything
        while self.free and (layers := self._layers()):
            self._augment(layers)

    def capacity(self, question: int) -> int:
        """Return how many students may hold a question for now."""
        return self.places

    def _layers(self) -> list[int]:
        """Return bit sets of questions by distance from the free students (breadth first)."""
        layers: list[int] = []
        unseen, frontier = self.everything, self.free
        while layer := self._reached(frontier, unseen):
            if layer & self.spare:
                return [*layers, layer & self.spare]
            layers.append(layer)
            unseen &= ~layer
            frontier = [student for question in bits(layer) for student in self.holders[question]]
        return []

    def _reached(self, students: Sequence[int], unseen: int) -> int:
        reached = 0
        for student in students:
            reached |= self.allowed[student] & unseen
            if reached == unseen:
                break
        return reached

    def _augment(self, layers: list[int]) -> None:
        """Augment the matching along shortest paths that have no student in common."""
        untried: dict[int, list[int]] = {}
        failed: list[int] = []
        tried = 0
        for student in self.free:
            if not (layers[0] and layers[-1]):
                break
            tried += 1
            if not self._lead(student, layers, untried):
                failed.append(student)
        self.free = failed + self.free[tried:]

    def _lead(self, student: int, layers: list[int], untried: dict[int, list[int]]) -> bool:
        """Search depth first for an augmenting path from a free student, using up `untried`."""
        path, taken = [student], [NO_QUESTION]
        while path:
            depth = len(path) - 1
            choice = self.allowed[path[-1]] & layers[depth]
            if not choice:
                path.pop()
                taken.pop()
                continue
            taken[-1] = question = (choice & -choice).bit_length() - 1
            if depth == len(layers) - 1:
                self._shift(path, taken, layers)
                return True
            others = untried.setdefault(question, self.holders[question].copy())
            if others:
                path.append(others.pop())
                taken.append(NO_QUESTION)
            else:
                layers[depth] ^= 1 << question
        return False

    def _shift(self, path: list[int], taken: list[int], layers: list[int]) -> None:
        """Give every student on an augmenting path the question of the next one."""
        for student, question in zip(path, taken, strict=True):
            if self.given[student] != NO_QUESTION:
                self.holders[self.given[student]].remove(student)
            self.given[student] = question
            self.holders[question].append(student)
        if len(self.holders[taken[-1]]) == self.capacity(taken[-1]):
            self.spare ^= 1 << taken[-1]
            layers[-1] ^= 1 << taken[-1]


class Mixer:
    """Changes an assignment at random without changing the loads.

    Args:
        given: For each student their question; changed in place.
        questions: The number of questions.
        cost: Cost of a question for a student, at least FORBIDDEN if they may not get it. No
            change raises the total cost of the students it affects.
    """

    def __init__(self, given: list[int], questions: int, cost: Callable[[int, int], int]) -> None:
        self.given = given
        self.load = [0] * questions
        self.cost = cost
        for question in given:
            self.load[question] += 1

    def mix(self, rng: random.Random, most: int = MOST_PROPOSALS) -> None:
        """Make random changes, to remove the bias of how the assignment was found.

        A change and its reverse are proposed equally often. Where costs are equal, this Markov
        chain (Metropolis et al. 1953) therefore converges to the uniform distribution over the
        draws that it can reach. The number of proposals is bounded, so this is approximate.

        Args:
            rng: The only source of chance.
            most: How many changes to propose at most; few are enough if nearly all students got
                their questions at random.
        """
        students, questions = len(self.given), len(self.load)
        proposals = min(PROPOSALS_PER_NUMBER * (students + questions), most, MOST_PROPOSALS)
        for _ in range(proposals):
            first, second = int(rng.random() * students), int(rng.random() * students)
            self.swap(first, second)
            self.move(first, int(rng.random() * questions))

    def swap(self, first: int, second: int) -> bool:
        """Exchange two students' questions, if both may get them and the cost does not rise."""
        mine, yours = self.given[first], self.given[second]
        now = self.cost(first, mine) + self.cost(second, yours)
        if mine == yours or self.cost(first, yours) + self.cost(second, mine) > now:
            return False
        self.given[first], self.given[second] = yours, mine
        return True

    def move(self, student: int, question: int) -> bool:
        """Move a student to a question with a load lower by one, if the cost does not rise.

        The two questions then exchange their loads, so the distribution of loads is the same.
        """
        mine = self.given[student]
        if self.load[question] != self.load[mine] - 1:
            return False
        if self.cost(student, question) > self.cost(student, mine):
            return False
        self.given[student] = question
        self.load[mine] -= 1
        self.load[question] += 1
        return True

    def settle(self, wishes: Mapping[int, Sequence[int]]) -> None:
        """Move students to questions they prefer, until no such move is left.

        Args:
            wishes: For some students, their questions in order of preference (cheapest first).
        """
        while sum(self._improve(student, wish) for student, wish in wishes.items()):
            pass

    def _improve(self, student: int, wish: Sequence[int]) -> bool:
        for question in wish:
            if question == self.given[student]:
                return False
            if self.move(student, question):
                return True
        return False
