"""The WebSockets of the fast path. Batching: one write per connection and event loop turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import web

from livequiz.protocol.websocket import text_frame
from livequiz.server.background import Tasks
from livequiz.server.limits import Bounds

CLOSE = "1"  # of Engine.IO
EVENT, ACK = b"42", b"43"  # Socket.IO packets, inside an Engine.IO message


class FastSocket:
    """One WebSocket connection; stands in for one of python-engineio's own sockets."""

    __slots__ = (
        "_out",
        "_owner",
        "_transport",
        "_ws",
        "bounds",
        "closed",
        "closing",
        "overflowed",
        "session",
        "sid",
    )
    connected = upgraded = True
    upgrading = False

    def __init__(
        self, owner: FastSockets, sid: str, ws: web.WebSocketResponse, transport: Any
    ) -> None:
        self.sid = sid
        self.bounds = owner.bounds
        self.closed = self.closing = self.overflowed = False
        self.session: dict[str, Any] | None = None
        self._owner = owner
        self._ws = ws
        self._transport: asyncio.Transport = transport
        self._out = b""

    @property
    def size(self) -> int:
        """Bytes waiting to be sent."""
        return len(self._out) + self._transport.get_write_buffer_size()

    def write(self, frames: bytes) -> None:
        """Queue complete frames, to be sent at the end of this event loop turn."""
        if self.closed:
            return
        if not self._out:
            self._owner.flush_soon(self)
        self._out += frames

    def flush(self) -> None:
        """Write the queued frames to the transport; report a slow consumer instead, once."""
        out, self._out = self._out, b""
        # Checked before the write: one message may be of any size, like a large class's snapshot.
        if self._transport.get_write_buffer_size() > self.bounds.size:
            if not self.overflowed:
                self.overflowed = True
                self._owner.overflowed(self.sid)
        elif out and not self._transport.is_closing():
            self._transport.write(out)

    def hang_up(self) -> None:
        """Flush, then close the WebSocket in the background."""
        self.flush()
        self._owner.tasks.spawn(self._ws.close(), f"close-{self.sid}")

    # --- what python-engineio calls ------------------------------------------------------------

    async def send(self, packet: Any) -> None:
        """Send one of the library's packets."""
        encoded = packet.encode()
        self.write(text_frame(encoded.encode() if isinstance(encoded, str) else encoded))

    async def check_ping_timeout(self) -> bool:
        """Whether the connection is open; `Heartbeat` checks the ping timeout."""
        return not self.closed

    async def close(self, wait: bool = True, abort: bool = False, reason: Any = None) -> None:
        """Close the connection.

        Args:
            wait: Ignored.
            abort: Whether to discard queued frames and skip the close packet.
            reason: The reason passed to the application.
        """
        del wait
        if self.closed or self.closing:
            return
        self.closing = True
        await self._owner.ended(self.sid, reason)
        if not abort:
            self.write(text_frame(CLOSE.encode()))
        self.closed = True
        if abort:
            self._out = b""
        else:
            self.hang_up()


class FastSockets:
    """The WebSockets that are written to directly, past the Engine.IO server's queues.

    Args:
        eio: The Engine.IO server.
        bounds: How much may wait to be sent to each connection.
        tasks: Runs the closing of connections in the background.
        overflowed: Called with the id of a slow consumer.
    """

    def __init__(
        self, eio: Any, bounds: Bounds, tasks: Tasks, overflowed: Callable[[str], None]
    ) -> None:
        self.bounds = bounds
        self.tasks = tasks
        self.overflowed = overflowed
        self._eio = eio
        self._sockets: dict[str, FastSocket] = {}
        self._dirty: list[FastSocket] = []

    def __bool__(self) -> bool:
        return bool(self._sockets)

    def add(self, sid: str, ws: web.WebSocketResponse, transport: Any) -> FastSocket:
        """Register and return a new connection, also with python-engineio."""
        socket = FastSocket(self, sid, ws, transport)
        self._sockets[sid] = self._eio.sockets[sid] = socket
        return socket

    def get(self, sid: str) -> FastSocket | None:
        """Return an open connection by its id, or None."""
        return self._sockets.get(sid)

    def forget(self, sid: str) -> None:
        """Forget a connection that has closed."""
        self._sockets.pop(sid, None)
        self._eio.sockets.pop(sid, None)

    def send(self, sid: str, frames: bytes) -> bool:
        """Queue complete frames for a connection; return False if it is not one of these."""
        socket = self._sockets.get(sid)
        if socket is None:
            return False
        socket.write(frames)
        return True

    def flush_soon(self, socket: FastSocket) -> None:
        """Flush a connection at the end of this event loop turn."""
        if not self._dirty:
            asyncio.get_running_loop().call_soon(self._flush)
        self._dirty.append(socket)

    def _flush(self) -> None:
        dirty, self._dirty = self._dirty, []
        for socket in dirty:
            socket.flush()

    async def ended(self, sid: str, reason: Any) -> None:
        """Notify the application that a connection is closing."""
        self._sockets.pop(sid, None)
        reason = reason or self._eio.reason.SERVER_DISCONNECT
        await self._eio._trigger_event("disconnect", sid, reason, run_async=False)
