"""Verifies what MongoDB holds after a round, independently of the server."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import datetime

from livequiz.bench.subject import Subject
from livequiz.db.verification import StoredRounds, stored_rounds
from livequiz.domain.errors import Code, QuizError


class Stored:
    """Checks what the server under test has stored.

    Args:
        rounds: The rounds in its database.
    """

    def __init__(self, rounds: StoredRounds) -> None:
        self.rounds = rounds

    async def check_questions(
        self, meeting_id: str, since: datetime, got: Mapping[str, str]
    ) -> None:
        """Check that every student got their own question, the one stored for them.

        Args:
            meeting_id: The meeting.
            since: When the round was triggered.
            got: Question id by student id, as the students received them.

        Raises:
            QuizError: `conflict`, with the students who did not.
        """
        shared = [question for question, count in Counter(got.values()).items() if count > 1]
        if shared:
            raise _failed(f"{len(shared)} questions went to more than one student", shared)
        stored = await self.rounds.assignments(meeting_id, since)
        wrong = [student for student, question in got.items() if stored.get(student) != question]
        if wrong:
            raise _failed(f"{len(wrong)} students' questions are not what is stored", wrong)

    async def check_answers(self, since: datetime, acknowledged: Mapping[str, str]) -> None:
        """Check that every acknowledged answer is stored exactly once.

        Args:
            since: When the round was triggered.
            acknowledged: Question id by student id, of the acknowledged answers.

        Raises:
            QuizError: `conflict`, with the students whose answers are not.
        """
        stored = await self.rounds.responses(since)
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
    """Context manager: connect to a server's database."""
    async with stored_rounds(subject.mongo_url, subject.database) as rounds:
        yield Stored(rounds)


async def version_of(subject: Subject) -> str:
    """Return the version of the MongoDB behind a server."""
    async with stored_rounds(subject.mongo_url, subject.database) as rounds:
        return await rounds.version()


def _failed(what: str, who: list[str]) -> QuizError:
    some = ", ".join(sorted(who)[:5])
    more = ", ..." if len(who) > 5 else ""
    return QuizError(Code.CONFLICT, f"The check failed: {what}: {some}{more}.")
