"""Question bank cache: snapshots that are invalidated by writes to the bank."""

from __future__ import annotations

import random
import time
from collections.abc import Collection, Hashable
from dataclasses import dataclass, field

from livequiz.db.questions import QuestionListing, QuestionStore
from livequiz.domain.model import ALL_TYPES, Filters, Question, QuestionType
from livequiz.server.cache.shared_call import SharedCall

Types = frozenset[QuestionType]
MOST_LISTED = 50_000  # questions; a larger bank is not cached but queried each time
MOST_QUESTIONS = 10_000  # questions cached in full; a bank up to that size is read whole
MOST_FILTERS = 64  # filters whose matching ids are cached
OLDEST = 60.0  # seconds until a snapshot expires, even if MongoDB reports no change


class BankCache:
    """Returns snapshots of the question bank, and reuses them while it is unchanged.

    Args:
        store: The source of truth.
    """

    def __init__(self, store: QuestionStore) -> None:
        self._store = store
        self._snapshot: BankSnapshot | None = None

    async def snapshot(self, *, looked_within: float = 0.0) -> BankSnapshot:
        """Return a snapshot of the bank as it is now.

        Args:
            looked_within: Skip the check for changes if the last one is less than this many
                seconds old.
        """
        now = time.monotonic()
        known = self._snapshot
        if known is not None and now - known.looked < looked_within:
            return known
        state = await self._store.state()
        known = self._snapshot
        if known is None or state is None or state != known.state or now - known.made > OLDEST:
            known = self._snapshot = BankSnapshot(self._store, state, made=now)
        known.looked = now
        return known


@dataclass(slots=True, eq=False)
class BankSnapshot:
    """The question bank between two writes to it.

    Attributes:
        state: MongoDB's change marker for the bank; None if it reports none.
        made: When the snapshot was made, in seconds of the monotonic clock.
        looked: When the bank was last checked for changes, by the same clock.
    """

    _store: QuestionStore
    state: Hashable | None
    made: float
    looked: float = 0.0
    _questions: dict[str, Question] = field(default_factory=dict)
    _matching: dict[Hashable, list[str]] = field(default_factory=dict)
    _listing: SharedCall[list[QuestionListing] | None] = field(default_factory=SharedCall)

    async def count(self, filters: Filters | None = None) -> int:
        """Return the number of matching questions."""
        ids = await self._ids(filters or Filters())
        return len(ids) if ids is not None else await self._store.count(filters)

    async def topics(self) -> list[str]:
        """Return all topics, sorted."""
        listing = await self._listed()
        if listing is None:
            return await self._store.topics()
        return sorted({topic for listed in listing for topic in listed.topics})

    async def matching(self, filters: Filters, types: Types = ALL_TYPES) -> list[str]:
        """Return the ids of all matching questions of the given types.

        They are sorted, so that a seeded draw is repeatable.
        """
        ids = await self._ids(filters, types)
        return ids if ids is not None else await self._store.matching_ids(filters, types)

    async def sample(self, filters: Filters, size: int, rng: random.Random) -> list[str]:
        """Return the ids of up to `size` distinct random matching questions.

        A bank that is too large to cache may yield slightly fewer.
        """
        ids = await self._ids(filters)
        if ids is None:
            return await self._store.sample_ids(filters, size)
        return rng.sample(ids, min(size, len(ids)))

    async def listed(self) -> bool:
        """Return whether the ids of all questions are known, and not only to MongoDB."""
        return await self._listed() is not None

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
        """Return the ids of all matching questions, or None if the bank is too large to cache."""
        key = (filters.topics, filters.difficulty, filters.question_ids, types)
        if key not in self._matching:
            listing = await self._listed()
            if listing is None:
                return None
            if len(self._matching) >= MOST_FILTERS:
                self._matching.clear()
            self._matching[key] = [
                listed.id for listed in listing if listed.type in types and matches(listed, filters)
            ]
        return self._matching[key]

    async def _listed(self) -> list[QuestionListing] | None:
        """Return the fields that filters look at; concurrent callers share one read."""
        return await self._listing.get(self._read)

    async def _read(self) -> list[QuestionListing] | None:
        size = await self._store.count()
        if size > MOST_LISTED:
            return None
        if size > MOST_QUESTIONS:
            return await self._store.listing(MOST_LISTED)
        everything = await self._store.whole(MOST_QUESTIONS)
        self._questions = {question.id: question for question in everything}
        return [QuestionListing(q.id, q.topics, q.difficulty, q.type) for q in everything]


def matches(listed: QuestionListing | Question, filters: Filters) -> bool:
    """Return whether a question matches filters."""
    if filters.topics and not set(filters.topics).intersection(listed.topics):
        return False
    if filters.question_ids and listed.id not in filters.question_ids:
        return False
    return filters.difficulty is None or listed.difficulty == filters.difficulty
