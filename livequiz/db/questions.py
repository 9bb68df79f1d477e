"""Queries on the question bank."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Hashable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure

from livequiz.db.client import BATCH, Document, guarded, guarded_write
from livequiz.db.documents import content_hash, question_document, to_question, topics_of
from livequiz.db.unreadable import Unreadable
from livequiz.domain.model import ALL_TYPES, Draft, Filters, Question, QuestionType

log = logging.getLogger(__name__)

DUPLICATE_KEY = 11000
QUESTIONS_AT_ONCE = 1_000
CONVERTED_AT_ONCE = 300  # questions in one turn of the event loop, which takes about 2 ms
DOCUMENTS_AT_ONCE = 10


class QuestionListing(NamedTuple):
    """The fields of a question that filters match on, with its id."""

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
        """Add questions; those already in the bank are left unchanged.

        Returns:
            How many were new.
        """
        if not drafts:
            return 0
        documents = []
        for draft in drafts:
            documents.append(question_document(draft, now))
            if not len(documents) % DOCUMENTS_AT_ONCE:
                await asyncio.sleep(0)  # let other tasks run
        try:
            result = await self._questions.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            if only_duplicates(error):
                return int(error.details["nInserted"])
            raise
        return len(result.inserted_ids)

    @guarded
    async def count_known(self, drafts: Sequence[Draft]) -> int:
        """Return how many of these distinct questions are already in the bank."""
        known = 0
        for start in range(0, len(drafts), QUESTIONS_AT_ONCE):
            hashes = [content_hash(draft) for draft in drafts[start : start + QUESTIONS_AT_ONCE]]
            known += await self._questions.count_documents({"content_hash": {"$in": hashes}})
        return known

    @guarded_write
    async def revise(self, question_id: str, draft: Draft, now: datetime) -> bool:
        """Replace a question's content; its id and statistics stay the same.

        Returns:
            False if there is no such question, or the bank already has one with that content.
        """
        found = await self._questions.find_one({"_id": ObjectId(question_id)}, {"created_at": 1})
        if found is None:
            return False
        document = {**question_document(draft, found["created_at"]), "revised_at": now}
        try:
            result = await self._questions.replace_one({"_id": found["_id"]}, document)
        except DuplicateKeyError:
            return False
        return bool(result.matched_count)

    @guarded_write
    async def replace(self, question_id: str, draft: Draft, now: datetime) -> str | None:
        """Retire a question in favour of a new version, which has an id of its own; return that.

        Returns:
            None if the question is no longer in the bank, or the bank already has the new version.
        """
        new = question_document(draft, now)
        # The hash must be free: versions that differ in points or scoring alone share it.
        same = {"_id": ObjectId(question_id), "content_hash": new["content_hash"]}
        await self._questions.update_one(same, {"$unset": {"content_hash": ""}})
        try:  # first the new one, so that none is lost
            added = await self._questions.insert_one(new)
        except DuplicateKeyError:
            return None
        if not await self.retire([question_id], now):
            # Somebody else did meanwhile, perhaps for a new version of their own.
            await self.retire([str(added.inserted_id)], now)
            return None
        return str(added.inserted_id)

    @guarded_write
    async def retire(self, ids: Collection[str], now: datetime) -> int:
        """Move questions out of the bank; rounds that used them can still look them up.

        Returns:
            How many of them were in it.
        """
        query = {"_id": {"$in": [ObjectId(i) for i in ids]}}
        documents = await self._questions.find(query, batch_size=BATCH).to_list(None)
        if not documents:
            return 0
        try:
            retired = [{**document, "retired_at": now} for document in documents]
            await self._retired.insert_many(retired, ordered=False)
        except BulkWriteError as error:
            # Duplicates remain if an earlier run stopped between this step and the next.
            if not only_duplicates(error):
                raise
        return (await self._questions.delete_many(query)).deleted_count

    @guarded
    async def is_retired(self, question_id: str) -> bool:
        """Whether a question is no longer in the bank."""
        key = {"_id": ObjectId(question_id)}
        return await self._questions.count_documents(key) == 0

    @guarded
    async def state(self) -> Hashable | None:
        """Return a token that changes with every write to the bank, whichever server wrote.

        It contains MongoDB's count of writes to the collection since startup, which is as cheap
        to read as one document. It misses what `$merge` writes, and includes a transaction's
        writes before they become visible.

        Returns:
            The token, or None if this MongoDB does not report the counter.
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
        """Return at most `most` questions, sorted by id; yields to other tasks meanwhile.

        Unreadable questions are left out.
        """
        cursor = self._questions.find({}, batch_size=QUESTIONS_AT_ONCE).sort("_id", 1).limit(most)
        found: list[Question] = []
        while some := await cursor.to_list(QUESTIONS_AT_ONCE):
            for start in range(0, len(some), CONVERTED_AT_ONCE):
                found += self._readable(some[start : start + CONVERTED_AT_ONCE])
                await asyncio.sleep(0)
        return found

    @guarded
    async def listing(self, most: int) -> list[QuestionListing]:
        """Return at most `most` questions with only the fields that filters use, sorted by id."""
        fields = {"topics": 1, "difficulty": 1, "type": 1}
        cursor = self._questions.find({}, fields, batch_size=BATCH).sort("_id", 1).limit(most)
        return list(filter(None, map(_listed, await cursor.to_list(None))))

    @guarded
    async def count(self, filters: Filters | None = None) -> int:
        """Return how many questions match."""
        if query := _matching(filters or Filters()):
            return await self._questions.count_documents(query)
        # Counting without the index would read every document.
        return await self._questions.count_documents({}, hint="_id_")

    @guarded
    async def topics(self) -> list[str]:
        """Return the topics of the bank, sorted."""
        found = await self._questions.distinct("topics")
        # In the index, an empty array is null.
        return sorted(topic for topic in found if isinstance(topic, str))

    @guarded
    async def matching_ids(
        self, filters: Filters, types: Collection[QuestionType] = ALL_TYPES
    ) -> list[str]:
        """Return the ids of all questions that match and have one of the given types.

        They are sorted, so that a seeded draw is reproducible.
        """
        query = _matching(filters)
        if len(types) < len(ALL_TYPES):
            # Questions stored by the original LiveQuiz have no type, because it had only one.
            wanted = [kind.value for kind in types]
            query["type"] = {"$in": [*wanted, None] if QuestionType.SINGLE in types else wanted}
        cursor = self._questions.find(query, {"_id": 1}, batch_size=BATCH)
        return [str(document["_id"]) for document in await cursor.sort("_id", 1).to_list(None)]

    @guarded
    async def sample_ids(self, filters: Filters, size: int) -> list[str]:
        """Return the ids of up to `size` distinct random questions that match.

        `$sample` may return a document twice, so the result can be a little shorter.
        """
        match = _matching(filters)
        pipeline: list[dict[str, Any]] = [{"$match": match}] if match else []
        # As the first stage, it uses a random cursor instead of sorting the collection.
        pipeline += [{"$sample": {"size": size}}, {"$project": {"_id": 1}}]
        found = await self._questions.aggregate(pipeline, batchSize=BATCH).to_list(None)
        return list(dict.fromkeys(str(document["_id"]) for document in found))

    @guarded
    async def get_many(self, ids: Collection[str], *, retired: bool = True) -> dict[str, Question]:
        """Return questions by id, unless told otherwise retired ones too; others are left out."""
        found: dict[str, Question] = {}
        for collection in (self._questions, self._retired) if retired else (self._questions,):
            query = {"_id": {"$in": [ObjectId(i) for i in ids if i not in found]}}
            documents = await collection.find(query, batch_size=BATCH).to_list(None)
            found |= {question.id: question for question in self._readable(documents)}
            if len(found) == len(set(ids)):
                break
        return found

    @guarded
    async def page(self, after: str | None, limit: int) -> list[Question]:
        """Return up to `limit` questions, oldest first, after the one with the given id."""
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

    @guarded
    async def retired(self) -> list[tuple[Question, datetime | None]]:
        """Return the questions taken out of the bank, and when; None if that was not stored."""
        documents = await self._retired.find({}, batch_size=BATCH).to_list(None)
        when = {str(document["_id"]): document.get("retired_at") for document in documents}
        return [(question, when[question.id]) for question in self._readable(documents)]

    @guarded
    async def revised_after(self, moment: datetime) -> set[str]:
        """Return the ids of the questions whose content was replaced after a moment."""
        query = {"revised_at": {"$gt": moment}}
        found: set[str] = set()
        for collection in (self._questions, self._retired):
            found |= set(map(str, await collection.distinct("_id", query)))
        return found

    def _readable(self, documents: Iterable[Document]) -> list[Question]:
        return self._unreadable.read("questions", to_question, documents)


def _listed(document: Document) -> QuestionListing | None:
    kind = document.get("type", QuestionType.SINGLE)
    if kind not in ALL_TYPES:
        return None
    return QuestionListing(
        str(document["_id"]), topics_of(document), document.get("difficulty"), QuestionType(kind)
    )


def only_duplicates(error: BulkWriteError) -> bool:
    """Whether every failure of an unordered insert is a duplicate key."""
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
