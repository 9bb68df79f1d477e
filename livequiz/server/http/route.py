"""A route of the REST API: access, parameters, response type and errors."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

import msgspec
from aiohttp import web

from livequiz.domain.errors import Code, QuizError
from livequiz.server.http.parameters import Parameter, bearer, parameters_of
from livequiz.server.http.problems import FAILED, PACKED, STATUS, TOO_LARGE
from livequiz.server.quiz.participants import OWN_TOKEN as TOKEN
from livequiz.server.quiz.service import QuizService

TEXT_TYPE = "text/plain"
JSON_TYPE = "application/json"
_PROMETHEUS = {"Content-Type": f"{TEXT_TYPE}; version=0.0.4"}


class Access(Enum):
    """Who may use a route; the value describes the required bearer token."""

    OPEN = None
    INSTRUCTOR = "The instructor token, which `livequiz serve` shows."
    PROJECTOR = "The projector token, which `livequiz serve` shows, or the instructor token."
    STUDENT = "The student's own resume token, which `joined` carries."


@dataclass(frozen=True)
class Route:
    """One route; its parameters and response type come from the handler's signature.

    Attributes:
        method: `GET` or `POST`.
        path: The path, with parameter names in braces.
        handler: Takes the decoded parameters, and returns the response to encode.
        access: Who may use it.
        refuses: The error codes of the handler itself; those of its parameters and access are
            added in `refusals`.
        status: The HTTP status of a success.
        largest: Size limit of a request body, in bytes.
    """

    method: str
    path: str
    handler: Callable[..., Awaitable[Any]]
    access: Access = Access.INSTRUCTOR
    refuses: tuple[Code, ...] = ()
    status: int = 200
    largest: int = 4 * 1024

    @cached_property
    def parameters(self) -> list[Parameter]:
        """The parameters of the handler."""
        return parameters_of(self.handler, self.path)

    @property
    def answers(self) -> Any:
        """The response type."""
        return inspect.signature(self.handler, eval_str=True).return_annotation

    @property
    def refusals(self) -> dict[int, list[Code]]:
        """All error codes that it may respond with, by HTTP status."""
        codes = [*self.refuses]
        if self.access is not Access.OPEN:
            codes = [Code.UNAUTHORIZED, *codes, Code.RATE_LIMITED, Code.UNAVAILABLE]
        if self.parameters:
            codes = [Code.BAD_REQUEST, *codes]
        found: dict[int, list[Code]] = {}
        for code in codes:
            found.setdefault(STATUS[code], []).append(code)
        if any(parameter.location == "body" for parameter in self.parameters):
            found[TOO_LARGE] = found[PACKED] = [Code.BAD_REQUEST]
        if self.access is not Access.OPEN:
            found[FAILED] = [Code.UNAVAILABLE]
        return found

    def definition(self, service: QuizService) -> web.RouteDef:
        """Return the route for aiohttp; the service checks the tokens but students'."""

        async def serve(request: web.Request) -> web.Response:
            if self.access is Access.INSTRUCTOR:
                service.require_instructor(bearer(request))
            elif self.access is Access.PROJECTOR:
                service.require_projector(bearer(request))
            return await self._serve(request)

        return web.route(self.method, self.path, serve)

    async def _serve(self, request: web.Request) -> web.Response:
        packed = self.access is Access.INSTRUCTOR
        given = {}
        # Read the body last, after whatever can be checked about the sender.
        for each in sorted(self.parameters, key=lambda each: each.location == "body"):
            if each.location == "body" and self.access is Access.STUDENT:
                _need_resume_token(bearer(request))
            given[each.name] = await each.read(request, self.largest, packed=packed)
        return _reply(await self.handler(**given), self.status)


def _need_resume_token(token: str | None) -> None:
    if token is None:
        raise QuizError(Code.UNAUTHORIZED, "The resume token is missing.")
    if not TOKEN.fullmatch(token):  # can't be a resume token
        raise QuizError(Code.UNAUTHORIZED, "The resume token does not belong to this student.")


def _reply(answer: object, status: int) -> web.Response:
    if isinstance(answer, str):
        return web.Response(text=answer, status=status, headers=_PROMETHEUS)
    body = msgspec.json.encode(answer)
    return web.Response(body=body, status=status, content_type=JSON_TYPE)
