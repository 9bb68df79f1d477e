"""Rate-limit middleware: enforces the limits of an address, and cleans up broken connections."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from livequiz.domain.errors import Code
from livequiz.server.http.page import PAGE, PAGES
from livequiz.server.http.parameters import bearer
from livequiz.server.http.problems import problem
from livequiz.server.socketio.brute_force import BruteForceGuard
from livequiz.server.transport.client_addresses import address_of
from livequiz.server.transport.connections import (
    CONNECTION,
    Connection,
    ConnectionRegistry,
    is_websocket,
)
from livequiz.server.transport.engineio_hooks import EngineIOHooks

log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SOCKETS, API = "/socket.io/", "/api/"
RETRY_AFTER = "10"  # seconds; long enough to refill some of the token bucket


class RateLimitMiddleware:
    """The rate limits for all requests.

    Args:
        registry: Provides connections and addresses.
        brute_force: Limits guesses of tokens.
        hooks: Tells whether a closed WebSocket's connection can be forgotten.
    """

    def __init__(
        self, registry: ConnectionRegistry, brute_force: BruteForceGuard, hooks: EngineIOHooks
    ) -> None:
        self._registry = registry
        self._brute_force = brute_force
        self._hooks = hooks

    def middleware(self) -> Any:
        """Return the aiohttp middleware."""

        @web.middleware
        async def rate_limit(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.path == SOCKETS:
                return await self._connect(request, handler)
            if request.path in PAGES or request.path.startswith(PAGE):
                # A file costs no more than a refusal, which would keep a class out of the page.
                return await handler(request)
            source = self._registry.source(request)
            if not (
                self._brute_force.is_instructor(bearer(request))
                or source.takes_request(self._registry.now())
            ):
                return too_many_requests()
            if not request.path.startswith(API) or "Authorization" not in request.headers:
                return await handler(request)
            response = await self._with_token(request, handler)
            if response.status < 400:
                source.asked_rightly()
            return response

        return rate_limit

    async def _with_token(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        source = self._registry.source(request)
        attempt = self._brute_force.begin(source)
        if not attempt.checked:
            return too_many_requests()
        response = await handler(request)
        if response.status != 401:
            attempt.right()
            return response
        return too_many_requests() if attempt.wrong() else response

    async def _connect(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        sid = request.query.get("sid")
        if sid is None:
            return (
                await self._serve(request, handler)
                if self._registry.admits(request)
                else too_many_connections()
            )
        connection = self._registry.get(sid)
        if connection is None:
            return await handler(request)  # Engine.IO refuses the unknown id
        if connection.requests >= self._registry.limits.requests or not _may(request, connection):
            return too_many_requests()
        if request.method == "POST" and not self._registry.frame(sid):
            return too_many_requests()
        request[CONNECTION] = connection
        connection.requests += 1
        try:
            return await self._serve(request, handler)
        finally:
            connection.requests -= 1

    async def _serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Handle a request; drop the connection of a WebSocket that ended, however it ended."""
        try:
            response = await handler(request)
        except (web.HTTPException, ConnectionError):
            self._ended(request)
            raise
        except Exception as error:  # noqa: BLE001  (the library reads frames outside of any try)
            log.warning(
                "A frame from %s can't be read: %s", address_of(request), type(error).__name__
            )
            self._ended(request)
            return web.Response(status=400)
        if is_websocket(request) and self._over(request):
            self._ended(request)
        if not isinstance(response, web.StreamResponse):
            return self._half_a_handshake(request)
        return response

    def _half_a_handshake(self, request: web.Request) -> web.Response:
        """Refuse an invalid WebSocket handshake, which the library takes for a poll."""
        if (connection := request.get(CONNECTION)) is not None:
            connection.transport = None  # don't abort it: the refusal is still to be sent
        self._ended(request)
        return web.Response(status=400)

    def _over(self, request: web.Request) -> bool:
        connection = request.get(CONNECTION)
        return connection is not None and self._hooks.ends_with_websocket(connection.sid)

    def _ended(self, request: web.Request) -> None:
        if (connection := request.get(CONNECTION)) is not None:
            self._registry.drop(connection, "its connection broke")


def _may(request: web.Request, connection: Connection) -> bool:
    """Whether a request may use a connection; only one upgrade at a time is allowed."""
    if not is_websocket(request):
        return True
    if connection.transport is not None and not connection.transport.is_closing():
        return False
    connection.transport = request.transport
    return True


def too_many_requests() -> web.Response:
    """Return the 429 response for too many requests, or too many wrong tokens."""
    message = "Too many requests came from this network. Please wait a little."
    response = problem(Code.RATE_LIMITED, 429, message, None)
    response.headers["Retry-After"] = RETRY_AFTER
    return response


def too_many_connections() -> web.Response:
    """Return the 503 response for a connection that can't be opened now."""
    message = "Too many connections were opened. Please wait a little."
    response = problem(Code.RATE_LIMITED, 503, message, None)
    response.headers["Retry-After"] = RETRY_AFTER
    return response
