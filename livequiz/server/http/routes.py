"""The REST API under `/api/v1`, and public routes for monitoring; the rules are in `quiz`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import Any, TypeVar

from aiohttp import web

from livequiz import __version__
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import CloseReason, Draft, Meeting, Student
from livequiz.protocol import resources
from livequiz.protocol.fields import MeetingId, ObjectIdStr, PageSize, PageStart
from livequiz.protocol.messages import AnswerResult, QuestionsSent, RoundClosed
from livequiz.protocol.projection import Projection
from livequiz.protocol.questions import QuestionIn, to_draft
from livequiz.protocol.requests import RoundRequest
from livequiz.protocol.resources import Page
from livequiz.server.http import openapi
from livequiz.server.http.metrics import exposition
from livequiz.server.http.question_lists import release
from livequiz.server.http.route import Access, Route
from livequiz.server.quiz.service import QuizService

T = TypeVar("T")
R = TypeVar("R")

IDS = 40 * 1024  # bytes: 1,000 question ids, with room for white space
BANK = 4 * 1024 * 1024


class RestApi:
    """The routes, in `table`; each handler's signature defines its parameters and response.

    Args:
        service: The use cases.
        connected: The ids of the open sockets.
    """

    def __init__(self, service: QuizService, connected: Collection[str] = ()) -> None:
        self._service = service
        self._connected = connected
        api = "/api/v1"
        meeting = f"{api}/meetings/{{meeting_id}}"
        missing = (Code.NOT_FOUND,)
        drawn = (*missing, Code.CONFLICT, Code.NO_STUDENTS, Code.NO_QUESTIONS)
        answered = (Code.FORBIDDEN, Code.NO_ROUND, Code.TOO_LATE)
        self.table = [
            Route("GET", f"{api}/meetings", self.meetings, refuses=missing),
            Route("GET", meeting, self.meeting, refuses=missing),
            Route("GET", f"{meeting}/participants", self.participants, refuses=missing),
            Route("GET", f"{meeting}/rounds", self.rounds, refuses=missing),
            Route(
                "POST", f"{meeting}/rounds", self.trigger, refuses=drawn, status=201, largest=IDS
            ),
            Route(
                *("POST", f"{meeting}/rounds/current/close", self.close),
                refuses=(*missing, Code.NO_ROUND),
            ),
            Route("GET", f"{meeting}/rounds/{{round_id}}", self.round, refuses=missing),
            Route("GET", f"{meeting}/responses", self.responses, refuses=missing),
            Route("POST", f"{meeting}/responses", self.answer, Access.STUDENT, answered),
            Route("GET", f"{meeting}/stats", self.stats, refuses=missing),
            Route("GET", f"{meeting}/projection", self.projection, Access.PROJECTOR, missing),
            Route("GET", f"{api}/questions", self.questions),
            Route("POST", f"{api}/questions", self.add_questions, status=201, largest=BANK),
            Route("GET", f"{api}/openapi.json", self.document, Access.OPEN),
            Route("GET", "/healthz", self.health, Access.OPEN),
            Route("GET", "/readyz", self.ready, Access.OPEN, (Code.UNAVAILABLE,)),
            Route("GET", "/metrics", self.metrics, Access.OPEN),
        ]

    def routes(self) -> list[web.RouteDef]:
        """Return all routes for aiohttp."""
        return [route.definition(self._service) for route in self.table]

    # --- meetings ----------------------------------------------------------------------------

    async def meetings(
        self, after: MeetingId | None = None, limit: PageSize = 100
    ) -> Page[resources.MeetingResource]:
        """List the meetings."""
        last = await self._open(after) if after else None
        found = await self._service.store.participants.meetings(last, limit)
        return _page(found, limit, [m.id for m in found], resources.meeting_resource)

    async def meeting(self, meeting_id: MeetingId) -> resources.MeetingResource:
        """Get a meeting."""
        return resources.meeting_resource(await self._open(meeting_id))

    async def participants(
        self, meeting_id: MeetingId, after: PageStart = 0, limit: PageSize = 100
    ) -> Page[resources.ParticipantResource]:
        """List everyone who ever joined a meeting, in the order of joining."""
        meeting = await self._open(meeting_id)
        everybody = await self._service.store.participants.students(meeting.id)
        found = everybody[after : after + limit]
        cursors = [str(after + place) for place in range(1, len(found) + 1)]
        ids = [student.id for student in found]
        counts = await self._service.store.history.counts_by_student(meeting.id, ids)

        def shown(student: Student) -> resources.ParticipantResource:
            return resources.participant_resource(student, counts.get(student.id, (0, 0)))

        return _page(found, limit, cursors, shown)

    async def stats(self, meeting_id: MeetingId) -> resources.MeetingStats:
        """Get the statistics of a meeting."""
        meeting = await self._open(meeting_id)
        return await self._service.queries.stats(meeting.id)

    async def projection(self, meeting_id: MeetingId) -> Projection:
        """Get what the class may see: how to join, the time, and results once they are shown."""
        return await self._service.projection.of(meeting_id.upper())

    # --- rounds ------------------------------------------------------------------------------

    async def rounds(
        self, meeting_id: MeetingId, after: PageStart = 0, limit: PageSize = 100
    ) -> Page[resources.RoundResource]:
        """List the rounds of a meeting."""
        meeting = await self._open(meeting_id)
        found = await self._service.store.rounds.page(meeting.id, after, limit)
        return _page(found, limit, [str(r.number) for r in found], resources.round_resource)

    async def round(
        self, meeting_id: MeetingId, round_id: ObjectIdStr
    ) -> resources.RoundWithAssignments:
        """Get a round with its assignments."""
        meeting = await self._open(meeting_id)
        return await self._service.queries.round(meeting.id, round_id)

    async def trigger(self, meeting_id: MeetingId, body: RoundRequest) -> QuestionsSent:
        """Open a round: every student who is present gets a question."""
        meeting = await self._open(meeting_id)
        return await self._service.rounds.trigger(meeting.id, body)

    async def close(self, meeting_id: MeetingId) -> RoundClosed:
        """Close the open round."""
        meeting = await self._open(meeting_id)
        return await self._service.rounds.close(meeting.id, CloseReason.INSTRUCTOR)

    # --- responses ---------------------------------------------------------------------------

    async def responses(
        self, meeting_id: MeetingId, after: ObjectIdStr | None = None, limit: PageSize = 100
    ) -> Page[resources.ResponseResource]:
        """List the responses of a meeting."""
        meeting = await self._open(meeting_id)
        found = await self._service.store.rounds.responses_page(meeting.id, after, limit)
        cursors = [identifier for identifier, _ in found]
        return _page(found, limit, cursors, lambda row: resources.response_resource(*row))

    async def answer(
        self, meeting_id: MeetingId, bearer: str, body: resources.AnswerRequest
    ) -> AnswerResult:
        """Submit a student's answer; it counts from its time of arrival."""
        now = self._service.now()
        meeting = meeting_id.upper()
        if not await self._service.participants.holds(meeting, body.student_id, bearer):
            raise QuizError(Code.UNAUTHORIZED, "The resume token does not belong to this student.")
        return await self._service.answers.answer(meeting, body, now)

    # --- questions ---------------------------------------------------------------------------

    async def questions(
        self, after: ObjectIdStr | None = None, limit: PageSize = 100
    ) -> Page[resources.QuestionResource]:
        """List the questions in the bank."""
        found = await self._service.store.questions.page(after, limit)
        return _page(found, limit, [q.id for q in found], resources.question_resource)

    async def add_questions(self, body: resources.QuestionsRequest) -> resources.QuestionsAdded:
        """Add questions to the bank: all of them, or none if any is invalid."""
        drafts: list[Draft] = []
        try:
            for place, question in enumerate(body.questions):
                drafts.append(_draft(place, question))
                await asyncio.sleep(0)  # yield, since a class may be answering
            added = await self._service.store.questions.add(drafts, self._service.now())
            return resources.QuestionsAdded(added, len(drafts) - added)
        finally:
            await release(body.questions)
            await release(drafts)

    # --- monitoring --------------------------------------------------------------------------

    async def document(self) -> dict[str, Any]:
        """Get the OpenAPI 3.1 document of this API."""
        return self._document

    @cached_property
    def _document(self) -> dict[str, Any]:
        # Cached: building it costs as much as a hundred answers, and anyone may request it.
        return openapi.document(self.table)

    async def health(self) -> resources.Health:
        """Liveness: the process is running."""
        return resources.Health(status="ok", version=__version__)

    async def ready(self) -> resources.Ready:
        """Readiness: MongoDB answers."""
        await self._service.ready()
        return resources.Ready(status="ready")

    async def metrics(self) -> str:
        """Get metrics for Prometheus."""
        return exposition(self._service, self._connected)

    async def _open(self, meeting_id: str) -> Meeting:
        return await self._service.queries.meeting(meeting_id.upper())


def _page(
    found: Sequence[T], limit: int, cursors: Sequence[str], show: Callable[[T], R]
) -> Page[R]:
    following = cursors[-1] if len(found) == limit else None
    return Page([show(item) for item in found], following)


def _draft(place: int, question: QuestionIn) -> Draft:
    try:
        return to_draft(question)
    except QuizError as error:
        field = f"questions[{place}].{error.field}"
        raise QuizError(error.code, error.message, field) from None
