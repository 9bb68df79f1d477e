"""A student's own answers after the class, and practice of the questions that they missed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from livequiz.db.store import Store
from livequiz.domain.answering import as_shown, as_stored, key_as_shown
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.grading import grade
from livequiz.domain.model import Assignment, Question, Response, SeatKey, Student
from livequiz.domain.option_order import shown_options
from livequiz.protocol import events
from livequiz.protocol.messages import MeetingUpdated
from livequiz.protocol.practice import (
    AskedQuestion,
    OwnHistory,
    PastAnswer,
    PracticeQuestions,
    PracticeResult,
)
from livequiz.protocol.requests import PracticeAnswer
from livequiz.server.background import Tasks
from livequiz.server.cache.batching import BatchQueue
from livequiz.server.cache.live_round import LiveMeeting, LiveRound
from livequiz.server.cache.meetings import MeetingCache
from livequiz.server.quiz.notifier import Notifier
from livequiz.server.quiz.presenters import typed_key

A = TypeVar("A", bound=AskedQuestion)

MOST_ROUNDS = 200  # the newest ones; no older ones are read
MOST_BYTES = 64 * 1024  # of questions in one reply: a quarter of what may wait for a student
COUNT_WITHIN = 1.0  # seconds for which counts are collected before they are written together


class Played(NamedTuple):
    """A student's question in a round, and what they answered."""

    number: int
    assignment: Assignment
    response: Response | None


class Practice:
    """The use cases of a student who looks back. Answers are graded here and stored nowhere.

    Args:
        store: Reads rounds, and counts what was practised.
        meetings: Knows which rounds are closed.
        notifier: Tells the instructors the counts.
        tasks: Runs the batched counting.
        allowed: Whether students may practise.
    """

    def __init__(
        self,
        store: Store,
        meetings: MeetingCache,
        notifier: Notifier,
        tasks: Tasks,
        *,
        allowed: bool,
    ) -> None:
        self._store = store
        self._meetings = meetings
        self._notifier = notifier
        self.allowed = allowed
        self._counts = BatchQueue(self._count, tasks, "practice-counts", pause=COUNT_WITHIN)

    async def history(self, student: Student) -> OwnHistory:
        """Return a student's rounds with the keys, newest first.

        A question that they are being asked again is left out until they have its verdict.
        """
        meeting = await self._meetings.get(student.meeting_id)
        played = await self._played(meeting, student)
        questions = await self._store.questions.get_many(
            {each.assignment.question_id for each in played}
        )
        # Only now: a round may have been opened meanwhile.
        asked = _secret(meeting, student)
        items = [
            _past_answer(each, questions[each.assignment.question_id])
            for each in played
            if each.assignment.question_id in questions and each.assignment.question_id != asked
        ]
        shown = _that_fit(items)
        return OwnHistory(items=shown, left_out=len(items) - len(shown))

    async def questions(self, student: Student) -> PracticeQuestions:
        """Return the questions that a student missed, newest round first, without their keys.

        Raises:
            QuizError: `forbidden` if practice is off; `conflict` while they are asked a question.
        """
        missed = await self._missed(student)
        # Not retired ones: a question with a wrong key is retired when the key is corrected.
        questions = await self._store.questions.get_many(missed, retired=False)
        found = [
            AskedQuestion(**_asked(each, questions[question_id]))
            for question_id, each in missed.items()
            if question_id in questions and questions[question_id].type in student.question_types
        ]
        return PracticeQuestions(questions=_that_fit(found))

    async def answer(self, student: Student, request: PracticeAnswer) -> PracticeResult:
        """Grade a practice answer, and count it.

        Raises:
            QuizError: `forbidden` if practice is off or the student did not miss that question;
                `conflict` while they are asked a question; `not_found` if it is no longer in the
                bank; `bad_request` if the answer does not fit its type.
        """
        played = (await self._missed(student)).get(request.question_id)
        if played is None:
            message = "You can practise only questions that you missed in this class."
            raise QuizError(Code.FORBIDDEN, message, "question_id")
        found = await self._store.questions.get_many([request.question_id], retired=False)
        question = found.get(request.question_id)
        if question is None:
            message = "Your teacher has taken this question out."
            raise QuizError(Code.NOT_FOUND, message, "question_id")
        meeting = await self._meetings.get(student.meeting_id)
        self._require_answered(meeting, student)  # once more, after the last read
        stored = as_stored(played.assignment, request.answer, question)
        verdict = grade(question, stored)
        self._counts.add([(student.meeting_id, student.id)])
        return PracticeResult(
            question_id=question.id,
            your_answer=as_shown(played.assignment, stored),
            correct=verdict.correct,
            earned=verdict.points,
            correct_answer=key_as_shown(played.assignment, question),
            correct_text=typed_key(question),
            explanation=question.explanation,
        )

    async def drain(self) -> None:
        """Return once everything practised so far is counted."""
        await self._counts.drain()

    async def _played(self, meeting: LiveMeeting, student: Student) -> list[Played]:
        """Return a student's rounds, newest first: closed ones, and any whose verdict is out."""
        live = _open(meeting)
        numbers = (await self._meetings.past(meeting)).numbers
        last = list(numbers)[-MOST_ROUNDS:]
        assignments, responses = await self._store.history.of_students([student.id], last)
        answers = {response.round_id: response for response in responses}
        played = [Played(numbers[a.round_id], a, answers.get(a.round_id)) for a in assignments]
        played.sort(key=lambda each: each.number, reverse=True)
        response = live.responses.get(student.id) if live is not None else None
        if live is not None and response is not None and live.round.id not in last:
            assignment = live.assignments[student.id]
            if not live.withholds(assignment):
                played.insert(0, Played(live.round.number, assignment, response))
        return played

    async def _missed(self, student: Student) -> dict[str, Played]:
        """Return what a student missed, by question id; the newest round with a question counts."""
        if not self.allowed:
            message = "Practice is off in this class; your teacher can allow it."
            raise QuizError(Code.FORBIDDEN, message)
        meeting = await self._meetings.get(student.meeting_id)
        newest: dict[str, Played] = {}
        for played in await self._played(meeting, student):
            newest.setdefault(played.assignment.question_id, played)
        # Only now: a round may have been opened meanwhile.
        self._require_answered(meeting, student)
        asked = _secret(meeting, student)
        return {
            question_id: played
            for question_id, played in newest.items()
            if question_id != asked and (played.response is None or not played.response.correct)
        }

    @staticmethod
    def _require_answered(meeting: LiveMeeting, student: Student) -> None:
        """Refuse practice beside a question: it may be one that they missed before."""
        live = _open(meeting)
        if live is not None and student.id in live.assignments.keys() - live.responses.keys():
            raise QuizError(Code.CONFLICT, "Answer your question first; then you can practise.")

    async def _count(self, practised: Sequence[SeatKey]) -> None:
        totals = await self._store.participants.add_practised(Counter(practised))
        by_meeting: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for (meeting_id, student_id), total in totals.items():
            by_meeting[meeting_id][student_id] = total
        for meeting_id, counts in by_meeting.items():
            locked = (await self._meetings.get(meeting_id)).told.locked
            message = MeetingUpdated(meeting_id=meeting_id, locked=locked, practised=counts)
            await self._notifier.to_instructors(meeting_id, events.MEETING_UPDATED, message)


def _open(meeting: LiveMeeting) -> LiveRound | None:
    """Return the round whose close is not stored yet; one that is being closed may go on."""
    live = meeting.latest
    return live if live is not None and not live.closed else None


def _secret(meeting: LiveMeeting, student: Student) -> str | None:
    """Return the id of the question whose verdict a student does not have yet, if there is one."""
    live = _open(meeting)
    assignment = live.assignments.get(student.id) if live is not None else None
    if live is None or assignment is None:
        return None
    judged = student.id in live.responses and not live.withholds(assignment)
    return None if judged else assignment.question_id


def _asked(played: Played, question: Question) -> dict[str, Any]:
    return {
        "question_id": question.id,
        "question": question.text,
        "options": shown_options(played.assignment, question),
        "type": question.type,
        "round_number": played.number,
        "points": question.points,
        "topic": question.topic,
    }


def _past_answer(played: Played, question: Question) -> PastAnswer:
    _, assignment, response = played
    return PastAnswer(
        **_asked(played, question),
        your_answer=as_shown(assignment, response.answer) if response else None,
        correct=response.correct if response else False,
        earned=response.points if response else 0,
        correct_answer=key_as_shown(assignment, question),
        correct_text=typed_key(question),
        explanation=question.explanation,
        response_time=response.response_time if response else None,
    )


def _that_fit(items: Sequence[A]) -> list[A]:
    """Return as many as fit in a reply, the first one in any case."""
    shown: list[A] = []
    size = 0
    for item in items:
        size += len(msgspec.json.encode(item))
        if shown and size > MOST_BYTES:
            break
        shown.append(item)
    return shown
