"""The REST API under `/api/v1`, and the open routes for machines. No rules here."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from livequiz import __version__
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import CloseReason
from livequiz.protocol import resources
from livequiz.protocol.codec import decode, decode_id
from livequiz.protocol.fields import MeetingId, ObjectIdStr
from livequiz.protocol.questions import to_draft
from livequiz.protocol.requests import SubmitAnswer, TriggerQuestions
from livequiz.server.metrics import exposition
from livequiz.server.service import QuizService

log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
T = TypeVar("T")

LARGEST_PAGE = 1_000
STATUS = {
    Code.BAD_REQUEST: 400,
    Code.UNAUTHORIZED: 401,
    Code.FORBIDDEN: 403,
    Code.NOT_FOUND: 404,
    Code.NOT_JOINED: 403,
    Code.CONFLICT: 409,
    Code.TOO_LATE: 410,
    Code.NO_ROUND: 409,
    Code.NO_QUESTIONS: 409,
    Code.NO_STUDENTS: 409,
    Code.LOCKED: 423,
    Code.RATE_LIMITED: 429,
    Code.UNAVAILABLE: 503,
}


class Rest:
    """The routes.

    Args:
        service: The use cases.
    """

    def __init__(self, service: QuizService) -> None:
        self._service = service

    def routes(self) -> list[web.RouteDef]:
        """Return all routes of instructors and students."""
        meeting = "/api/v1/meetings/{meeting}"
        get, post = web.get, web.post
        return [
            get("/api/v1/meetings", self._guarded(self.meetings)),
            get(meeting, self._guarded(self.meeting)),
            get(f"{meeting}/participants", self._guarded(self.participants)),
            get(f"{meeting}/rounds", self._guarded(self.rounds)),
            post(f"{meeting}/rounds", self._guarded(self.trigger)),
            post(f"{meeting}/rounds/current/close", self._guarded(self.close)),
            get(f"{meeting}/rounds/{{round}}", self._guarded(self.round)),
            get(f"{meeting}/responses", self._guarded(self.responses)),
            post(f"{meeting}/responses", self.answer),
            get(f"{meeting}/stats", self._guarded(self.stats)),
            get("/api/v1/questions", self._guarded(self.questions)),
            post("/api/v1/questions", self._guarded(self.add_questions)),
            get("/healthz", self.health),
            get("/readyz", self.ready),
            get("/metrics", self.metrics),
        ]

    # --- meetings ----------------------------------------------------------------------------

    async def meetings(self, request: web.Request) -> web.Response:
        """List the meetings."""
        after, limit = request.query.get("after"), _limit(request)
        last = None
        if after:
            last = await self._service.views.meeting(decode_id(after, MeetingId, "after").upper())
        found = await self._service.store.people.meetings(last, limit)
        return _page(found, limit, [m.id for m in found], resources.meeting_resource)

    async def meeting(self, request: web.Request) -> web.Response:
        """Show one meeting."""
        return _json(resources.meeting_resource(await self._open(request)))

    async def participants(self, request: web.Request) -> web.Response:
        """List who ever joined a meeting, by the time of joining."""
        meeting = await self._open(request)
        everybody = await self._service.store.people.students(meeting.id)
        start, limit = _after_number(request), _limit(request)
        found = everybody[start : start + limit]
        cursors = [str(start + place) for place in range(1, len(found) + 1)]
        return _page(found, limit, cursors, resources.participant_resource)

    async def stats(self, request: web.Request) -> web.Response:
        """Show how a meeting goes."""
        meeting = await self._open(request)
        return _json(await self._service.views.stats(meeting.id))

    # --- rounds ------------------------------------------------------------------------------

    async def rounds(self, request: web.Request) -> web.Response:
        """List the rounds of a meeting."""
        meeting = await self._open(request)
        limit = _limit(request)
        found = await self._service.store.rounds.page(meeting.id, _after_number(request), limit)
        return _page(found, limit, [str(r.number) for r in found], resources.round_resource)

    async def round(self, request: web.Request) -> web.Response:
        """Show one round with its assignments."""
        meeting = await self._open(request)
        round_id = decode_id(request.match_info["round"], ObjectIdStr, "round_id")
        return _json(await self._service.views.round(meeting.id, round_id))

    async def trigger(self, request: web.Request) -> web.Response:
        """Open a round."""
        meeting = await self._open(request)
        body = await _body(request, resources.RoundRequest)
        wanted = TriggerQuestions(meeting_id=meeting.id, **msgspec.structs.asdict(body))
        return _json(await self._service.rounds.trigger(meeting.id, wanted), status=201)

    async def close(self, request: web.Request) -> web.Response:
        """Close the open round."""
        meeting = await self._open(request)
        return _json(await self._service.rounds.close(meeting.id, CloseReason.INSTRUCTOR))

    # --- responses ---------------------------------------------------------------------------

    async def responses(self, request: web.Request) -> web.Response:
        """List the responses of a meeting."""
        meeting = await self._open(request)
        limit = _limit(request)
        found = await self._service.store.rounds.responses_page(meeting.id, _after(request), limit)
        return _page(
            found,
            limit,
            [identifier for identifier, _ in found],
            lambda row: resources.response_resource(*row),
        )

    async def answer(self, request: web.Request) -> web.Response:
        """Take a student's answer; the bearer is its resume token."""
        now = self._service.now()
        meeting_id = _meeting_id(request)
        body = await _body(request, resources.AnswerRequest)
        token = _bearer(request)
        if token is None or not await self._service.people.holds(
            meeting_id, body.student_id, token
        ):
            raise QuizError(Code.UNAUTHORIZED, "The resume token is missing or not this student's.")
        wanted = SubmitAnswer(**msgspec.structs.asdict(body))
        return _json(await self._service.answers.answer(meeting_id, wanted, now))

    # --- questions ---------------------------------------------------------------------------

    async def questions(self, request: web.Request) -> web.Response:
        """List the bank."""
        limit = _limit(request)
        found = await self._service.store.questions.page(_after(request), limit)
        return _page(found, limit, [q.id for q in found], resources.question_resource)

    async def add_questions(self, request: web.Request) -> web.Response:
        """Add questions to the bank: all of them, or none if one is wrong."""
        body = await _body(request, resources.QuestionsRequest)
        drafts = [to_draft(question) for question in body.questions]
        added = await self._service.store.questions.add(drafts, self._service.now())
        return _json(resources.QuestionsAdded(added, len(drafts) - added), status=201)

    # --- machines ----------------------------------------------------------------------------

    async def health(self, _: web.Request) -> web.Response:
        """Say that the process lives."""
        return web.json_response({"status": "ok", "version": __version__})

    async def ready(self, _: web.Request) -> web.Response:
        """Say whether MongoDB answers."""
        await self._service.store.ping()
        return web.json_response({"status": "ready"})

    async def metrics(self, _: web.Request) -> web.Response:
        """Show counters for Prometheus."""
        return web.Response(
            text=exposition(self._service), headers={"Content-Type": "text/plain; version=0.0.4"}
        )

    def _guarded(self, handler: Handler) -> Handler:
        async def inner(request: web.Request) -> web.StreamResponse:
            self._service.require_instructor(_bearer(request))
            return await handler(request)

        inner.__doc__ = handler.__doc__
        inner.__name__ = getattr(handler, "__name__", "inner")
        return inner

    async def _open(self, request: web.Request) -> Any:
        return await self._service.views.meeting(_meeting_id(request))


def _meeting_id(request: web.Request) -> str:
    meeting_id: str = decode_id(request.match_info["meeting"], MeetingId, "meeting_id")
    return meeting_id.upper()


def _bearer(request: web.Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _after(request: web.Request) -> str | None:
    after = request.query.get("after")
    return decode_id(after, ObjectIdStr, "after") if after else None


def _after_number(request: web.Request) -> int:
    return _number(request, "after", 0, 0, 2**31)


def _limit(request: web.Request) -> int:
    return _number(request, "limit", 100, 1, LARGEST_PAGE)


def _number(request: web.Request, field: str, default: int, low: int, high: int) -> int:
    raw = request.query.get(field)
    if raw is None:
        return default
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 10 and low <= int(raw) <= high):
        raise QuizError(Code.BAD_REQUEST, f"`{field}` is a number from {low} to {high}.", field)
    return int(raw)


async def _body(request: web.Request, kind: type[T]) -> T:
    try:
        raw = msgspec.json.decode(await request.read() or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise QuizError(Code.BAD_REQUEST, "The body is not JSON.") from None
    return decode(raw, kind)


def _json(value: object, status: int = 200) -> web.Response:
    body = msgspec.json.encode(value)
    return web.Response(body=body, status=status, content_type="application/json")


def _page(
    found: Sequence[T], limit: int, cursors: Sequence[str], show: Callable[[T], Any]
) -> web.Response:
    following = cursors[-1] if len(found) == limit else None
    return _json(resources.Page([show(item) for item in found], following))


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn errors into RFC 9457 problems; nothing of the inside is shown."""
    try:
        return await handler(request)
    except QuizError as error:
        return problem(error.code, STATUS[error.code], error.message, error.field)
    except web.HTTPRequestEntityTooLarge:
        return problem(Code.BAD_REQUEST, 413, "The body is too large.", None)
    except web.HTTPException as error:
        if not request.path.startswith("/api/"):
            raise
        code = Code.NOT_FOUND if error.status == 404 else Code.BAD_REQUEST
        return problem(code, error.status, f"{request.method} is not served here.", None)
    except Exception:
        if not request.path.startswith("/api/"):
            raise
        log.exception("%s %s failed", request.method, request.path)
        message = "Something went wrong on the server. Please try again."
        return problem(Code.UNAVAILABLE, 500, message, None)


def problem(code: Code, status: int, detail: str, field: str | None) -> web.Response:
    """Return an error as `application/problem+json`."""
    title = code.value.replace("_", " ").capitalize()
    body = resources.Problem("about:blank", title, status, detail, code.value, field)
    response = _json(body, status)
    response.content_type = "application/problem+json"
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
