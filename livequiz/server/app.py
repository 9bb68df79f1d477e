"""The composition root: wires service, sockets and REST into one aiohttp application."""

from __future__ import annotations

import logging
import math
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from livequiz.db.store import Store
from livequiz.server.background import Tasks
from livequiz.server.http.audit_requests import audit_middleware
from livequiz.server.http.cors import cors_middleware
from livequiz.server.http.page import Page
from livequiz.server.http.problems import problems
from livequiz.server.http.routes import RestApi
from livequiz.server.limits import LARGEST_FRAME
from livequiz.server.middleware import RateLimitMiddleware
from livequiz.server.quiz.audit_log import Audit, no_audit
from livequiz.server.quiz.service import Clock, Policy, QuizService, utc_now
from livequiz.server.socketio.brute_force import BruteForceGuard
from livequiz.server.socketio.emitter import Emitter
from livequiz.server.socketio.events import SocketEvents
from livequiz.server.socketio.session import ConnectionSession
from livequiz.server.transport.connections import ConnectionRegistry
from livequiz.server.transport.engineio_hooks import EngineIOHooks, require_hooks
from livequiz.server.transport.engineio_server import AsyncServer
from livequiz.server.transport.fast_sockets import FastSockets
from livequiz.server.transport.fast_websocket import WebSocketFastPath
from livequiz.server.transport.heartbeat import PING_INTERVAL, PING_TIMEOUT
from livequiz.server.transport.packets import TolerantPacket
from livequiz.server.transport.room_index import RoomIndex

SERVICE: web.AppKey[QuizService] = web.AppKey("service", QuizService)
REGISTRY: web.AppKey[ConnectionRegistry] = web.AppKey("registry", ConnectionRegistry)
SESSIONS: web.AppKey[dict[str, ConnectionSession]] = web.AppKey("sessions", dict)
FAST_SOCKETS: web.AppKey[FastSockets] = web.AppKey("fast_sockets", FastSockets)
SOCKETIO: web.AppKey[AsyncServer] = web.AppKey("socketio", AsyncServer)


def make_runner(app: web.Application, **options: Any) -> web.AppRunner:
    """Return an aiohttp runner for the application; the options are aiohttp's.

    A connection that is idle or has not sent a complete request is kept as long as one that has
    not joined.
    """
    options.setdefault("logger", logging.getLogger("aiohttp.server")).addFilter(_is_ours)
    within = app[REGISTRY].limits.join_within
    if math.isfinite(within):
        options["keepalive_timeout"] = within
    # aiohttp would decompress a body before any handler has decided whether to read it.
    return web.AppRunner(app, access_log=None, auto_decompress=False, **options)


def create_app(
    store: Store,
    policy: Policy,
    cors_origins: frozenset[str] = frozenset(),
    now: Clock = utc_now,
    *,
    audit: Audit = no_audit,
    fast: bool = True,
) -> web.Application:
    """Return the application.

    Args:
        store: An open store; the caller closes it.
        policy: The operator's settings.
        cors_origins: Other origins whose web pages may use the server, from `cors.parse_origins`.
        now: The clock: aware UTC, in whole milliseconds.
        audit: Writes audit log entries.
        fast: Whether WebSockets use the fast path; see `fast_websocket`.

    Raises:
        QuizError: `unavailable` if the installed libraries don't allow limits to be enforced.
    """
    sio = AsyncServer(
        async_mode="aiohttp",
        # Compression raises memory per connection from 32 to 127 KB and halves fan-out speed.
        http_compression=False,
        websocket_compression=False,
        max_http_buffer_size=LARGEST_FRAME,
        serializer=TolerantPacket,
        client_manager=RoomIndex(),
        cors_allowed_origins=[],  # disables its own check: `cors_middleware` does it
        ping_interval=PING_INTERVAL,
        ping_timeout=PING_TIMEOUT,
        logger=_quiet("livequiz.socketio"),
        engineio_logger=_quiet("livequiz.engineio"),
    )
    if policy.limits.enforced:
        require_hooks(sio)
    ends = Tasks()
    hooks = EngineIOHooks(sio, policy.limits.outgoing, ends)
    registry = ConnectionRegistry(policy.limits, hooks)
    sockets = (
        FastSockets(sio.eio, policy.limits.outgoing, ends, registry.overflowed) if fast else None
    )
    emitter = Emitter(sio, sockets)
    service = QuizService(store, emitter, policy, now=now, audit=audit)
    brute_force = BruteForceGuard(registry, service)
    sessions: dict[str, ConnectionSession] = {}
    socket_events = SocketEvents(
        *(sio, service, emitter, registry, brute_force), sessions=sessions, sockets=sockets
    )
    if sockets is not None:
        fast_path = WebSocketFastPath(sio.eio, sockets, registry, socket_events.take)
        sio.eio.on("websocket", fast_path.serve)
    hooks.listen(registry)
    rate_limit = RateLimitMiddleware(registry, brute_force, hooks).middleware()
    middlewares = [cors_middleware(cors_origins), rate_limit, problems, audit_middleware(service)]
    app = web.Application(middlewares=middlewares)
    app[SERVICE], app[REGISTRY], app[SOCKETIO] = service, registry, sio
    app[SESSIONS] = sessions
    if sockets is not None:
        app[FAST_SOCKETS] = sockets
    app.add_routes([*RestApi(service, sessions).routes(), *Page().routes()])
    sio.attach(app)

    async def run(_: web.Application) -> AsyncIterator[None]:
        await service.start()
        service.tasks.spawn(registry.run(), "unjoined-connections")
        yield
        await service.stop()
        await emitter.stop()
        await sio.shutdown()
        await ends.cancel()

    app.cleanup_ctx.append(run)
    return app


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether a log record is about more than a malformed HTTP request."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError | web.RequestPayloadError)


def _quiet(name: str) -> logging.Logger:
    """Return a logger for errors only, not for every packet."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.ERROR)
    return logger
