"""What MongoDB holds after a round, counted by this process and not by the server's own word."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from livequiz.bench.subject import Subject
from livequiz.db.client import connect
from livequiz.domain.errors import Code, QuizError

PATIENCE_MS = 60_000  # for a count over everything


class Stored:
    """The database of a server under load.

    Args:
        database: As the driver has it.
    """

    def __init__(self, database: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self.database = database

    async def check_questions(
        self, meeting_id: str, since: datetime, got: Mapping[str, str]
    ) -> None:
        """Check that every student got a question of its own, the one that is stored for it.

        Args:
            meeting_id: The meeting.
            since: When the round was triggered.
            got: Question id by student id, as the students received them.

        Raises:
            QuizError: `conflict`, with who did not.
        """
        shared = [question for question, count in Counter(got.values()).items() if count > 1]
        if shared:
            raise _failed(f"{len(shared)} questions went to more than one student", shared)
        cursor = self.database["student_questions"].find(
            {"meeting_id": meeting_id, "sent_time": {"$gte": since}},
            {"student_id": 1, "question_id": 1},
        )
        stored = {row["student_id"]: str(row["question_id"]) async for row in cursor}
        wrong = [student for student, question in got.items() if stored.get(student) != question]
        if wrong:
            raise _failed(f"{len(wrong)} students' questions are not what is stored", wrong)

    async def check_answers(self, since: datetime, acknowledged: Mapping[str, str]) -> None:
        """Check that every acknowledged answer is stored, once.

        Args:
            since: When the round was triggered.
            acknowledged: Question id by student id, of the answers that were acknowledged.

        Raises:
            QuizError: `conflict`, with whose are not.
        """
        cursor = self.database["responses"].find(
            {"timestamp": {"$gte": since}}, {"student_id": 1, "question_id": 1}
        )
        stored = Counter([(row["student_id"], str(row["question_id"])) async for row in cursor])
        missing = [
            student for student, question in acknowledged.items() if not stored[student, question]
        ]
        if missing:
            raise _failed(f"{len(missing)} acknowledged answers are not stored", missing)
        doubled = [student for (student, _), count in stored.items() if count > 1]
        if doubled:
            raise _failed(f"{len(doubled)} answers are stored more than once", doubled)


@contextlib.asynccontextmanager
async def stored_by(subject: Subject) -> AsyncIterator[Stored]:
    """Connect to a server's database while the block runs."""
    client = connect(subject.mongo_url, timeout_ms=PATIENCE_MS)
    try:
        yield Stored(client[subject.database])
    finally:
        client.close()


async def version_of(subject: Subject) -> str:
    """Return the version of the MongoDB behind a server."""
    client = connect(subject.mongo_url)
    try:
        return str((await client.server_info())["version"])
    finally:
        client.close()


def _failed(what: str, who: list[str]) -> QuizError:
    some = ", ".join(sorted(who)[:5])
    more = ", ..." if len(who) > 5 else ""
    return QuizError(Code.CONFLICT, f"The check failed: {what}: {some}{more}.")
