"""REST handler parameters, derived from the handler's signature: names, types and defaults.

A parameter that the path names comes from the path, `body` from the body, `bearer` is the bearer
token, and all others come from the query.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import hdrs, web

from livequiz.domain.errors import Code, QuizError
from livequiz.protocol.codec import decode, decode_id, decode_json
from livequiz.protocol.requests import SubmitAnswer
from livequiz.protocol.resources import QuestionsRequest
from livequiz.server.http.question_lists import decode_questions
from livequiz.server.transport.packets import TolerantJson
from livequiz.server.transport.request_bodies import read_body

_NUMBER = re.compile(r"[0-9]{1,10}")

BODY_WITHIN = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a handler.

    Attributes:
        name: The parameter's name, in the signature and on the wire.
        kind: The type to decode it as.
        default: The value of a query parameter that is absent or empty.
        location: `path`, `query`, `body` or `bearer`.
    """

    name: str
    kind: Any
    default: Any
    location: str

    async def read(self, request: web.Request, largest: int, *, packed: bool) -> Any:
        """Decode the parameter's value from a request.

        Args:
            request: The request to read.
            largest: Size limit of a body, in bytes.
            packed: Whether a body may be compressed.

        Raises:
            QuizError: `bad_request`, with the invalid field.
        """
        match self.location:
            case "path":
                return decode_id(request.match_info[self.name], self.kind, self.name)
            case "body":
                return await _body(request, self.kind, largest, packed=packed)
            case "bearer":
                return bearer(request)
            case _:
                return self._query(request.query.get(self.name))

    def _query(self, raw: str | None) -> Any:
        if not raw:
            return self.default
        is_number = isinstance(self.default, int) and _NUMBER.fullmatch(raw)
        return decode_id(int(raw) if is_number else raw, self.kind, self.name)


def parameters_of(handler: Callable[..., Any], path: str) -> list[Parameter]:
    """Return the parameters of a handler, given its route's path."""
    signature = inspect.signature(handler, eval_str=True)
    return [
        Parameter(name, found.annotation, found.default, _location(name, path))
        for name, found in signature.parameters.items()
    ]


def bearer(request: web.Request) -> str | None:
    """Return the bearer token of a request, if any."""
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _location(name: str, path: str) -> str:
    if f"{{{name}}}" in path:
        return "path"
    return name if name in {"body", "bearer"} else "query"


async def _body(request: web.Request, kind: type[Any], largest: int, *, packed: bool) -> Any:
    try:
        content = await read_body(request, largest, BODY_WITHIN, packed=packed)
    except web.HTTPRequestTimeout:
        message = f"The body did not arrive within {BODY_WITHIN:g} seconds; send it again."
        raise QuizError(Code.BAD_REQUEST, message) from None
    except ConnectionError:
        raise QuizError(Code.BAD_REQUEST, "The body is incomplete.") from None
    if issubclass(kind, QuestionsRequest):
        return await decode_questions(content or b"{}")
    return _decoded(content or b"{}", kind)


def _decoded(content: bytes, kind: type[Any]) -> Any:
    if not issubclass(kind, SubmitAnswer):
        return decode_json(content, kind)
    # Many programs write NaN for a missing time; that must not reject an answer.
    try:
        raw = TolerantJson.loads(content.decode())
    except (ValueError, RecursionError):
        raise QuizError(Code.BAD_REQUEST, "The body is not valid JSON.") from None
    return decode(raw, kind)
