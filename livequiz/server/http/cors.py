"""CORS: web pages from other origins may use the server only if they are allowed.

Browsers send a page's origin in `Origin`; terminal clients and scripts send none. The middleware
covers both REST and Socket.IO. python-engineio's own check is off: it does not cover REST, takes
a TLS server for `http`, and trusts `X-Forwarded-*` from any client.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from livequiz.domain.errors import Code, QuizError
from livequiz.server.http.problems import problem

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

DEFAULT_PORTS = {"http": 80, "https": 443}
# No `Access-Control-Allow-Credentials`: the server does not use cookies.
PREFLIGHT = {
    hdrs.ACCESS_CONTROL_ALLOW_METHODS: "GET, POST",
    hdrs.ACCESS_CONTROL_ALLOW_HEADERS: "Authorization, Content-Type",
    hdrs.ACCESS_CONTROL_MAX_AGE: "600",  # seconds
}


def parse_origins(origins: Iterable[str]) -> frozenset[str]:
    """Return the normalized form of origins from the settings, like `https://quiz.example`.

    Raises:
        QuizError: `bad_request` if one of them is not an origin.
    """
    return frozenset(_named(origin) for origin in origins)


def cors_middleware(allowed: frozenset[str]) -> Middleware:
    """Return the middleware; it must be the outermost, so that pages can read errors too.

    Args:
        allowed: Other origins whose pages may use the server, from `parse_origins`.
    """

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not _admits(request, allowed):
            message = "Web pages from other origins can't use this server; see --cors-origin."
            return _varying(problem(Code.FORBIDDEN, 403, message, None))
        if _is_preflight(request):
            return _varying(_readable(request, web.Response(status=204, headers=PREFLIGHT)))
        response = await handler(request)
        # A WebSocket's headers are already sent, and browsers don't need CORS headers there.
        return response if response.prepared else _varying(_readable(request, response))

    return check


def normalize_origin(origin: str) -> str | None:
    """Return an origin in canonical form, or None if it is not one (like `null` or `*`)."""
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
    if (parse_origins := normalize_origin(origin)) is None:
        message = (
            f"--cors-origin {origin!r} is not an origin; use one such as https://quiz.example."
        )
        raise QuizError(Code.BAD_REQUEST, message, "cors_origin")
    return parse_origins


def _admits(request: web.Request, allowed: frozenset[str]) -> bool:
    sent = request.headers.getall(hdrs.ORIGIN, [])
    if not sent:
        return True
    origin = normalize_origin(sent[0]) if len(sent) == 1 else None
    own = normalize_origin(f"{request.scheme}://{request.host}")
    return origin is not None and (origin == own or origin in allowed)


def _is_preflight(request: web.Request) -> bool:
    asks = hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers
    return request.method == hdrs.METH_OPTIONS and hdrs.ORIGIN in request.headers and asks


def _readable(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Allow the requesting origin, never `*`, to read the response."""
    if origin := request.headers.get(hdrs.ORIGIN):
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
    return response


def _varying(response: web.StreamResponse) -> web.StreamResponse:
    """Add `Vary: Origin`, so that caches don't serve one origin's response to another."""
    response.headers.add(hdrs.VARY, hdrs.ORIGIN)
    return response
