"""Which web pages may use the server: its own, and those that whoever runs it named.

A browser says in `Origin` where a page comes from; terminals and scripts send none. This stands
before REST and Socket.IO alike. The check of python-engineio is switched off: it knows nothing
of REST, takes a server with TLS for `http`, and believes anybody's `X-Forwarded-*`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from livequiz.domain.errors import Code, QuizError
from livequiz.server.problems import problem

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

DEFAULT_PORTS = {"http": 80, "https": 443}
# No `Access-Control-Allow-Credentials`: nothing here looks at cookies.
PREFLIGHT = {
    hdrs.ACCESS_CONTROL_ALLOW_METHODS: "GET, POST",
    hdrs.ACCESS_CONTROL_ALLOW_HEADERS: "Authorization, Content-Type",
    hdrs.ACCESS_CONTROL_MAX_AGE: "600",  # seconds
}


def named(origins: Iterable[str]) -> frozenset[str]:
    """Return origins as a person named them, such as `https://quiz.example`, fit to compare.

    Raises:
        QuizError: `bad_request` if one of them is no origin.
    """
    return frozenset(_named(origin) for origin in origins)


def guard(allowed: frozenset[str]) -> Middleware:
    """Return the middleware; it has to be the outermost, so that errors can be read, too.

    Args:
        allowed: Other origins whose pages may use the server, from `named`.
    """

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not _admits(request, allowed):
            return _varying(_refusal())
        if _is_preflight(request):
            return _varying(_readable(request, web.Response(status=204, headers=PREFLIGHT)))
        response = await handler(request)
        # A WebSocket's headers are on their way already, and no browser asks for any.
        return response if response.prepared else _varying(_readable(request, response))

    return check


def normal(origin: str) -> str | None:
    """Return an origin in the one form in which two compare; None if it is none (`null`, `*`)."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    surplus = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or surplus or not origin.isascii():
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{DEFAULT_PORTS[parts.scheme] if port is None else port}"


def _named(origin: str) -> str:
    if (named := normal(origin)) is None:
        message = f"--cors-origin {origin!r} is not an origin; it looks like https://quiz.example."
        raise QuizError(Code.BAD_REQUEST, message, "cors_origin")
    return named


def _admits(request: web.Request, allowed: frozenset[str]) -> bool:
    sent = request.headers.getall(hdrs.ORIGIN, [])
    if not sent:
        return True
    origin = normal(sent[0]) if len(sent) == 1 else None
    own = normal(f"{request.scheme}://{request.host}")
    return origin is not None and (origin == own or origin in allowed)


def _is_preflight(request: web.Request) -> bool:
    asks = hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers
    return request.method == hdrs.METH_OPTIONS and hdrs.ORIGIN in request.headers and asks


def _refusal() -> web.Response:
    message = "Web pages of other origins may not use this server; see --cors-origin."
    return problem(Code.FORBIDDEN, 403, message, None)


def _readable(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Let the page read the response: the one that asked, never `*`."""
    if origin := request.headers.get(hdrs.ORIGIN):
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
    return response


def _varying(response: web.StreamResponse) -> web.StreamResponse:
    """Keep caches from giving one origin what was meant for another."""
    response.headers.add(hdrs.VARY, hdrs.ORIGIN)
    return response
