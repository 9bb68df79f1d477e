"""A question's record over all meetings; questions are edited and retired here, too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.grading import is_regraded, stored_share
from livequiz.domain.item_analysis import Attempt, ItemAnalysis, analyse
from livequiz.domain.item_flags import flags
from livequiz.domain.model import Question, Response
from livequiz.protocol.fields import to_timestamp
from livequiz.protocol.figures import QuestionChanged, QuestionRecord
from livequiz.protocol.questions import QuestionIn, from_draft, to_draft

MOST_ANSWERS = 5_000  # the newest; enough for any figure, and analysed within a second
RETIRED = "This question is retired: nobody will get it."
KNOWN = "The bank already has this question."


class QuestionRecords:
    """What is known of each question.

    Args:
        store: Has the questions, and the answers to them.
        now: The clock: aware UTC.
    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def of(self, question_id: str) -> QuestionRecord:
        """Return a question with all answers to it.

        Raises:
            QuizError: `not_found`.
        """
        question = await self._question(question_id)
        around = await self._store.history.answers_around(question_id, MOST_ANSWERS)
        asked = await self._store.questions.get_many({answer.question_id for answer in around})
        met = await self._store.participants.meetings_of({answer.meeting_id for answer in around})
        classes = {meeting_id: meeting.class_name for meeting_id, meeting in met.items()}
        analysis = await asyncio.to_thread(_analysis, question, around, asked, classes)
        mine = [answer for answer in around if answer.question_id == question_id]
        low, high = analysis.interval or (None, None)
        return QuestionRecord(
            question_id=question_id,
            question=from_draft(question),
            retired=await self._store.questions.is_retired(question_id),
            responses=analysis.n,
            meetings=len({answer.meeting_id for answer in mine}),
            last_answered=to_timestamp(max(a.timestamp for a in mine)) if mine else None,
            accuracy=_percent(analysis.facility),
            low=_percent(low),
            high=_percent(high),
            mean_time=analysis.mean_time,
            options=[option.chosen for option in analysis.options],
            flags=flags(question, analysis),
        )

    async def edit(self, question_id: str, written: QuestionIn) -> QuestionChanged:
        """Store a new version of a question, for the rounds from now on.

        Raises:
            QuizError: `not_found`, `bad_request`, or `conflict` if the bank already has a question
                like that.
        """
        draft = to_draft(written)
        question = await self._question(question_id)
        questions = self._store.questions
        if await questions.is_retired(question_id):
            raise QuizError(Code.CONFLICT, RETIRED)
        if not is_regraded(question, draft):
            if await questions.revise(question_id, draft, self._now()):
                return QuestionChanged(question_id)
            raise QuizError(Code.CONFLICT, KNOWN)
        new_id = await questions.replace(question_id, draft, self._now())
        if new_id is None:
            retired = await questions.is_retired(question_id)
            raise QuizError(Code.CONFLICT, RETIRED if retired else KNOWN)
        return QuestionChanged(new_id)

    async def retire(self, question_id: str) -> QuestionChanged:
        """Take a question out of the bank; its answers stay.

        Raises:
            QuizError: `not_found`.
        """
        await self._question(question_id)
        await self._store.questions.retire([question_id], self._now())
        return QuestionChanged(question_id)

    async def _question(self, question_id: str) -> Question:
        found = await self._store.questions.get_many([question_id])
        if question_id not in found:
            raise QuizError(Code.NOT_FOUND, "There is no such question.", "question_id")
        return found[question_id]


def _analysis(
    question: Question,
    around: Sequence[Response],
    asked: Mapping[str, Question],
    classes: Mapping[str, str],
) -> ItemAnalysis:
    """Analyse a question.

    Args:
        question: The question.
        around: The answers to it, and the other answers of the same students, oldest first.
        asked: The questions that can be read, by id.
        classes: The meetings' classes: in one class, the same id is the same student.
    """
    attempts = [
        Attempt(
            (classes.get(answer.meeting_id, ""), answer.student_id),
            answer.question_id,
            stored_share(asked.get(answer.question_id), answer),
            answer.response_time,
            answer.answer,
        )
        for answer in around
    ]
    found = analyse(attempts, {question.id: question})
    return found.get(question.id, ItemAnalysis(0, 0))


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)
