"""REST API errors: error codes as HTTP statuses, with RFC 9457 problem bodies."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import hdrs, web

from livequiz.domain.errors import Code, QuizError
from livequiz.protocol.resources import Problem

log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PROBLEM_TYPE = "application/problem+json"
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
TOO_LARGE = 413  # with `bad_request`
PACKED = 415  # with `bad_request`
FAILED = 500  # with `unavailable`


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn errors into RFC 9457 problems, without internal details."""
    try:
        return await handler(request)
    except QuizError as error:
        return problem(
            error.code, STATUS[error.code], error.message, error.field, in_doubt=error.in_doubt
        )
    except web.HTTPRequestEntityTooLarge:
        return problem(Code.BAD_REQUEST, TOO_LARGE, "The body is too large.")
    except web.HTTPUnsupportedMediaType:
        message = "Send the body uncompressed: this Content-Encoding is not supported."
        return problem(Code.BAD_REQUEST, PACKED, message)
    except web.HTTPException as error:
        if not request.path.startswith("/api/"):
            raise
        return _not_served(request, error)
    except Exception:  # clients get a problem document even for a bug in a handler
        if not request.path.startswith("/api/"):
            raise
        log.exception("%s %s failed", request.method, request.path)
        message = "Something went wrong on the server. Please try again."
        return problem(Code.UNAVAILABLE, FAILED, message)


def problem(
    code: Code, status: int, detail: str, field: str | None = None, *, in_doubt: bool = False
) -> web.Response:
    """Return an error as `application/problem+json`."""
    title = code.value.replace("_", " ").capitalize()
    fields = Problem("about:blank", title, status, detail, code, field, in_doubt)
    body = msgspec.json.encode(fields)
    response = web.Response(body=body, status=status, content_type=PROBLEM_TYPE)
    if status == 401:
        response.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    return response


def _not_served(request: web.Request, error: web.HTTPException) -> web.Response:
    code = Code.NOT_FOUND if error.status == 404 else Code.BAD_REQUEST
    response = problem(code, error.status, f"{request.method} is not available here.")
    if hdrs.ALLOW in error.headers:  # RFC 9110 requires it with a 405
        response.headers[hdrs.ALLOW] = error.headers[hdrs.ALLOW]
    return response
