"""Answers: graded, stored once, and only then acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.grading import as_stored, grade
from livequiz.domain.model import Assignment, Response, RoundState
from livequiz.protocol.messages import AnswerResult
from livequiz.protocol.requests import SubmitAnswer
from livequiz.server import render
from livequiz.server.committer import Committer
from livequiz.server.live import LiveRound
from livequiz.server.loading import Meetings, load_round
from livequiz.server.outbox import Outbox
from livequiz.server.tasks import Tasks


class Answers:
    """The use case of answering.

    Args:
        store: Where responses go.
        meetings: The open rounds.
        outbox: Reaches the instructors.
        tasks: Where the group commit runs.
        grace: Seconds after the deadline in which an answer still counts, for the network.
        complete: Is called with a meeting when everybody who is here has answered.
        stalled: For how long the server could not serve, up to now: that is nobody's fault.
    """

    def __init__(
        self,
        store: Store,
        meetings: Meetings,
        outbox: Outbox,
        tasks: Tasks,
        *,
        grace: float,
        complete: Callable[[str], Coroutine[Any, Any, None]],
        stalled: Callable[[datetime], timedelta],
    ) -> None:
        self._store = store
        self._meetings = meetings
        self._outbox = outbox
        self._tasks = tasks
        self._grace = timedelta(seconds=grace)
        self._complete = complete
        self._stalled = stalled
        self.stored_total = 0
        self._committer = Committer(store.rounds.record_responses, self._stored, tasks)

    async def answer(self, meeting_id: str, request: SubmitAnswer, now: datetime) -> AnswerResult:
        """Grade and store a student's answer.

        Args:
            meeting_id: Where it joined.
            request: Its answer; `student_id` is known to be its own.
            now: When the answer arrived. Only this clock counts.

        Returns:
            The verdict, after MongoDB acknowledged the response. A repeat gets the stored one.

        Raises:
            QuizError: Why the answer can't be taken; nothing is stored then.
        """
        live = (await self._meetings.get(meeting_id)).latest
        if live is not None and request.round_id not in {None, live.round.id}:
            return await self._of_earlier_round(live, request)
        assignment = self._assignment(live, request)
        assert live is not None  # noqa: S101
        if (known := live.responses.get(request.student_id)) is not None:
            return render.answer_result(live, assignment, known, duplicate=True)
        response = self._graded(live, assignment, request, now)
        if not await self._committer.add(response):
            return await self._stored_before(live, assignment)
        live.record(response)
        return render.answer_result(live, assignment, response)

    async def drain(self) -> None:
        """Return once every accepted answer is stored, or refused."""
        await self._committer.drain()

    def _assignment(self, live: LiveRound | None, request: SubmitAnswer) -> Assignment:
        if live is None:
            raise QuizError(Code.NO_ROUND, "No question has been sent in this meeting yet.")
        assignment = live.assignments.get(request.student_id)
        if assignment is None:
            raise QuizError(Code.NO_ROUND, "You have no question in this round; wait for the next.")
        if assignment.question_id != request.question_id:
            message = "That is not the question that you were given."
            raise QuizError(Code.FORBIDDEN, message, "question_id")
        return assignment

    def _graded(
        self, live: LiveRound, assignment: Assignment, request: SubmitAnswer, now: datetime
    ) -> Response:
        question = live.questions[assignment.question_id]
        stored = as_stored(assignment, request.answer, len(question.options))
        last_moment = assignment.deadline + self._grace + self._stalled(now)
        if now > last_moment or live.round.state is RoundState.CLOSED:
            raise QuizError(Code.TOO_LATE, "Time was up before your answer arrived.")
        if not live.accepting:  # the round is being closed, which MongoDB may yet refuse
            raise QuizError(Code.UNAVAILABLE, "The round is being closed; send it again.")
        verdict = grade(question, stored)
        return Response(
            round_id=live.round.id,
            meeting_id=live.round.meeting_id,
            student_id=request.student_id,
            question_id=question.id,
            answer=stored,
            correct=verdict.correct,
            points=verdict.points,
            response_time=max(0.0, (now - assignment.sent_time).total_seconds()),
            timestamp=now,
            client_response_time=request.response_time,
        )

    async def _of_earlier_round(self, live: LiveRound, request: SubmitAnswer) -> AnswerResult:
        """Return the verdict on an answer whose acknowledgement was lost, rounds ago."""
        meeting_id, round_id = live.round.meeting_id, request.round_id or ""
        known = await self._store.rounds.response(round_id, request.student_id)
        quiz_round = await self._store.rounds.get(meeting_id, round_id) if known else None
        if known is None or quiz_round is None or known.question_id != request.question_id:
            raise QuizError(Code.TOO_LATE, "That round is over.", "round_id")
        earlier = await load_round(self._store, quiz_round)
        earlier.scores = live.scores
        assignment = earlier.assignments[request.student_id]
        return render.answer_result(earlier, assignment, known, duplicate=True)

    async def _stored_before(self, live: LiveRound, assignment: Assignment) -> AnswerResult:
        response = await self._store.rounds.response(live.round.id, assignment.student_id)
        if response is None:
            raise QuizError(Code.UNAVAILABLE, "Your answer could not be stored; send it again.")
        await self.take_in(live, [response])
        return render.answer_result(live, assignment, response, duplicate=True)

    async def take_in(self, live: LiveRound, stored: Sequence[Response]) -> None:
        """Count responses that are stored although MongoDB's acknowledgement was lost."""
        missing = [response for response in stored if response.student_id not in live.responses]
        if missing:
            await self._stored_in_round(missing)

    async def _stored(self, responses: Sequence[Response]) -> None:
        """Bring what follows from stored responses up to date, and tell the instructors."""
        self.stored_total += len(responses)
        by_round = sorted(responses, key=lambda response: response.round_id)
        for _, group in groupby(by_round, key=lambda response: response.round_id):
            await self._stored_in_round(list(group))

    async def _stored_in_round(self, responses: list[Response]) -> None:
        first = responses[0]
        meeting = await self._meetings.get(first.meeting_id)
        live = meeting.latest
        if live is None or live.round.id != first.round_id:
            return
        for response in responses:
            live.record(response)
            await self._outbox.answer_update(first.meeting_id, render.answer_update(live, response))
        if live.complete or any(r.timestamp > live.round.deadline for r in responses):
            self._tasks.spawn(self._complete(first.meeting_id), f"complete-{first.meeting_id}")
        student_ids = [response.student_id for response in responses]
        await self._store.rounds.mark_answered(live.round.id, student_ids)
        await self._store.people.set_scores(
            first.meeting_id,
            {s: (live.scores[s].points, live.scores[s].streak) for s in student_ids},
        )
