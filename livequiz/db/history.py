"""Aggregations over all rounds of a meeting, used to load its history."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase

from livequiz.db.client import BATCH, Document, guarded
from livequiz.db.documents import to_assignment, to_response
from livequiz.db.unreadable import Unreadable
from livequiz.domain.model import Assignment, Response
from livequiz.domain.preferences import Attempt
from livequiz.domain.statistics import Tally

# Responses that can be counted; one may have been edited by hand.
GRADED = {
    "correct": {"$type": "bool"},
    "points": {"$type": "number"},
    "response_time": {"$type": "number"},
}
STUDENTS_AT_ONCE = 200  # per batch, so that decoding does not block the event loop


class Assigned(NamedTuple):
    """One student's assignments, unordered; those of the original LiveQuiz have no round."""

    question_ids: list[str]
    round_ids: list[str | None]


class Answered(NamedTuple):
    """One student's answers in a round."""

    correct: bool
    points: float


class HistoryStore:
    """A meeting's history, aggregated by MongoDB."""

    def __init__(self, database: AsyncIOMotorDatabase[Document], unreadable: Unreadable) -> None:
        self._unreadable = unreadable
        self._meetings = database["meetings"]
        self._rounds = database["rounds"]
        self._assignments = database["student_questions"]
        self._responses = database["responses"]

    @guarded
    async def round_numbers(self, meeting_id: str) -> dict[str, int]:
        """Return the numbers of a meeting's closed rounds by round id, oldest first.

        Not of an open one: its questions are no history yet, and their keys are secret.
        """
        query = {"meeting_id": meeting_id, "number": {"$type": "number"}, "state": "closed"}
        cursor = self._rounds.find(query, {"number": 1}, batch_size=BATCH)
        cursor = cursor.sort("number", 1)
        return {str(found["_id"]): found["number"] for found in await cursor.to_list(None)}

    @guarded
    async def assigned(self, meeting_id: str) -> dict[str, Assigned]:
        """Return each student's assignments in a meeting, by student id."""
        pushed = {
            "questions": {"$push": "$question_id"},
            "rounds": {"$push": {"$ifNull": ["$round_id", None]}},
        }
        found: dict[str, Assigned] = {}
        async for student in self._by_student(self._assignments, meeting_id, pushed, {}):
            question_ids = [str(question_id) for question_id in student["questions"]]
            round_ids = [str(round_id) if round_id else None for round_id in student["rounds"]]
            found[student["_id"]] = Assigned(question_ids, round_ids)
        return found

    @guarded
    async def seen_elsewhere(
        self,
        meeting_id: str,
        class_name: str | None,
        student_ids: Collection[str],
        before: datetime | None = None,
    ) -> dict[str, list[str]]:
        """Return the questions that students got in other meetings, oldest first, by student id.

        Args:
            meeting_id: The meeting to leave out.
            class_name: Only meetings of this class; all if None.
            student_ids: The students.
            before: Only what was sent before that moment.
        """
        query: Document = {"_id": {"$ne": meeting_id}}
        if class_name is not None:
            query["settings.class"] = class_name
        others = await self._meetings.distinct("_id", query)
        sent: Document = {} if before is None else {"sent_time": {"$lt": before}}
        cursor = self._assignments.find(
            {"student_id": {"$in": list(student_ids)}, "meeting_id": {"$in": others}, **sent},
            {"_id": 0, "student_id": 1, "question_id": 1},
            batch_size=BATCH,
        ).sort("_id", 1)
        found: dict[str, list[str]] = {}
        async for document in cursor:
            question_id = sys.intern(str(document["question_id"]))
            found.setdefault(document["student_id"], []).append(question_id)
        return found

    @guarded
    async def answered(self, meeting_id: str) -> dict[str, dict[str, Answered]]:
        """Return each student's answers in the rounds of a meeting, by round id."""
        pushed = {name: {"$push": f"${name}"} for name in ("round_id", "correct", "points")}
        found: dict[str, dict[str, Answered]] = {}
        async for student in self._by_student(self._responses, meeting_id, pushed, GRADED):
            answers = map(Answered, student["correct"], student["points"])
            found[student["_id"]] = dict(zip(map(str, student["round_id"]), answers, strict=True))
        return found

    @guarded
    async def counts_by_student(
        self, meeting_id: str, student_ids: Collection[str] | None = None
    ) -> dict[str, tuple[int, int]]:
        """Count students' responses in a meeting, and how many of them are correct.

        Args:
            meeting_id: The meeting.
            student_ids: Count only these students' responses; None counts everybody's.

        Returns:
            Both numbers by student id; students who never answered are left out.
        """
        query: Document = {"meeting_id": meeting_id}
        if student_ids is not None:
            query["student_id"] = {"$in": list(student_ids)}
        counted = {"responses": {"$sum": 1}, "correct": {"$sum": {"$toInt": "$correct"}}}
        stages = [{"$match": query}, {"$group": {"_id": "$student_id", **counted}}]
        found = await self._responses.aggregate(stages, batchSize=BATCH).to_list(None)
        return {row["_id"]: (int(row["responses"]), int(row["correct"])) for row in found}

    def _by_student(
        self, collection: Any, meeting_id: str, pushed: Document, query: Document
    ) -> Any:
        grouped = [
            {"$match": {"meeting_id": meeting_id, **query}},
            {"$group": {"_id": "$student_id", **pushed}},
        ]
        return collection.aggregate(grouped, batchSize=STUDENTS_AT_ONCE, allowDiskUse=True)

    @guarded
    async def tallies(
        self,
        meeting_id: str | None = None,
        but: str | None = None,
        before: datetime | None = None,
    ) -> dict[str, Tally]:
        """Count the responses to each question.

        Args:
            meeting_id: Only those in this meeting; None: in all.
            but: Not those in this round.
            before: Only those before that moment.
        """
        stages = [
            {"$match": _graded(meeting_id, but, before)},
            {
                "$group": {
                    "_id": "$question_id",
                    "responses": {"$sum": 1},
                    "correct": {"$sum": {"$toInt": "$correct"}},
                    "total_time": {"$sum": "$response_time"},
                }
            },
        ]
        # Nearly all documents match, so an index of times would cost more than it saves.
        hint = {} if before is None else {"hint": {"$natural": 1}}
        found = await self._responses.aggregate(stages, batchSize=BATCH, **hint).to_list(None)
        return {
            str(tally["_id"]): Tally(
                int(tally["responses"]), int(tally["correct"]), float(tally["total_time"])
            )
            for tally in found
        }

    @guarded
    async def response_times(
        self, bounds: Sequence[int], meeting_id: str | None = None, but: str | None = None
    ) -> list[int]:
        """Count response times below each of some bounds in seconds, and those beyond the last.

        The other arguments are those of `tallies`.
        """
        slots = [0, *bounds]
        stages = [
            {"$match": _graded(meeting_id, but)},
            {"$bucket": {"groupBy": "$response_time", "boundaries": slots, "default": "beyond"}},
        ]
        found = await self._responses.aggregate(stages, batchSize=BATCH).to_list(None)
        counts = {row["_id"]: int(row["count"]) for row in found}
        return [counts.get(slot, 0) for slot in [*slots[:-1], "beyond"]]

    @guarded
    async def answers_around(self, question_id: str, most: int) -> list[Response]:
        """Return a question's answers with the other answers of the same students, oldest first.

        Args:
            question_id: The question.
            most: How many answers at most, of both kinds together; the newest if there are more.
        """
        graded = {**GRADED, "question_id": ObjectId(question_id)}
        mine = await self._newest(graded, most)
        others = {
            **GRADED,
            "meeting_id": {"$in": list({document["meeting_id"] for document in mine})},
            "student_id": {"$in": list({document["student_id"] for document in mine})},
            "question_id": {"$ne": ObjectId(question_id)},
        }
        found = mine + (await self._newest(others, most - len(mine)) if len(mine) < most else [])
        found.sort(key=lambda document: document["_id"])
        return self._unreadable.read("responses", to_response, found)

    @guarded
    async def answers_to(
        self, question_ids: Collection[str], but: Collection[str], most: int
    ) -> list[Response]:
        """Return the answers to some questions in all meetings, oldest first.

        Args:
            question_ids: The questions.
            but: The ids of rounds to leave out.
            most: How many answers at most; the newest if there are more.
        """
        query = {
            **GRADED,
            "question_id": {"$in": [ObjectId(question_id) for question_id in question_ids]},
            "round_id": {"$nin": [ObjectId(round_id) for round_id in but]},
        }
        found = await self._newest(query, most)
        return self._unreadable.read("responses", to_response, found[::-1])

    async def _newest(self, query: Document, most: int) -> list[Document]:
        cursor = self._responses.find(query, batch_size=BATCH).sort("_id", -1).limit(most)
        return list(await cursor.to_list(None))

    @guarded
    async def attempts(
        self, student_ids: Collection[str], numbers: Mapping[str, int]
    ) -> dict[str, list[Attempt]]:
        """Return what students got in rounds, and whether they answered it right, by student id.

        Args:
            student_ids: The students.
            numbers: The rounds' numbers by round id.
        """
        query = {
            "round_id": {"$in": [ObjectId(round_id) for round_id in numbers]},
            "student_id": {"$in": list(student_ids)},
        }
        fields = {"_id": 0, "student_id": 1, "round_id": 1, "question_id": 1}
        right = self._responses.find({**query, "correct": True}, fields, batch_size=BATCH)
        solved = {(one["round_id"], one["student_id"]) for one in await right.to_list(None)}
        found: dict[str, list[Attempt]] = {}
        given = self._assignments.find(query, fields, batch_size=BATCH)
        for one in await given.to_list(None):
            student_id, round_id = one["student_id"], one["round_id"]
            attempt = Attempt(
                numbers[str(round_id)], str(one["question_id"]), (round_id, student_id) in solved
            )
            found.setdefault(student_id, []).append(attempt)
        return found

    @guarded
    async def of_students(
        self, student_ids: Collection[str], round_ids: Collection[str]
    ) -> tuple[list[Assignment], list[Response]]:
        """Return students' assignments and answers in rounds, unordered."""
        query = {
            "round_id": {"$in": [ObjectId(round_id) for round_id in round_ids]},
            "student_id": {"$in": list(student_ids)},
        }
        assignments = await self._assignments.find(query, batch_size=BATCH).to_list(None)
        responses = await self._responses.find(query, batch_size=BATCH).to_list(None)
        return (
            self._unreadable.read("student_questions", to_assignment, assignments),
            self._unreadable.read("responses", to_response, responses),
        )


def _graded(meeting_id: str | None, but: str | None, before: datetime | None = None) -> Document:
    """Match the graded answers that the arguments of `tallies` say."""
    query: Document = dict(GRADED)
    if meeting_id is not None:
        query["meeting_id"] = meeting_id
    if but is not None:
        query["round_id"] = {"$ne": ObjectId(but)}
    if before is not None:
        query["timestamp"] = {"$lt": before}
    return query
