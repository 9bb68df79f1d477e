"""The composition root: settings to store, service, sockets, REST and one aiohttp application."""

from __future__ import annotations

import logging
import math
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from livequiz.db.store import Store
from livequiz.server.audit_rest import audit_rest
from livequiz.server.delivery import Delivery
from livequiz.server.engine import AsyncServer
from livequiz.server.entrance import Entrance
from livequiz.server.frames import Frame
from livequiz.server.gate import Gate
from livequiz.server.guessing import Guessing
from livequiz.server.lane import Lane
from livequiz.server.manager import Manager
from livequiz.server.origins import guard
from livequiz.server.problems import problems
from livequiz.server.rest import Rest
from livequiz.server.service import Clock, Policy, QuizService, utc_now
from livequiz.server.sockets import Sockets
from livequiz.server.tasks import Tasks
from livequiz.server.wires import Wires, require_hooks

LARGEST_FRAME = 64 * 1024  # bytes
SERVICE: web.AppKey[QuizService] = web.AppKey("service", QuizService)
GATE: web.AppKey[Gate] = web.AppKey("gate", Gate)
SOCKETIO: web.AppKey[AsyncServer] = web.AppKey("socketio", AsyncServer)


def make_runner(app: web.Application, **options: Any) -> web.AppRunner:
    """Return what serves the application; the options are aiohttp's.

    A connection that has not sent a whole request, or is between two, may stay as long as one
    that joins nothing.
    """
    options.setdefault("logger", logging.getLogger("aiohttp.server")).addFilter(_is_ours)
    within = app[GATE].limits.join_within
    if math.isfinite(within):
        options["keepalive_timeout"] = within
    # A packed body would be unpacked before anybody has decided whether to read it.
    return web.AppRunner(app, access_log=None, auto_decompress=False, **options)


def create_app(
    store: Store,
    policy: Policy,
    cors_origins: frozenset[str] = frozenset(),
    now: Clock = utc_now,
    *,
    fast: bool = True,
) -> web.Application:
    """Return the application; the store has to be prepared.

    Args:
        store: Where everything is kept. It is the caller's to close.
        policy: What the person who runs the server decided.
        cors_origins: Other origins whose web pages may use the server, from `origins.named`.
        now: The clock: aware UTC, in whole milliseconds.
        fast: Whether WebSockets go past the library's queues, as `lane` says.

    Raises:
        QuizError: `unavailable` if limits can't be enforced with the libraries that are installed.
    """
    sio = AsyncServer(
        async_mode="aiohttp",
        # Compression takes a connection from 32 to 127 KB and halves the speed of a fan-out.
        http_compression=False,
        websocket_compression=False,
        max_http_buffer_size=LARGEST_FRAME,
        serializer=Frame,
        client_manager=Manager(),
        cors_allowed_origins=[],  # no check of its own: `guard` stands before it
        ping_interval=10,
        ping_timeout=10,
        logger=_quiet("livequiz.socketio"),
        engineio_logger=_quiet("livequiz.engineio"),
    )
    if policy.limits.enforced:
        require_hooks(sio)
    ends = Tasks()
    lane = sio.eio.lane = Lane(sio.eio, policy.limits.outgoing, ends) if fast else None
    delivery = Delivery(sio, lane)
    service = QuizService(store, delivery, policy, now=now)
    wires = Wires(sio, policy.limits.outgoing, ends, lane)
    gate = Gate(policy.limits, wires)
    guessing = Guessing(gate, service)
    Sockets(sio, service, delivery, gate, guessing, lane=lane)
    entrance = Entrance(gate, guessing, wires).middleware()
    middlewares = [guard(cors_origins), entrance, problems, audit_rest(service)]
    app = web.Application(middlewares=middlewares)
    app[SERVICE], app[GATE], app[SOCKETIO] = service, gate, sio
    app.add_routes(Rest(service).routes())
    sio.attach(app)

    async def run(_: web.Application) -> AsyncIterator[None]:
        await service.start()
        service.tasks.spawn(gate.run(), "gate")
        yield
        await service.stop()
        await delivery.stop()
        await sio.shutdown()
        await ends.cancel()

    app.cleanup_ctx.append(run)
    return app


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether a record tells of more than a client that does not speak HTTP."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError | web.RequestPayloadError)


def _quiet(name: str) -> logging.Logger:
    """Return a logger that tells of failures only, not of every packet."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.ERROR)
    return logger
