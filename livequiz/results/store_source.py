"""Reads lessons from the database."""

from __future__ import annotations

from collections.abc import Collection

from livequiz.db.store import Store
from livequiz.domain.model import Meeting, Question, Response, Round, Student
from livequiz.results.lesson import PlayedRound

AT_ONCE = 1_000


class StoreSource:
    """A `Source` of lessons."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._questions: dict[str, Question] = {}  # each is read once, not for each round

    async def meetings(self) -> list[Meeting]:
        """Return all meetings, oldest first."""
        found: list[Meeting] = []
        while some := await self._store.participants.meetings(
            found[-1] if found else None, AT_ONCE
        ):
            found += some
        return found

    async def students(self, meeting_id: str) -> list[Student]:
        """Return everybody who ever joined a meeting, in the order of joining."""
        return await self._store.participants.students(meeting_id)

    async def rounds(self, meeting_id: str) -> list[Round]:
        """Return the rounds of a meeting, oldest first."""
        found: list[Round] = []
        while some := await self._store.rounds.page(
            meeting_id, found[-1].number if found else 0, AT_ONCE
        ):
            found += some
        return found

    async def played(self, quiz_round: Round) -> PlayedRound:
        """Return what was played in a round."""
        assignments = await self._store.rounds.assignments(quiz_round.id)
        responses = await self._store.rounds.responses(quiz_round.id)
        asked = {assignment.question_id for assignment in assignments}
        self._questions |= await self._store.questions.get_many(asked - self._questions.keys())
        questions = {q: self._questions[q] for q in asked if q in self._questions}
        return PlayedRound(quiz_round, assignments, responses, questions)

    async def answers_to(
        self, question_ids: Collection[str], but: Collection[str], most: int
    ) -> list[Response]:
        """Return up to `most` of the newest answers to questions, but not those in some rounds."""
        return await self._store.history.answers_to(question_ids, but, most)
