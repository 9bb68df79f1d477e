"""Bounded send queues, hooks and forced closes, through python-engineio 4 internals.

If an installed version lacks those internals, a server with limits refuses to start.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any, Protocol

import engineio
import socketio
from engineio.async_drivers import aiohttp as driver
from engineio.async_socket import AsyncSocket

from livequiz.domain.errors import Code, QuizError
from livequiz.server.background import Tasks
from livequiz.server.limits import INSTRUCTOR_SHARE, Bounds
from livequiz.server.transport.fast_sockets import FastSocket

# The private names that limits rely on: of the Engine.IO server, the Socket.IO server, the
# connections and the aiohttp driver.
HOOKS = (
    *("event_names", "handlers", "sockets", "create_queue", "generate_id", "reason"),
    *("_async", "_trigger_event", "_handle_connect", "_log_error_once"),
)
HOOKS_OF_SOCKETIO = ("eio", "manager", "environ", "_handle_connect", "_engineio_server_class")
HOOKS_OF_CONNECTIONS = ("queue", "upgraded", "upgrading", "close")
HOOKS_OF_DRIVER = ("translate_request", "websocket")
HOOKS_OF_WEBSOCKETS = ("wait",)
EVENTS = {"connect", "message", "disconnect"}
SID = "livequiz.sid"  # key in the environ of a connection's first request


def require_hooks(sio: socketio.AsyncServer) -> None:
    """Check that the limits can be enforced: without their hooks, they would silently do nothing.

    Raises:
        QuizError: `unavailable` if the installed libraries lack one of the hooks.
    """
    missing = _gone(sio, socketio.AsyncServer, HOOKS_OF_SOCKETIO)
    if not missing:
        eio: Any = sio.eio
        missing = _gone(eio, engineio.AsyncServer, HOOKS)
    if not missing:
        missing = [name for name in EVENTS if name not in eio.handlers]
        trial = AsyncSocket(eio, "")
        missing += [name for name in HOOKS_OF_CONNECTIONS if not hasattr(trial, name)]
        missing += [name for name in HOOKS_OF_DRIVER if name not in driver._async]
        missing += [name for name in HOOKS_OF_WEBSOCKETS if not hasattr(driver.WebSocket, name)]
    if missing:
        version = importlib.metadata.version("python-engineio")
        raise QuizError(
            Code.UNAVAILABLE,
            "The limits that stop one client from blocking a class don't work with "
            f"python-engineio {version} ({', '.join(missing)} is missing). Install the versions "
            "that LiveQuiz requires, or use --no-limits on a network that you trust.",
        )


def _gone(server: Any, library: type, names: Iterable[str]) -> list[str]:
    """Return the names that the library lacks; a subclass of ours defining one proves nothing."""
    return [name for name in names if name not in vars(server) and not hasattr(library, name)]


class Listener(Protocol):
    """Receives the events of every Engine.IO connection, by its Engine.IO id."""

    def opened(self, sid: str, environ: MutableMapping[str, Any]) -> None:
        """A connection opened; nothing has been received on it yet."""

    def received(self, sid: str, data: str | bytes) -> str | bytes | None:
        """A message arrived; return what to handle instead, or None to ignore it."""

    def frame(self, sid: str) -> bool:
        """A frame that is not a message arrived, like a pong; return whether to handle it."""

    def overflowed(self, sid: str) -> None:
        """A connection is a slow consumer: more is waiting for it than its bounds allow."""

    def closed(self, sid: str) -> None:
        """A connection closed."""


class Outgoing(asyncio.Queue[Any]):
    """The bounded send queue of one connection.

    The library's writer takes the whole queue at once, so up to twice the bounds can be pending.

    Args:
        bounds: How much may wait. Once they are exceeded, further messages are discarded and the
            connection is to be dropped.
        overflow: Called once, with the connection's id.
    """

    def __init__(self, bounds: Bounds, overflow: Callable[[str], None]) -> None:
        super().__init__()
        self.bounds = bounds
        self.size = 0
        self.sid = ""
        self.overflowed = False
        self._overflow = overflow

    def _put(self, item: Any) -> None:
        if item is not None and self.overflowed:
            return
        self.size += _weight(item)
        super()._put(item)
        # A single message may be of any size: a large class's snapshot exceeds the bounds.
        if self.qsize() > self.bounds.messages or self.size - _weight(item) > self.bounds.size:
            self.overflowed = True
            self._overflow(self.sid)

    def _get(self) -> Any:
        item = super()._get()
        self.size -= _weight(item)
        return item


def _weight(item: Any) -> int:
    data = getattr(item, "data", None)
    return len(data) if isinstance(data, str | bytes) else 0


class EngineIOHooks:
    """Hooks into the Engine.IO connections under a Socket.IO server.

    Args:
        sio: The server, before it has any connections.
        bounds: How much may wait to be sent to each connection.
        tasks: Runs the closing of connections in the background.
    """

    def __init__(self, sio: socketio.AsyncServer, bounds: Bounds, tasks: Tasks) -> None:
        self._eio = sio.eio
        self._bounds = bounds
        self._wide = bounds.times(INSTRUCTOR_SHARE)
        self._tasks = tasks

    def listen(self, listener: Listener) -> None:
        """Pass every connection and message to a listener before the library handles it."""
        self._eio.create_queue = lambda *_, **__: Outgoing(self._bounds, listener.overflowed)
        before = self._eio.handlers.copy()

        async def connect(sid: str, environ: MutableMapping[str, Any]) -> Any:
            if isinstance(queue := self._buffer(sid), Outgoing):
                queue.sid = sid
            environ[SID] = sid
            listener.opened(sid, environ)
            return await before["connect"](sid, environ)

        async def message(sid: str, data: str | bytes) -> None:
            if (taken := listener.received(sid, data)) is not None:
                await before["message"](sid, taken)

        async def disconnect(sid: str, reason: str) -> None:
            listener.closed(sid)
            await before["disconnect"](sid, reason)
            self._sockets.pop(sid, None)  # the library does this only seconds later

        for event, handler in (
            ("connect", connect),
            ("message", message),
            ("disconnect", disconnect),
            ("frame", listener.frame),
        ):
            self._eio.on(event, handler)
        self._count_frames(listener)

    def _count_frames(self, listener: Listener) -> None:
        parts = self._eio._async
        websocket: Any = parts["websocket"]

        class Counted(websocket):  # type: ignore[misc]
            async def wait(self) -> Any:
                data = await super().wait()
                sid = self.environ.get(SID) or self.environ["aiohttp.request"].query.get("sid", "")
                message = isinstance(data, bytes) or data.startswith("4")
                if not message and not listener.frame(sid):
                    raise OSError  # the library's own signal that the connection ended
                return data

        self._eio._async = {**parts, "websocket": Counted}  # a copy: the module's dict is shared

    @property
    def _sockets(self) -> dict[str, Any]:
        found: dict[str, Any] = getattr(self._eio, "sockets", {})
        return found

    def end(self, sid: str, transport: asyncio.Transport | None = None) -> None:
        """Close a connection without waiting for a client that does not read.

        Args:
            sid: The connection's id.
            transport: The transport of its WebSocket, if it has one.
        """
        if transport is not None:
            transport.abort()
        socket = self._sockets.pop(sid, None)
        if socket is not None:
            self._tasks.spawn(self._close(sid, socket), f"hang-up-{sid}")

    async def _close(self, sid: str, socket: Any) -> None:
        queue = getattr(socket, "queue", None)
        if isinstance(queue, Outgoing):
            queue.put_nowait(None)  # ends the writer or the poll that waits on the queue
        await socket.close(wait=False, abort=True)

    def widen(self, sid: str) -> None:
        """Give a connection the larger send bounds of an instructor."""
        if (buffer := self._buffer(sid)) is not None:
            buffer.bounds = self._wide

    def upgraded(self, sid: str) -> bool:
        """Whether a connection has been upgraded to a WebSocket, or is gone."""
        return bool(getattr(self._sockets.get(sid), "upgraded", True))

    def ends_with_websocket(self, sid: str) -> bool:
        """Whether a closed WebSocket's connection can be forgotten.

        The library never ends a failed upgrade: it answers further polls at once, with nothing.
        """
        return self.upgraded(sid) or bool(getattr(self._sockets.get(sid), "upgrading", True))

    def _buffer(self, sid: str) -> Outgoing | FastSocket | None:
        """Return the send buffer of a connection."""
        socket = self._sockets.get(sid)
        buffer = socket if isinstance(socket, FastSocket) else getattr(socket, "queue", None)
        return buffer if isinstance(buffer, Outgoing | FastSocket) else None
