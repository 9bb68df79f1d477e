"""Queries on the question bank."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Collection, Hashable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure

from livequiz.db.client import BATCH, Document, guarded, guarded_write
from livequiz.db.documents import question_document, to_question, topics_of
from livequiz.db.unreadable import Unreadable
from livequiz.domain.model import ALL_TYPES, Draft, Filters, Question, QuestionType

log = logging.getLogger(__name__)

DUPLICATE_KEY = 11000
QUESTIONS_AT_ONCE = 1_000


class Listed(NamedTuple):
    """What decides whether a question matches."""

    id: str
    topics: tuple[str, ...]
    difficulty: str | None
    type: QuestionType = QuestionType.SINGLE


class QuestionStore:
    """The `questions` collection."""

    def __init__(self, database: AsyncIOMotorDatabase[Document], unreadable: Unreadable) -> None:
        self._unreadable = unreadable
        self._questions = database["questions"]
        self._retired = database["retired_questions"]

    @guarded_write
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

    @guarded_write
    async def revise(self, question_id: str, draft: Draft) -> bool:
        """Put a question in the place of another, which keeps its id and its statistics.

        Returns:
            Whether that was done: the bank may have the very same question already.
        """
        found = await self._questions.find_one({"_id": ObjectId(question_id)}, {"created_at": 1})
        if found is None:
            return False
        document = question_document(draft, found["created_at"])
        try:
            await self._questions.replace_one({"_id": found["_id"]}, document)
        except DuplicateKeyError:
            return False
        return True

    @guarded_write
    async def retire(self, ids: Collection[str]) -> int:
        """Take questions out of the bank; what was asked of students still finds them.

        Returns:
            How many were in it.
        """
        query = {"_id": {"$in": [ObjectId(i) for i in ids]}}
        documents = await self._questions.find(query, batch_size=BATCH).to_list(None)
        if not documents:
            return 0
        try:
            await self._retired.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            # Somebody was stopped between this step and the next.
            if not only_duplicates(error):
                raise
        return (await self._questions.delete_many(query)).deleted_count

    @guarded
    async def state(self) -> Hashable | None:
        """Return what is another after every write to the bank, by whomever.

        MongoDB counts the writes to a collection since it started; reading that costs as much as
        reading one document. It does not count what `$merge` writes, and counts a transaction's
        writes before they can be seen.

        Returns:
            None if this MongoDB does not say.
        """
        try:
            shards = await self._questions.aggregate(
                [{"$collStats": {"latencyStats": {}, "count": {}}}]
            ).to_list(None)
            return tuple(
                sorted((s["host"], s["latencyStats"]["writes"]["ops"], s["count"]) for s in shards)
            )
        except (OperationFailure, KeyError):
            return None

    @guarded
    async def whole(self, most: int) -> list[Question]:
        """Return the bank by id, or `most` questions of it; others are served in between.

        A question that somebody stored in a form that can't be read is left out.
        """
        cursor = self._questions.find({}, batch_size=QUESTIONS_AT_ONCE).sort("_id", 1).limit(most)
        found: list[Question] = []
        while some := await cursor.to_list(QUESTIONS_AT_ONCE):
            found += self._readable(some)
        return found

    @guarded
    async def listing(self, most: int) -> list[Listed]:
        """Return the questions as a filter sees them, by id; at most so many."""
        fields = {"topics": 1, "difficulty": 1, "type": 1}
        cursor = self._questions.find({}, fields, batch_size=BATCH).sort("_id", 1).limit(most)
        return list(filter(None, map(_listed, await cursor.to_list(None))))

    @guarded
    async def count(self, filters: Filters | None = None) -> int:
        """Return how many questions match."""
        if query := _matching(filters or Filters()):
            return await self._questions.count_documents(query)
        # Without a query it would read every question.
        return await self._questions.count_documents({}, hint="_id_")

    @guarded
    async def topics(self) -> list[str]:
        """Return the topics of the bank, sorted."""
        found = await self._questions.distinct("topics")
        # An empty array stands in the index as null.
        return sorted(topic for topic in found if isinstance(topic, str))

    @guarded
    async def matching_ids(
        self, filters: Filters, types: Collection[QuestionType] = ALL_TYPES
    ) -> list[str]:
        """Return the ids of all that match and are of one of some types.

        They are sorted, so that a seeded draw can be repeated.
        """
        query = _matching(filters)
        if len(types) < len(ALL_TYPES):
            # Questions that the original stored have no type; they are of its only one.
            wanted = [kind.value for kind in types]
            query["type"] = {"$in": [*wanted, None] if QuestionType.SINGLE in types else wanted}
        cursor = self._questions.find(query, {"_id": 1}, batch_size=BATCH)
        return [str(document["_id"]) for document in await cursor.sort("_id", 1).to_list(None)]

    @guarded
    async def sample_ids(self, filters: Filters, size: int) -> list[str]:
        """Return the ids of up to `size` different random questions that match.

        `$sample` may give one document twice, so the result can be a little shorter.
        """
        match = _matching(filters)
        pipeline: list[dict[str, Any]] = [{"$match": match}] if match else []
        # As the first stage it walks a random cursor instead of sorting the collection.
        pipeline += [{"$sample": {"size": size}}, {"$project": {"_id": 1}}]
        found = await self._questions.aggregate(pipeline, batchSize=BATCH).to_list(None)
        return list(dict.fromkeys(str(document["_id"]) for document in found))

    @guarded
    async def get_many(self, ids: Collection[str]) -> dict[str, Question]:
        """Return questions by id, retired ones too; unknown ids are left out."""
        found: dict[str, Question] = {}
        for collection in (self._questions, self._retired):
            query = {"_id": {"$in": [ObjectId(i) for i in ids if i not in found]}}
            documents = await collection.find(query, batch_size=BATCH).to_list(None)
            found |= {question.id: question for question in self._readable(documents)}
            if len(found) == len(set(ids)):
                break
        return found

    @guarded
    async def page(self, after: str | None, limit: int) -> list[Question]:
        """Return up to `limit` questions, oldest first, after the one with that id."""
        query = {"_id": {"$gt": ObjectId(after)}} if after else {}
        cursor = self._questions.find(query).sort("_id", 1).limit(limit)
        return self._readable(await cursor.to_list(None))

    async def everything(self) -> AsyncIterator[Question]:
        """Yield the whole bank, oldest first."""
        after = None
        while page := await self.page(after, 1_000):
            for question in page:
                yield question
            after = page[-1].id

    def _readable(self, documents: Iterable[Document]) -> list[Question]:
        return self._unreadable.read("questions", to_question, documents)


def _listed(document: Document) -> Listed | None:
    kind = document.get("type", QuestionType.SINGLE)
    if kind not in ALL_TYPES:
        return None
    return Listed(
        str(document["_id"]), topics_of(document), document.get("difficulty"), QuestionType(kind)
    )


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
    if filters.question_ids:
        query["_id"] = {"$in": [ObjectId(question_id) for question_id in filters.question_ids]}
    return query
