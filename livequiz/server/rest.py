"""The REST API under `/api/v1`, and the open routes for machines. No rules here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from livequiz import __version__
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import CloseReason, Draft, Meeting, Student
from livequiz.protocol import resources
from livequiz.protocol.fields import MeetingId, ObjectIdStr, PageSize, PageStart
from livequiz.protocol.messages import AnswerResult, QuestionsSent, RoundClosed
from livequiz.protocol.questions import QuestionIn, to_draft
from livequiz.protocol.requests import TriggerQuestions
from livequiz.protocol.resources import Page
from livequiz.server import openapi
from livequiz.server.metrics import exposition
from livequiz.server.route import Access, Route
from livequiz.server.service import QuizService

T = TypeVar("T")
R = TypeVar("R")

IDS = 128 * 1024  # bytes: 1,000 ids of questions, with room for white space
BANK = 4 * 1024 * 1024


class Rest:
    """The routes, listed in `table`; what each takes and answers is its handler's signature.

    Args:
        service: The use cases.
    """

    def __init__(self, service: QuizService) -> None:
        self._service = service
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
            Route("GET", f"{api}/questions", self.questions),
            Route("POST", f"{api}/questions", self.add_questions, status=201, largest=BANK),
            Route("GET", f"{api}/openapi.json", self.document, Access.OPEN),
            Route("GET", "/healthz", self.health, Access.OPEN),
            Route("GET", "/readyz", self.ready, Access.OPEN, (Code.UNAVAILABLE,)),
            Route("GET", "/metrics", self.metrics, Access.OPEN),
        ]

    def routes(self) -> list[web.RouteDef]:
        """Return all routes as aiohttp wants them."""
        return [route.definition(self._service) for route in self.table]

    # --- meetings ----------------------------------------------------------------------------

    async def meetings(
        self, after: MeetingId | None = None, limit: PageSize = 100
    ) -> Page[resources.MeetingResource]:
        """List the meetings."""
        last = await self._open(after) if after else None
        found = await self._service.store.people.meetings(last, limit)
        return _page(found, limit, [m.id for m in found], resources.meeting_resource)

    async def meeting(self, meeting_id: MeetingId) -> resources.MeetingResource:
        """Show one meeting."""
        return resources.meeting_resource(await self._open(meeting_id))

    async def participants(
        self, meeting_id: MeetingId, after: PageStart = 0, limit: PageSize = 100
    ) -> Page[resources.ParticipantResource]:
        """List who ever joined a meeting, by the time of joining."""
        meeting = await self._open(meeting_id)
        everybody = await self._service.store.people.students(meeting.id)
        found = everybody[after : after + limit]
        cursors = [str(after + place) for place in range(1, len(found) + 1)]
        ids = [student.id for student in found]
        counts = await self._service.store.history.counts_by_student(meeting.id, ids)

        def shown(student: Student) -> resources.ParticipantResource:
            return resources.participant_resource(student, counts.get(student.id, (0, 0)))

        return _page(found, limit, cursors, shown)

    async def stats(self, meeting_id: MeetingId) -> resources.MeetingStats:
        """Show how a meeting goes."""
        meeting = await self._open(meeting_id)
        return await self._service.views.stats(meeting.id)

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
        """Show one round with its assignments."""
        meeting = await self._open(meeting_id)
        return await self._service.views.round(meeting.id, round_id)

    async def trigger(self, meeting_id: MeetingId, body: resources.RoundRequest) -> QuestionsSent:
        """Open a round: every student who is here gets a question."""
        meeting = await self._open(meeting_id)
        wanted = TriggerQuestions(meeting_id=meeting.id, **msgspec.structs.asdict(body))
        return await self._service.rounds.trigger(meeting.id, wanted)

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
        """Take a student's answer; the time is that of its arrival."""
        now = self._service.now()
        meeting = meeting_id.upper()
        if not await self._service.people.holds(meeting, body.student_id, bearer):
            raise QuizError(Code.UNAUTHORIZED, "The resume token is not this student's.")
        return await self._service.answers.answer(meeting, body, now)

    # --- questions ---------------------------------------------------------------------------

    async def questions(
        self, after: ObjectIdStr | None = None, limit: PageSize = 100
    ) -> Page[resources.QuestionResource]:
        """List the bank."""
        found = await self._service.store.questions.page(after, limit)
        return _page(found, limit, [q.id for q in found], resources.question_resource)

    async def add_questions(self, body: resources.QuestionsRequest) -> resources.QuestionsAdded:
        """Add questions to the bank: all of them, or none if one is wrong."""
        # In a thread, since a class may be answering: thousands of them take a second.
        drafts = await asyncio.to_thread(_drafts, body.questions)
        added = await self._service.store.questions.add(drafts, self._service.now())
        return resources.QuestionsAdded(added, len(drafts) - added)

    # --- machines ----------------------------------------------------------------------------

    async def document(self) -> dict[str, Any]:
        """Describe this API, as OpenAPI 3.1 has it."""
        return self._document

    @cached_property
    def _document(self) -> dict[str, Any]:
        # Made once: making it takes as long as a hundred answers, and everybody may ask.
        return openapi.document(self.table)

    async def health(self) -> resources.Health:
        """Say that the process lives."""
        return resources.Health(status="ok", version=__version__)

    async def ready(self) -> resources.Ready:
        """Say whether MongoDB answers."""
        await self._service.ready()
        return resources.Ready(status="ready")

    async def metrics(self) -> str:
        """Show counters for Prometheus."""
        return exposition(self._service)

    async def _open(self, meeting_id: str) -> Meeting:
        return await self._service.views.meeting(meeting_id.upper())


def _page(
    found: Sequence[T], limit: int, cursors: Sequence[str], show: Callable[[T], R]
) -> Page[R]:
    following = cursors[-1] if len(found) == limit else None
    return Page([show(item) for item in found], following)


def _drafts(questions: Sequence[QuestionIn]) -> list[Draft]:
    return [_draft(place, question) for place, question in enumerate(questions)]


def _draft(place: int, question: QuestionIn) -> Draft:
    try:
        return to_draft(question)
    except QuizError as error:
        field = f"questions[{place}].{error.field}"
        raise QuizError(error.code, error.message, field) from None
