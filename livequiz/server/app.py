"""The composition root: settings to store, service, sockets, REST and one aiohttp application."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from livequiz.db.store import Store
from livequiz.server.delivery import Delivery
from livequiz.server.engine import AsyncServer
from livequiz.server.frames import Frame
from livequiz.server.problems import problems
from livequiz.server.rest import Rest
from livequiz.server.service import Policy, QuizService
from livequiz.server.sockets import Sockets

LARGEST_FRAME = 64 * 1024  # bytes
LARGEST_BODY = 4 * 1024 * 1024  # bytes, for `POST /questions`
SERVICE: web.AppKey[QuizService] = web.AppKey("service", QuizService)


def create_app(store: Store, policy: Policy) -> web.Application:
    """Return the application; the store has to be prepared.

    Args:
        store: Where everything is kept. It is the caller's to close.
        policy: What the person who runs the server decided.
    """
    sio = AsyncServer(
        async_mode="aiohttp",
        # Compression takes a connection from 32 to 127 KB and halves the speed of a fan-out.
        http_compression=False,
        websocket_compression=False,
        max_http_buffer_size=LARGEST_FRAME,
        serializer=Frame,
        ping_interval=10,
        ping_timeout=10,
        logger=_quiet("livequiz.socketio"),
        engineio_logger=_quiet("livequiz.engineio"),
    )
    logging.getLogger("aiohttp.server").addFilter(_is_ours)
    delivery = Delivery(sio)
    service = QuizService(store, delivery, policy)
    Sockets(sio, service, delivery)
    app = web.Application(middlewares=[problems], client_max_size=LARGEST_BODY)
    app[SERVICE] = service
    app.add_routes(Rest(service).routes())
    sio.attach(app)

    async def run(_: web.Application) -> AsyncIterator[None]:
        await service.start()
        yield
        await service.stop()
        await delivery.stop()
        await sio.shutdown()

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
