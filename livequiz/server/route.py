"""One route of the REST API: who may use it, what it takes, answers and refuses."""

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
from livequiz.server.parameters import Parameter, bearer, parameters_of
from livequiz.server.people import OWN_TOKEN as TOKEN
from livequiz.server.problems import FAILED, PACKED, STATUS, TOO_LARGE
from livequiz.server.service import QuizService

TEXT_TYPE = "text/plain"
JSON_TYPE = "application/json"
_PROMETHEUS = {"Content-Type": f"{TEXT_TYPE}; version=0.0.4"}


class Access(Enum):
    """Who may use a route, and so what its bearer has to be."""

    OPEN = None
    INSTRUCTOR = "The instructor token, which `livequiz serve` shows."
    STUDENT = "The student's own resume token, which `joined` carries."


@dataclass(frozen=True)
class Route:
    """One route; its parameters and the type of its answer are those of the handler's signature.

    Attributes:
        method: `GET` or `POST`.
        path: With the names of its parameters in braces.
        handler: Takes the parameters, decoded, and returns what is encoded as the answer.
        access: Who may use it.
        refuses: The codes with which the handler refuses, beside those that the parameters and
            the access bring along.
        status: Of an answer that is no refusal.
        largest: Bytes of a body.
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
        """What it takes."""
        return parameters_of(self.handler, self.path)

    @property
    def answers(self) -> Any:
        """The type that it answers with."""
        return inspect.signature(self.handler, eval_str=True).return_annotation

    @property
    def refusals(self) -> dict[int, list[Code]]:
        """The codes of all problems that it may answer with, by their status."""
        codes = [*self.refuses]
        if self.access is not Access.OPEN:
            codes = [Code.UNAUTHORIZED, *codes, Code.RATE_LIMITED, Code.UNAVAILABLE]
        if self.parameters:
            codes = [Code.BAD_REQUEST, *codes]
        found: dict[int, list[Code]] = {}
        for code in codes:
            found.setdefault(STATUS[code], []).append(code)
        if any(parameter.place == "body" for parameter in self.parameters):
            found[TOO_LARGE] = found[PACKED] = [Code.BAD_REQUEST]
        if self.access is not Access.OPEN:
            found[FAILED] = [Code.UNAVAILABLE]
        return found

    def definition(self, service: QuizService) -> web.RouteDef:
        """Return it as aiohttp wants it; the service knows the token."""

        async def serve(request: web.Request) -> web.Response:
            if self.access is Access.INSTRUCTOR:
                service.require_instructor(bearer(request))
            return await self._serve(request)

        return web.route(self.method, self.path, serve)

    async def _serve(self, request: web.Request) -> web.Response:
        packed = self.access is Access.INSTRUCTOR
        given = {}
        # The body comes last: by then it is known as far as possible who asks.
        for each in sorted(self.parameters, key=lambda each: each.place == "body"):
            if each.place == "body" and self.access is Access.STUDENT:
                _need_resume_token(bearer(request))
            given[each.name] = await each.read(request, self.largest, packed=packed)
        return _reply(await self.handler(**given), self.status)


def _need_resume_token(token: str | None) -> None:
    if token is None:
        raise QuizError(Code.UNAUTHORIZED, "The resume token is missing.")
    if not TOKEN.fullmatch(token):  # no server gave it to anybody
        raise QuizError(Code.UNAUTHORIZED, "The resume token is not this student's.")


def _reply(answer: object, status: int) -> web.Response:
    if isinstance(answer, str):
        return web.Response(text=answer, status=status, headers=_PROMETHEUS)
    body = msgspec.json.encode(answer)
    return web.Response(body=body, status=status, content_type=JSON_TYPE)
