"""Audit log entries for REST requests: instructor actions by scripts, and wrong tokens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import web
from aiohttp.typedefs import Middleware

from livequiz.domain.errors import Code, QuizError
from livequiz.server.quiz.audit_log import REST, Entry, audited, result
from livequiz.server.quiz.service import QuizService
from livequiz.server.transport.client_addresses import address_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LONGEST_CODE = 80  # characters; a meeting code in a URL has not been validated yet
ACTIONS = {
    "POST /api/v1/meetings/{meeting_id}/rounds": "trigger",
    "POST /api/v1/meetings/{meeting_id}/rounds/current/close": "close",
    "POST /api/v1/questions": "add_questions",
}


def audit_middleware(service: QuizService) -> Middleware:
    """Return the middleware; it must run inside `problems`, to see the errors."""

    @web.middleware
    async def keep(request: web.Request, handler: Handler) -> web.StreamResponse:
        with audited(service.audit, partial(_entry, request)):
            return await handler(request)

    return keep


def _entry(request: web.Request, error: Exception | None) -> Entry | None:
    if isinstance(error, web.HTTPException):
        error = QuizError(Code.BAD_REQUEST, error.reason)  # for example, the body is too large
    code, why = result(error)
    resource = request.match_info.route.resource
    route = f"{request.method} {resource.canonical}" if resource is not None else ""
    if route not in ACTIONS and code != Code.UNAUTHORIZED:
        return None
    meeting = request.match_info.get("meeting_id", "")[:LONGEST_CODE].upper()
    return Entry(address_of(request) or "", meeting, REST, ACTIONS.get(route, route), code, why)
