"""Queries on the question bank."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import BulkWriteError

from livequiz.db.client import Document, guarded
from livequiz.db.documents import question_document, to_question
from livequiz.domain.model import Draft, Filters, Question

DUPLICATE_KEY = 11000


class QuestionStore:
    """The `questions` collection."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._questions = database["questions"]

    @guarded
    async def add(self, drafts: Sequence[Draft], now: datetime) -> int:
        """Add questions; one that is in the bank already is left as it is.

        Returns:
            How many were new.
        """
        if not drafts:
            return 0
        documents = [question_document(draft, now) for draft in drafts]
        try:
            result = await self._questions.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            if only_duplicates(error):
                return int(error.details["nInserted"])
            raise
        return len(result.inserted_ids)

    @guarded
    async def count(self, filters: Filters | None = None) -> int:
        """Return how many questions match."""
        return await self._questions.count_documents(_matching(filters or Filters()))

    @guarded
    async def topics(self) -> list[str]:
        """Return the topics of the bank, sorted."""
        found = await self._questions.distinct("topics")
        # An empty array stands in the index as null.
        return sorted(topic for topic in found if isinstance(topic, str))

    @guarded
    async def matching_ids(self, filters: Filters) -> list[str]:
        """Return the ids of all that match, sorted, so that a seeded draw can be repeated."""
        cursor = self._questions.find(_matching(filters), {"_id": 1}).sort("_id", 1)
        return [str(document["_id"]) async for document in cursor]

    @guarded
    async def sample_ids(self, filters: Filters, size: int) -> list[str]:
        """Return the ids of up to `size` different random questions that match.

        `$sample` may give one document twice, so the result can be a little shorter.
        """
        match = _matching(filters)
        pipeline: list[dict[str, Any]] = [{"$match": match}] if match else []
        # As the first stage it walks a random cursor instead of sorting the collection.
        pipeline += [{"$sample": {"size": size}}, {"$project": {"_id": 1}}]
        found = [str(document["_id"]) async for document in self._questions.aggregate(pipeline)]
        return list(dict.fromkeys(found))

    @guarded
    async def get_many(self, ids: Collection[str]) -> dict[str, Question]:
        """Return questions by id; unknown ids are left out."""
        cursor = self._questions.find({"_id": {"$in": [ObjectId(i) for i in ids]}})
        return {str(document["_id"]): to_question(document) async for document in cursor}

    @guarded
    async def page(self, after: str | None, limit: int) -> list[Question]:
        """Return up to `limit` questions, oldest first, after the one with that id."""
        query = {"_id": {"$gt": ObjectId(after)}} if after else {}
        cursor = self._questions.find(query).sort("_id", 1).limit(limit)
        return [to_question(document) async for document in cursor]

    async def everything(self) -> AsyncIterator[Question]:
        """Yield the whole bank, oldest first."""
        after = None
        while page := await self.page(after, 1_000):
            for question in page:
                yield question
            after = page[-1].id


def only_duplicates(error: BulkWriteError) -> bool:
    """Whether every failure of an unordered insert is a document that is there already."""
    failures: Iterable[Document] = error.details.get("writeErrors", ())
    concern_failed = error.details.get("writeConcernErrors")
    return not concern_failed and all(f.get("code") == DUPLICATE_KEY for f in failures)


def _matching(filters: Filters) -> Document:
    query: Document = {}
    if filters.topics:
        query["topics"] = {"$in": list(filters.topics)}
    if filters.difficulty:
        query["difficulty"] = {"$eq": filters.difficulty.value}
    return query
