"""The assignment problem: questions for students at the least total cost.

The method is that of prices: Demange, Gale & Sotomayor, "Multi-item auctions", J. Political Economy
94 (1986) 863-872. It is the Hungarian method with all students at once. Each student demands
the questions for which cost and price are least. As long as there is no matching of all students
to what they demand, the questions that are in too great demand become dearer, just so much that
somebody demands others too. Then the matching has the least total cost, by linear duality.

It starts with `matching.spread`'s search for augmenting paths, and prices rise a few times only:
costs are few different numbers. So it keeps to bit sets, as that search does.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from livequiz.domain.matching import Matching, bits

Levels = Sequence[tuple[int, int]]
"""A student's questions by cost: pairs of a cost and a bit set, in ascending order of the costs."""

NEVER = 1 << 200
"""What a student pays who finds nothing."""


def cheapest(levels: Sequence[Levels], questions: int, sharing: int) -> list[int]:
    """Assign every student a question, so that as few as possible share one, at the least cost.

    Of all assignments with the loads of `matching.spread`, which are the most even, it is one of
    the least total cost.

    Args:
        levels: For each student, the questions that they may get, at least one, by cost.
        questions: How many questions there are.
        sharing: What the second student with a question costs, and each further one as much more
            again; above the total cost of any assignment.

    Returns:
        For each student their question.
    """
    return _Market(levels, questions, sharing).settled()


class _Market(Matching):
    """A growing matching of students to what they demand at the prices so far."""

    def __init__(self, levels: Sequence[Levels], questions: int, sharing: int) -> None:
        super().__init__([0] * len(levels), questions)
        self.allowed: list[int] = [level[0][1] for level in levels]  # all prices are 0
        self._levels = levels
        self._sharing = sharing
        self._prices = [0] * questions
        self._priced = {0: self.everything}  # bit sets of the questions by price
        self._spending = [level[0][0] for level in levels]  # for each student, cost and price

    def capacity(self, question: int) -> int:
        """Return how many students a question has room for at its price."""
        return self._prices[question] // self._sharing + 1

    def settled(self) -> list[int]:
        """Return for each student their question."""
        self.spare = self.everything
        while True:
            while self.free and (layers := self._layers()):
                self._augment(layers)
            if not self.free:
                return self.given
            self._raise_prices()

    def _raise_prices(self) -> None:
        """Make the questions that free students reach dearer; all of them are full."""
        reached, frontier = 0, self.free
        while layer := self._reached(frontier, self.everything & ~reached):
            reached |= layer
            frontier = [student for question in bits(layer) for student in self.holders[question]]
        dear = list(bits(reached))
        bidders = [*self.free, *chain.from_iterable(self.holders[question] for question in dear)]
        others = [(price, some & ~reached) for price, some in self._priced.items()]
        rises = [self._sharing - self._prices[question] % self._sharing for question in dear]
        rises += [self._least(one, others)[0] - self._spending[one] for one in bidders]
        rise = min(rises)
        for question in dear:
            price = self._prices[question]
            self._priced[price] ^= 1 << question
            self._prices[question] = price = price + rise
            self._priced[price] = self._priced.get(price, 0) | 1 << question
            if len(self.holders[question]) < self.capacity(question):
                self.spare |= 1 << question
        self._priced = {price: some for price, some in self._priced.items() if some}
        everywhere = list(self._priced.items())
        for one in bidders:
            self._spending[one], self.allowed[one] = self._least(one, everywhere)

    def _least(self, student: int, priced: Sequence[tuple[int, int]]) -> tuple[int, int]:
        """Return the least cost and price that a student finds, and for which questions."""
        least, demand = NEVER, 0
        for cost, some in self._levels[student]:
            for price, at_price in priced:
                if cost + price <= least and (found := some & at_price):
                    demand = found if cost + price < least else demand | found
                    least = cost + price
        return least, demand
