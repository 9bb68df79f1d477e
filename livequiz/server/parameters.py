"""What a REST handler takes, read off its signature: names, types and defaults.

A parameter named in the path stands there, `body` is the body, `bearer` the token; all others are
in the query.
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
from livequiz.server.bodies import read_body
from livequiz.server.frames import TolerantJson

_NUMBER = re.compile(r"[0-9]{1,10}")

BODY_WITHIN = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a handler.

    Attributes:
        name: Of the argument, and on the wire.
        kind: The type that it is decoded as.
        default: What a parameter of the query is if it is left out, or empty.
        place: `path`, `query`, `body` or `bearer`.
    """

    name: str
    kind: Any
    default: Any
    place: str

    async def read(self, request: web.Request, largest: int, *, packed: bool) -> Any:
        """Return the argument.

        Args:
            request: Where it stands.
            largest: Bytes of a body.
            packed: Whether a body may be packed.

        Raises:
            QuizError: `bad_request`, with the field that is at fault.
        """
        match self.place:
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
    """Return what a handler of that path takes."""
    signature = inspect.signature(handler, eval_str=True)
    return [
        Parameter(name, found.annotation, found.default, _place(name, path))
        for name, found in signature.parameters.items()
    ]


def bearer(request: web.Request) -> str | None:
    """Return the token of a request, if it carries one."""
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _place(name: str, path: str) -> str:
    if f"{{{name}}}" in path:
        return "path"
    return name if name in {"body", "bearer"} else "query"


async def _body(request: web.Request, kind: type[Any], largest: int, *, packed: bool) -> Any:
    try:
        content = await read_body(request, largest, BODY_WITHIN, packed=packed)
    except web.HTTPRequestTimeout:
        message = f"The body did not come within {BODY_WITHIN:g} seconds; please send it again."
        raise QuizError(Code.BAD_REQUEST, message) from None
    except ConnectionError:
        raise QuizError(Code.BAD_REQUEST, "The body did not come to its end.") from None
    return _decoded(content or b"{}", kind)


def _decoded(content: bytes, kind: type[Any]) -> Any:
    if not issubclass(kind, SubmitAnswer):
        return decode_json(content, kind)
    # A time that is NaN, which many programs write, must not cost an answer.
    try:
        raw = TolerantJson.loads(content.decode())
    except (ValueError, RecursionError):
        raise QuizError(Code.BAD_REQUEST, "The body is not JSON.") from None
    return decode(raw, kind)
