"""Queries on rounds, assignments and responses."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import DuplicateKeyError

from livequiz.db.client import BATCH, Document, guarded, guarded_write
from livequiz.db.documents import (
    assignment_document,
    assignment_documents,
    round_document,
    to_assignment,
    to_response,
    to_round,
)
from livequiz.db.open_rounds import OpenRounds, Outcome
from livequiz.db.unreadable import Unreadable
from livequiz.domain.model import (
    Assignment,
    AssignmentStatus,
    CloseReason,
    Counts,
    Response,
    Round,
    RoundState,
)

# The original LiveQuiz stored assignments without a round; they only mark questions as seen.
OF_A_ROUND = {"round_id": {"$exists": True}}


class RoundStore:
    """The `rounds`, `student_questions` and `responses` collections.

    Args:
        database: Their database.
        open_rounds: The conditional writes to open rounds.
        unreadable: Collects documents that can't be read.
    """

    def __init__(
        self,
        database: AsyncIOMotorDatabase[Document],
        open_rounds: OpenRounds,
        unreadable: Unreadable,
    ) -> None:
        self._open = open_rounds
        self._unreadable = unreadable
        self._rounds = database["rounds"]
        self._assignments = database["student_questions"]
        self._responses = database["responses"]

    @guarded_write
    async def open_round(self, quiz_round: Round, assignments: Sequence[Assignment]) -> bool:
        """Store a round, its assignments first, so that it is never open without them.

        The round's own document is the commit point. A crash before it leaves orphaned assignments,
        which `delete_orphaned_assignments` removes at the next start.

        Returns:
            False if the meeting already has an open round; then nothing is stored.
        """
        # Two inserts in parallel, as MongoDB uses at most one core per connection. Encoded here, so
        # that the driver's threads compete less with the event loop.
        half = -(-len(assignments) // 2)
        parts = [part for part in (assignments[:half], assignments[half:]) if part]
        await asyncio.gather(
            *(
                self._assignments.insert_many(assignment_documents(part), ordered=False)
                for part in parts
            ),
            self._open.prepare(quiz_round.id),
        )
        try:
            await self._rounds.insert_one(round_document(quiz_round))
        except DuplicateKeyError:
            await self._assignments.delete_many({"round_id": ObjectId(quiz_round.id)})
            await self._open.give_up([quiz_round.id])
            return False
        return True

    @guarded_write
    async def delete_orphaned_assignments(self) -> int:
        """Delete assignments whose round was never stored; return how many there were."""
        stored = await self._assignments.distinct("round_id", OF_A_ROUND)
        born = await self._rounds.distinct("_id", {"_id": {"$in": stored}})
        unborn = list(set(stored) - set(born))
        if not unborn:
            return 0
        await self._open.give_up([str(round_id) for round_id in unborn])
        result = await self._assignments.delete_many({"round_id": {"$in": unborn}})
        return result.deleted_count

    @guarded_write
    async def add_assignment(self, assignment: Assignment) -> bool:
        """Store a late joiner's assignment; False if they already have one in that round."""
        try:
            await self._assignments.insert_one(assignment_document(assignment))
        except DuplicateKeyError:
            return False
        await self._rounds.update_one(
            {"_id": ObjectId(assignment.round_id)}, {"$inc": {"counts.assigned": 1}}
        )
        return True

    async def record_responses(self, responses: Sequence[Response]) -> list[Outcome]:
        """Store responses in one durable write, each only while its round is open."""
        return await self._open.record(responses)

    @guarded_write
    async def mark_answered(self, round_id: str, student_ids: Collection[str]) -> None:
        """Mark these students' assignments as answered."""
        await self._assignments.update_many(
            {"round_id": ObjectId(round_id), "student_id": {"$in": list(student_ids)}},
            {"$set": {"status": AssignmentStatus.ANSWERED.value}},
        )

    @guarded_write
    async def move(
        self, round_id: str, before: datetime, deadline: datetime, own: Mapping[str, datetime]
    ) -> bool:
        """Move the deadline of an open round and its assignments, with a compare-and-set.

        Args:
            round_id: The round.
            before: The expected stored deadline.
            deadline: The new deadline.
            own: The new deadlines of students who have their own, by student id.

        Returns:
            False if the round is closed, or its deadline was changed concurrently.
        """
        result = await self._rounds.update_one(
            {"_id": ObjectId(round_id), "state": RoundState.OPEN.value, "deadline": before},
            {"$set": {"deadline": deadline}},
        )
        if result.matched_count:
            await self._assignments.update_many(
                {"round_id": ObjectId(round_id)}, {"$set": {"deadline": deadline}}
            )
            for moment, students in _by_deadline(own).items():
                await self._assignments.update_many(
                    {"round_id": ObjectId(round_id), "student_id": {"$in": students}},
                    {"$set": {"deadline": moment}},
                )
        return bool(result.matched_count)

    @guarded_write
    async def move_one(self, round_id: str, student_id: str, deadline: datetime) -> None:
        """Move the deadline of one student's assignment."""
        await self._assignments.update_one(
            {"round_id": ObjectId(round_id), "student_id": student_id},
            {"$set": {"deadline": deadline}},
        )

    @guarded_write
    async def close(self, round_id: str, reason: CloseReason, now: datetime) -> Counts | None:
        """Expire unanswered assignments, then close a round; None if it was already closed.

        Returns:
            The counts stored with it: `assigned` includes late joiners on any server; `answered`
            and `correct` come from the stored responses.
        """
        await self._assignments.update_many(
            {"round_id": ObjectId(round_id), "status": AssignmentStatus.SENT.value},
            {"$set": {"status": AssignmentStatus.EXPIRED.value}},
        )
        return await self._open.close(round_id, reason, now)

    @guarded
    async def open_rounds(self) -> list[Round]:
        """Return every open round, ordered by deadline."""
        cursor = self._rounds.find({"state": RoundState.OPEN.value}).sort("deadline", 1)
        return self._unreadable.read("rounds", to_round, await cursor.to_list(None))

    @guarded
    async def newest(self, meeting_id: str) -> Round | None:
        """Return the meeting's newest round, open or closed."""
        query: Document = {"meeting_id": meeting_id}
        while document := await self._rounds.find_one(query, sort=[("number", -1)]):
            if (found := self._unreadable.read_one("rounds", to_round, document)) is not None:
                return found
            query["_id"] = {"$nin": [*query.get("_id", {"$nin": []})["$nin"], document["_id"]]}
        return None

    @guarded
    async def get(self, meeting_id: str, round_id: str) -> Round | None:
        """Return a round of a meeting."""
        query = {"_id": ObjectId(round_id), "meeting_id": meeting_id}
        document = await self._rounds.find_one(query)
        return self._unreadable.read_one("rounds", to_round, document)

    @guarded
    async def find(self, round_id: str) -> Round | None:
        """Return a round of any meeting."""
        document = await self._rounds.find_one({"_id": ObjectId(round_id)})
        return self._unreadable.read_one("rounds", to_round, document)

    @guarded
    async def page(self, meeting_id: str, after: int, limit: int) -> list[Round]:
        """Return up to `limit` rounds of a meeting with a number above `after`."""
        query = {"meeting_id": meeting_id, "number": {"$gt": after}}
        cursor = self._rounds.find(query).sort("number", 1).limit(limit)
        return self._unreadable.read("rounds", to_round, await cursor.to_list(None))

    @guarded
    async def assignments(self, round_id: str) -> list[Assignment]:
        """Return all assignments of a round, in the order they were stored."""
        cursor = self._assignments.find({"round_id": ObjectId(round_id)}, batch_size=BATCH)
        found = sorted(await cursor.to_list(None), key=lambda document: document["_id"].binary)
        return self._unreadable.read("student_questions", to_assignment, found)

    @guarded
    async def responses(self, round_id: str) -> list[Response]:
        """Return the responses of a round, oldest first."""
        cursor = self._responses.find({"round_id": ObjectId(round_id)}, batch_size=BATCH)
        found = self._responses_in(await cursor.to_list(None))
        return sorted(found, key=lambda response: response.timestamp)

    @guarded
    async def count_responses(self, round_id: str) -> int:
        """Return how many responses a round has."""
        return int(await self._responses.count_documents({"round_id": ObjectId(round_id)}))

    async def response(self, round_id: str, student_id: str) -> Response | None:
        """Return a student's response in a round; if it is missing, it will never be stored.

        This holds for this server's own writes: a write in doubt is settled first.
        """
        return await self._open.response(round_id, student_id)

    @guarded
    async def meeting_responses(self, meeting_id: str) -> list[Response]:
        """Return all responses of a meeting, oldest first."""
        cursor = self._responses.find({"meeting_id": meeting_id}, batch_size=BATCH).sort("_id", 1)
        return self._responses_in(await cursor.to_list(None))

    @guarded
    async def responses_page(
        self, meeting_id: str, after: str | None, limit: int
    ) -> list[tuple[str, Response]]:
        """Return up to `limit` responses with their ids, oldest first, after the given id."""
        query: Document = {"meeting_id": meeting_id}
        if after:
            query["_id"] = {"$gt": ObjectId(after)}
        cursor = self._responses.find(query).sort("_id", 1).limit(limit)
        return [
            (str(document["_id"]), response)
            async for document in cursor
            for response in self._responses_in([document])
        ]

    def _responses_in(self, documents: Iterable[Document]) -> list[Response]:
        return self._unreadable.read("responses", to_response, documents)


def _by_deadline(own: Mapping[str, datetime]) -> dict[datetime, list[str]]:
    """Group students by deadline, because there are far fewer deadlines than students."""
    students: dict[datetime, list[str]] = {}
    for student_id, deadline in own.items():
        students.setdefault(deadline, []).append(student_id)
    return students
