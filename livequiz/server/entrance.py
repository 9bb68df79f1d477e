"""The first that a request meets: the limits of its address, and an end for what is broken."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from livequiz.domain.errors import Code
from livequiz.server.gate import CONNECTION, Connection, Gate, is_websocket
from livequiz.server.guessing import Guessing
from livequiz.server.parameters import bearer
from livequiz.server.problems import problem
from livequiz.server.wires import Wires

log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SOCKETS, API = "/socket.io/", "/api/"
RETRY_AFTER = "10"  # seconds; a bucket that is empty has some by then


class Entrance:
    """The middleware around everything.

    Args:
        gate: Knows the connections.
        guessing: Judges wrong tokens.
        wires: Knows what became of a connection.
    """

    def __init__(self, gate: Gate, guessing: Guessing, wires: Wires) -> None:
        self._gate = gate
        self._guessing = guessing
        self._wires = wires

    def middleware(self) -> Any:
        """Return what aiohttp calls with every request."""

        @web.middleware
        async def entrance(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.path == SOCKETS:
                return await self._connect(request, handler)
            source = self._gate.source(request)
            if not (self._guessing.is_instructor(bearer(request)) or source.asks(self._gate.now())):
                return slow_down()
            if not request.path.startswith(API) or "Authorization" not in request.headers:
                return await handler(request)
            response = await self._with_token(request, handler)
            if response.status < 400:
                source.asked_rightly()
            return response

        return entrance

    async def _with_token(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        source = self._gate.source(request)
        attempt = self._guessing.begin(source)
        if not attempt.checked:
            return slow_down()
        response = await handler(request)
        if response.status != 401:
            attempt.right()
            return response
        return slow_down() if attempt.wrong() else response

    async def _connect(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        sid = request.query.get("sid")
        if sid is None:
            return await self._serve(request, handler) if self._gate.admits(request) else busy()
        connection = self._gate.get(sid)
        if connection is None:
            return await handler(request)  # which refuses it
        if connection.requests >= self._gate.limits.requests or not _may(request, connection):
            return slow_down()
        if request.method == "POST" and not self._gate.frame(sid):
            return slow_down()
        request[CONNECTION] = connection
        connection.requests += 1
        try:
            return await self._serve(request, handler)
        finally:
            connection.requests -= 1

    async def _serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Handle a request; a WebSocket that ended leaves nothing behind, however it ended."""
        try:
            response = await handler(request)
        except (web.HTTPException, ConnectionError):
            self._ended(request)
            raise
        except Exception as error:  # noqa: BLE001  (the library reads frames outside of any try)
            log.warning("A frame of %s can't be read: %s", request.remote, type(error).__name__)
            self._ended(request)
            return web.Response(status=400)
        if is_websocket(request) and self._over(request):
            self._ended(request)
        if not isinstance(response, web.StreamResponse):
            return self._half_a_handshake(request)
        return response

    def _half_a_handshake(self, request: web.Request) -> web.Response:
        """Refuse what asks for a WebSocket but is no handshake; the library takes it for a poll."""
        if (connection := request.get(CONNECTION)) is not None:
            connection.transport = None  # it is still needed, to say no
        self._ended(request)
        return web.Response(status=400)

    def _over(self, request: web.Request) -> bool:
        connection = request.get(CONNECTION)
        return connection is not None and self._wires.ends_with_websocket(connection.sid)

    def _ended(self, request: web.Request) -> None:
        if (connection := request.get(CONNECTION)) is not None:
            self._gate.drop(connection, "its connection broke")


def _may(request: web.Request, connection: Connection) -> bool:
    """Whether a request may use a session; it may be upgraded once, and not twice at a time."""
    if not is_websocket(request):
        return True
    if connection.transport is not None and not connection.transport.is_closing():
        return False
    connection.transport = request.transport
    return True


def slow_down() -> web.Response:
    """Return the answer to who asks too much, or too much of what is wrong."""
    message = "Too many requests came from this network. Please wait a little."
    response = problem(Code.RATE_LIMITED, 429, message, None)
    response.headers["Retry-After"] = RETRY_AFTER
    return response


def busy() -> web.Response:
    """Return the answer to a connection that can't be opened now."""
    message = "Too many connections were opened. Please wait a little."
    response = problem(Code.RATE_LIMITED, 503, message, None)
    response.headers["Retry-After"] = RETRY_AFTER
    return response
