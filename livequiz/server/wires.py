"""Queues, hooks and hanging up, by the insides of python-engineio 4.

Where another version is made differently, a server with limits does not start.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
from collections.abc import Callable, MutableMapping
from typing import Any, Protocol

import socketio

from livequiz.domain.errors import Code, QuizError
from livequiz.server.lane import Lane, Socket
from livequiz.server.limits import INSTRUCTOR_SHARE, Bounds
from livequiz.server.tasks import Tasks

# What limits lean on, in the library's server and in its Socket.IO server.
HOOKS = (
    *("handlers", "sockets", "create_queue", "generate_id", "reason"),
    *("_async", "_trigger_event", "_handle_connect", "_log_error_once"),
)
HOOKS_OF_SOCKETIO = ("eio", "manager", "environ", "_handle_connect", "_engineio_server_class")
EVENTS = {"connect", "message", "disconnect"}
SID = "livequiz.sid"  # in the environment of a connection's first request


def require_hooks(sio: socketio.AsyncServer) -> None:
    """Make sure that limits can be enforced: one that is not would be noticed by nobody.

    Raises:
        QuizError: `unavailable` if the libraries are made differently.
    """
    eio: Any = getattr(sio, "eio", None)
    missing = [name for name in HOOKS_OF_SOCKETIO if not hasattr(sio, name)]
    missing += [name for name in HOOKS if not hasattr(eio, name)]
    if not missing:
        missing = [name for name in EVENTS if name not in eio.handlers]
        if not hasattr(eio._async.get("websocket"), "wait"):
            missing.append("websocket")
    if missing:
        version = importlib.metadata.version("python-engineio")
        raise QuizError(
            Code.UNAVAILABLE,
            "The limits that keep one client from stopping a class can't be enforced with "
            f"python-engineio {version} ({', '.join(missing)} is not there). Install the versions "
            "that LiveQuiz asks for, or start it with --no-limits where nobody can do harm.",
        )


class Listener(Protocol):
    """Hears of every Engine.IO connection, by its Engine.IO id."""

    def opened(self, sid: str, environ: MutableMapping[str, Any]) -> None:
        """It is there, and nothing was received on it."""

    def received(self, sid: str, data: str | bytes) -> str | bytes | None:
        """A message came; return what to handle in its place, None for nothing."""

    def frame(self, sid: str) -> bool:
        """A frame came that is no message, such as a pong; return whether to handle it."""

    def closed(self, sid: str) -> None:
        """It is gone."""


class Outgoing(asyncio.Queue[Any]):
    """What waits to be sent to one connection.

    The library's writer takes all of it at once, so that up to twice the bounds may wait.

    Args:
        bounds: How much may wait. What is over them is thrown away: the connection is dropped.
        overflow: Is called once, with the connection's id.
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
        # One message alone may be of any size: the snapshot of a large class is.
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


class Wires:
    """The Engine.IO connections under a Socket.IO server.

    Args:
        sio: The server, before it has any connection.
        bounds: What may wait for each connection.
        tasks: Where connections are closed.
        lane: Its fast path, if it has one.
    """

    def __init__(
        self, sio: socketio.AsyncServer, bounds: Bounds, tasks: Tasks, lane: Lane | None = None
    ) -> None:
        self._eio = sio.eio
        self._lane = lane
        self._bounds = bounds
        self._wide = bounds.times(INSTRUCTOR_SHARE)
        self._tasks = tasks
        self.overflowed: Callable[[str], None] = self.end
        self._eio.create_queue = lambda *_, **__: Outgoing(bounds, self._overflow)
        if lane is not None:
            lane.overflowed = self._overflow

    def listen(self, listener: Listener) -> None:
        """Tell a listener of every connection and message, before the library hears of it."""
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
            self._sockets.pop(sid, None)  # which the library does some seconds later

        for event, handler in (
            ("connect", connect),
            ("message", message),
            ("disconnect", disconnect),
        ):
            self._eio.on(event, handler)
        self._eio.heard = listener.frame
        self._count_frames(listener)
        if self._lane is not None:
            self._lane.hearer, self._lane.plain = listener, before["message"]

    def _count_frames(self, listener: Listener) -> None:
        driver = self._eio._async
        websocket: Any = driver["websocket"]

        class Counted(websocket):  # type: ignore[misc]
            async def wait(self) -> Any:
                data = await super().wait()
                sid = self.environ.get(SID) or self.environ["aiohttp.request"].query.get("sid", "")
                message = isinstance(data, bytes) or data.startswith("4")
                if not message and not listener.frame(sid):
                    raise OSError  # as the library does where a connection ends
                return data

        self._eio._async = {**driver, "websocket": Counted}  # the module's own is shared

    @property
    def _sockets(self) -> dict[str, Any]:
        found: dict[str, Any] = getattr(self._eio, "sockets", {})
        return found

    def end(self, sid: str, transport: asyncio.Transport | None = None) -> None:
        """Hang up, without waiting for a client that does not read.

        Args:
            sid: Whom.
            transport: Of its WebSocket, if it has one.
        """
        if transport is not None:
            transport.abort()
        socket = self._sockets.pop(sid, None)
        if socket is not None:
            self._tasks.spawn(self._close(sid, socket), f"hang-up-{sid}")

    async def _close(self, sid: str, socket: Any) -> None:
        queue = getattr(socket, "queue", None)
        if isinstance(queue, Outgoing):
            queue.put_nowait(None)  # the end, for the writer or the poll that waits for it
        await socket.close(wait=False, abort=True)

    def widen(self, sid: str) -> None:
        """Let as much wait for a connection as an instructor needs."""
        if (buffer := self._buffer(sid)) is not None:
            buffer.bounds = self._wide

    def upgraded(self, sid: str) -> bool:
        """Whether a connection is a WebSocket, or gone."""
        return bool(getattr(self._sockets.get(sid), "upgraded", True))

    def ends_with_websocket(self, sid: str) -> bool:
        """Whether nothing can be left of a connection whose WebSocket ended.

        The library never ends an upgrade that broke: polls are then answered at once, with nothing.
        """
        return self.upgraded(sid) or bool(getattr(self._sockets.get(sid), "upgrading", True))

    def _buffer(self, sid: str) -> Outgoing | Socket | None:
        """Return where what is sent to a connection waits."""
        socket = self._sockets.get(sid)
        buffer = socket if isinstance(socket, Socket) else getattr(socket, "queue", None)
        return buffer if isinstance(buffer, Outgoing | Socket) else None

    def _overflow(self, sid: str) -> None:
        self.overflowed(sid)
