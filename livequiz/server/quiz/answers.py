"""Submitted answers: graded, stored once, and only then acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from livequiz.db.open_rounds import Outcome
from livequiz.db.store import Store
from livequiz.domain.answering import as_stored
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.grading import earned, grade
from livequiz.domain.model import Assignment, Response, RoundState
from livequiz.domain.timing import last_moment
from livequiz.protocol.messages import AnswerResult
from livequiz.protocol.requests import SubmitAnswer
from livequiz.server.background import Tasks
from livequiz.server.cache.batching import BatchQueue
from livequiz.server.cache.group_commit import GroupCommit
from livequiz.server.cache.live_round import LiveRound, Score
from livequiz.server.cache.meetings import MeetingCache
from livequiz.server.quiz import presenters
from livequiz.server.quiz.event_bus import EventBus, RoundComplete
from livequiz.server.quiz.notifier import Notifier

SAVE_WITHIN = 0.2  # seconds for which scores are collected before they are written together


class Answers:
    """The use case of submitting answers.

    Args:
        store: Stores the responses.
        meetings: Caches the open rounds.
        notifier: Sends answer updates to the instructors.
        bus: Receives `RoundComplete`.
        tasks: Runs the group commit.
        grace: Seconds after the deadline in which an answer still counts, for network latency.
        stalled: Returns how long the server has been stalled; answers may be that much later.
    """

    def __init__(
        self,
        store: Store,
        meetings: MeetingCache,
        notifier: Notifier,
        bus: EventBus,
        tasks: Tasks,
        *,
        grace: float,
        stalled: Callable[[datetime], timedelta],
    ) -> None:
        self._store = store
        self._meetings = meetings
        self._notifier = notifier
        self._tasks = tasks
        self._grace = timedelta(seconds=grace)
        self._bus = bus
        self._stalled = stalled
        self.stored_total = 0
        self._group_commit = GroupCommit(store.rounds.record_responses, self._stored, tasks)
        self._news = BatchQueue(self._tell, tasks, "answer-updates")
        self._unsaved = BatchQueue(self._save_all, tasks, "save-scores", pause=SAVE_WITHIN)

    async def answer(self, meeting_id: str, request: SubmitAnswer, now: datetime) -> AnswerResult:
        """Grade and store a student's answer.

        Args:
            meeting_id: The meeting that the student has joined.
            request: The answer; the caller has checked that `student_id` is the sender's own.
            now: When the answer arrived, by the server's clock. The client's clock doesn't count.

        Returns:
            The verdict, once MongoDB has acknowledged the response. A repeated answer gets the
            verdict on the stored one.

        Raises:
            QuizError: Why the answer was not accepted; `in_doubt` if it may still have been stored.
        """
        live = (await self._meetings.get(meeting_id)).latest
        if live is not None and request.round_id not in {None, live.round.id}:
            return await self._of_earlier_round(live, request)
        assignment = self._assignment(live, request)
        assert live is not None  # noqa: S101
        if request.student_id in live.in_doubt:
            await self._settle(live, request.student_id)
        if (known := live.responses.get(request.student_id)) is not None:
            return presenters.answer_result(live, assignment, known, duplicate=True)
        response = self._graded(live, assignment, request, now)
        outcome = await self._commit(live, response)
        if outcome is Outcome.STORED:
            return presenters.answer_result(live, assignment, response)
        return await self._stored_before(live, assignment, closed=outcome is Outcome.CLOSED)

    async def drain(self) -> None:
        """Return once every accepted answer is stored or refused, announced, and scored."""
        await self._group_commit.drain()
        await self._news.drain()
        await self._unsaved.drain()

    async def settle(self, live: LiveRound) -> None:
        """Return once the statuses and scores of a round's responses are stored.

        Raises:
            QuizError: `unavailable`.
        """
        await self._unsaved.drain()
        await self.save(live)

    def follow_up(self, live: LiveRound) -> None:
        """Queue the statuses and scores of a round's responses to be stored soon."""
        if live.unsaved:
            self._unsaved.add([live])

    def _assignment(self, live: LiveRound | None, request: SubmitAnswer) -> Assignment:
        if live is None:
            raise QuizError(Code.NO_ROUND, "No question has been sent in this meeting yet.")
        assignment = live.assignments.get(request.student_id)
        if assignment is None:
            raise QuizError(
                Code.NO_ROUND, "You have no question in this round; wait for the next one."
            )
        if assignment.question_id != request.question_id:
            message = "That is not the question you were given."
            raise QuizError(Code.FORBIDDEN, message, "question_id")
        return assignment

    def _graded(
        self, live: LiveRound, assignment: Assignment, request: SubmitAnswer, now: datetime
    ) -> Response:
        question = live.questions[assignment.question_id]
        stored = as_stored(assignment, request.answer, question)
        taken_until = last_moment(assignment.deadline, self._grace, self._stalled(now))
        if now > taken_until or live.closed:
            raise QuizError(Code.TOO_LATE, "Time was up before your answer arrived.")
        if not live.accepting:  # closing, but the close may still fail in MongoDB
            raise QuizError(Code.UNAVAILABLE, "The round is being closed; send your answer again.")
        verdict = grade(question, stored)
        response_time = max(0.0, (now - assignment.sent_time).total_seconds())
        time_limit = (assignment.deadline - assignment.sent_time).total_seconds()
        return Response(
            round_id=live.round.id,
            meeting_id=live.round.meeting_id,
            student_id=request.student_id,
            question_id=question.id,
            answer=stored,
            correct=verdict.correct,
            points=earned(verdict, live.round.points_for, response_time, time_limit),
            response_time=response_time,
            timestamp=now,
            client_response_time=request.response_time,
        )

    async def _of_earlier_round(self, live: LiveRound, request: SubmitAnswer) -> AnswerResult:
        """Return the stored verdict on an answer to an earlier round, whose reply was lost."""
        meeting_id, round_id = live.round.meeting_id, request.round_id or ""
        student_id = request.student_id
        given, known = await self._store.history.of_students([student_id], [round_id])
        quiz_round = await self._store.rounds.get(meeting_id, round_id)
        if quiz_round is not None and quiz_round.state is RoundState.OPEN:
            self._meetings.distrust()  # another server opened it; this one has not seen it yet
            raise QuizError(
                Code.UNAVAILABLE, "This round has only just begun; send your answer again."
            )
        if quiz_round is None or not given or not known:
            raise QuizError(Code.TOO_LATE, "That round is over.", "round_id")
        if known[0].question_id != request.question_id:
            raise QuizError(Code.TOO_LATE, "That round is over.", "round_id")
        earlier = LiveRound(
            round=quiz_round,
            assignments={student_id: given[0]},
            questions=await self._store.questions.get_many([given[0].question_id]),
            names={},
            by_question={},
            scores=live.scores,
        )
        return presenters.answer_result(earlier, given[0], known[0], duplicate=True)

    async def _commit(self, live: LiveRound, response: Response) -> Outcome:
        """Store a response through the group commit."""
        try:
            return await self._group_commit.add(live, response)
        except QuizError as error:
            if error.code is not Code.UNAVAILABLE:
                raise
            if not error.in_doubt:
                message = (
                    "Your answer was not stored: the database is not responding. Send it again."
                )
                raise QuizError(error.code, message) from error
            live.in_doubt.add(response.student_id)
            raise checking() from error

    async def _settle(self, live: LiveRound, student_id: str) -> None:
        """Find out whether an answer in doubt was stored: its write got no reply.

        Raises:
            QuizError: `unavailable` and `in_doubt` if MongoDB can't be asked yet.
        """
        try:
            response = await self._store.rounds.response(live.round.id, student_id)
        except QuizError as error:
            raise checking() from error
        live.in_doubt.discard(student_id)
        if response is not None:
            self.take_in(live, [response])

    async def _stored_before(
        self, live: LiveRound, assignment: Assignment, *, closed: bool
    ) -> AnswerResult:
        response = await self._store.rounds.response(live.round.id, assignment.student_id)
        if closed:
            self._meetings.distrust()  # another server closed it; this one has not seen that yet
        if response is None and closed:
            raise QuizError(Code.TOO_LATE, "The round was closed before your answer arrived.")
        if response is None:
            raise QuizError(Code.UNAVAILABLE, "Your answer could not be stored; send it again.")
        self.take_in(live, [response])
        return presenters.answer_result(live, assignment, response, duplicate=True)

    def take_in(self, live: LiveRound, stored: Iterable[Response]) -> None:
        """Count stored responses of any server, and queue their updates and scores."""
        fresh = [response for response in stored if live.record(response)]
        if fresh:
            self._news.add((live, response) for response in fresh)
            if live.complete or any(r.timestamp > live.first_end for r in fresh):
                meeting_id = live.round.meeting_id
                complete = self._bus.publish(RoundComplete(meeting_id))
                self._tasks.spawn(complete, f"complete-{meeting_id}")
        self.follow_up(live)

    def _stored(self, live: LiveRound, responses: list[Response]) -> None:
        self.stored_total += len(responses)
        self.take_in(live, responses)

    async def _tell(self, news: Sequence[tuple[LiveRound, Response]]) -> None:
        for _, group in groupby(news, key=lambda item: item[0].round.id):
            told = list(group)
            live = told[0][0]
            updates = presenters.answer_updates(live, [response for _, response in told])
            await self._notifier.answer_updates(live.round.meeting_id, updates)

    async def _save_all(self, rounds: Sequence[LiveRound]) -> None:
        for live in {live.round.id: live for live in rounds}.values():
            await self.save(live)

    async def save(self, live: LiveRound, ended: Mapping[str, Score] | None = None) -> None:
        """Store what is derived from responses: statuses, points and streaks.

        All of it can be recomputed from the responses, so answers don't wait for it.

        Args:
            live: The round.
            ended: Scores of students who did not answer.

        Raises:
            QuizError: `unavailable`; whatever was not stored stays queued for the next call.
        """
        unsaved, live.unsaved = live.unsaved, set()
        ended = {s: score for s, score in (ended or {}).items() if s not in unsaved}
        scores = {student_id: live.scores[student_id] for student_id in unsaved} | ended
        try:
            if answered := [student_id for student_id in unsaved if student_id in live.responses]:
                await self._store.rounds.mark_answered(live.round.id, answered)
            await self._store.participants.set_scores(
                live.round.meeting_id,
                live.round.id,
                {student_id: (score.points, score.streak) for student_id, score in scores.items()},
                # They may have answered on another server.
                unless_scored=ended.keys(),
            )
        except QuizError:
            live.unsaved |= unsaved
            raise


def checking() -> QuizError:
    """Return the error for an answer that may or may not have been stored."""
    message = "Your answer may have been stored; the server is checking. Your first answer counts."
    return QuizError(Code.UNAVAILABLE, message, in_doubt=True)
