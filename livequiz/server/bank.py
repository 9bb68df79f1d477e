"""The question bank, kept in memory for as long as nobody writes to it."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Collection, Hashable
from dataclasses import dataclass, field

from livequiz.db.questions import Listed, QuestionStore
from livequiz.domain.model import ALL_TYPES, Filters, Question, QuestionType

Types = frozenset[QuestionType]
MOST_LISTED = 50_000  # questions of a bank that is kept; a larger one is asked each time
MOST_QUESTIONS = 10_000  # whole questions that are kept: all of a bank of that size
MOST_FILTERS = 64  # filters whose questions are kept
OLDEST = 60.0  # seconds after which everything is read again, whatever MongoDB says


class Bank:
    """Gives out editions of the bank.

    Args:
        store: The truth.
    """

    def __init__(self, store: QuestionStore) -> None:
        self._store = store
        self._edition: Edition | None = None

    async def edition(self, *, looked_within: float = 0.0) -> Edition:
        """Return the bank as it is now.

        Args:
            looked_within: Seconds since somebody looked that will do.
        """
        now = time.monotonic()
        known = self._edition
        if known is not None and now - known.looked < looked_within:
            return known
        state = await self._store.state()
        known = self._edition
        if known is None or state is None or state != known.state or now - known.made > OLDEST:
            known = self._edition = Edition(self._store, state, made=now)
        known.looked = now
        return known


@dataclass(slots=True, eq=False)
class Edition:
    """The bank between two writes to it.

    Attributes:
        state: What MongoDB says of it.
        made: When it was read, in seconds on a clock that never goes back.
        looked: When somebody last found that it is still the same.
    """

    _store: QuestionStore
    state: Hashable | None
    made: float
    looked: float = 0.0
    _questions: dict[str, Question] = field(default_factory=dict)
    _matching: dict[Hashable, list[str]] = field(default_factory=dict)
    _listing: asyncio.Future[list[Listed] | None] | None = None

    async def count(self, filters: Filters | None = None) -> int:
        """Return how many questions match."""
        ids = await self._ids(filters or Filters())
        return len(ids) if ids is not None else await self._store.count(filters)

    async def topics(self) -> list[str]:
        """Return the topics, sorted."""
        listing = await self._listed()
        if listing is None:
            return await self._store.topics()
        return sorted({topic for listed in listing for topic in listed.topics})

    async def matching(self, filters: Filters, types: Types = ALL_TYPES) -> list[str]:
        """Return the ids of all that match and are of one of some types.

        They are sorted, so that a seeded draw can be repeated.
        """
        ids = await self._ids(filters, types)
        return ids if ids is not None else await self._store.matching_ids(filters, types)

    async def sample(self, filters: Filters, size: int, rng: random.Random) -> list[str]:
        """Return the ids of up to `size` different random questions that match.

        From a bank that is too large to be kept there may come a little fewer.
        """
        ids = await self._ids(filters)
        if ids is None:
            return await self._store.sample_ids(filters, size)
        return rng.sample(ids, min(size, len(ids)))

    async def get_many(self, ids: Collection[str]) -> dict[str, Question]:
        """Return questions by id; unknown ids are left out."""
        missing = [i for i in ids if i not in self._questions]
        if missing:
            found = await self._store.get_many(missing)
            known = {i: self._questions[i] for i in ids if i in self._questions}
            self._keep(found)
            return known | found
        return {i: self._questions[i] for i in ids}

    def _keep(self, questions: dict[str, Question]) -> None:
        self._questions.update(questions)
        surplus = len(self._questions) - MOST_QUESTIONS
        if surplus > 0:
            for question_id in list(self._questions)[:surplus]:
                del self._questions[question_id]

    async def _ids(self, filters: Filters, types: Types = ALL_TYPES) -> list[str] | None:
        """Return the ids of all that match, or None if the bank is too large to be kept."""
        key = (filters.topics, filters.difficulty, filters.question_ids, types)
        if key not in self._matching:
            listing = await self._listed()
            if listing is None:
                return None
            if len(self._matching) >= MOST_FILTERS:
                self._matching.clear()
            self._matching[key] = [
                listed.id
                for listed in listing
                if listed.type in types and _matches(listed, filters)
            ]
        return self._matching[key]

    async def _listed(self) -> list[Listed] | None:
        """Return what filters look at; many may ask at once, and are answered together."""
        if self._listing is None or _failed(self._listing):
            self._listing = asyncio.ensure_future(self._read())
        return await asyncio.shield(self._listing)

    async def _read(self) -> list[Listed] | None:
        size = await self._store.count()
        if size > MOST_LISTED:
            return None
        if size > MOST_QUESTIONS:
            return await self._store.listing(MOST_LISTED)
        everything = await self._store.whole(MOST_QUESTIONS)
        self._questions = {question.id: question for question in everything}
        return [Listed(q.id, q.topics, q.difficulty, q.type) for q in everything]


def _failed(listing: asyncio.Future[list[Listed] | None]) -> bool:
    return listing.done() and (listing.cancelled() or listing.exception() is not None)


def _matches(listed: Listed, filters: Filters) -> bool:
    if filters.topics and not set(filters.topics).intersection(listed.topics):
        return False
    if filters.question_ids and listed.id not in filters.question_ids:
        return False
    return filters.difficulty is None or listed.difficulty == filters.difficulty
