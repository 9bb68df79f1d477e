"""WebSocket connections that are read and written directly: the fast path beside python-engineio's.

The library keeps a queue, a writer and a ping task for each connection, and makes two tasks for
each frame that comes and one for each that goes. Here one loop reads, parses in line and hands
on, and what is sent goes to the transport at the end of the loop's turn, all of it in one write.
Long-polling connections, and WebSockets that began as one, go the library's way.
"""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from aiohttp import WSMsgType, web

from livequiz.server.limits import Bounds
from livequiz.server.tasks import Tasks

log = logging.getLogger(__name__)

# Engine.IO packets: https://github.com/socketio/engine.io-protocol
CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP = "1", "2", "3", "4", "5", "6"
IGNORED = {PING, NOOP, "2probe", "3probe", "5probe", "6probe"}  # right, and of no use here
EVENT, ACK = b"42", b"43"  # Socket.IO packets inside of a message
BEAT = 0.1  # seconds between two looks for connections that are due for a ping
PARTING = 2.0  # seconds that a client gets to say goodbye


class Hearer(Protocol):
    """Hears of every frame, and may refuse to have it handled."""

    def received(self, sid: str, data: str | bytes) -> str | bytes | None:
        """A message came; return what to handle in its place, None for nothing."""

    def frame(self, sid: str) -> bool:
        """A frame came that is no message; return false to end the connection."""


def text_frame(payload: bytes) -> bytes:
    """Return a final, unmasked text frame (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65_536:
        return struct.pack("!BBH", 0x81, 126, size) + payload
    return struct.pack("!BBQ", 0x81, 127, size) + payload


class Socket:
    """One WebSocket connection; to python-engineio it is one of its sockets."""

    __slots__ = (
        "_lane",
        "_out",
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

    def __init__(self, lane: Lane, sid: str, ws: web.WebSocketResponse, transport: Any) -> None:
        self.sid = sid
        self.bounds = lane.bounds
        self.closed = self.closing = self.overflowed = False
        self.session: dict[str, Any] | None = None
        self._lane = lane
        self._ws = ws
        self._transport: asyncio.Transport = transport
        self._out = b""

    @property
    def size(self) -> int:
        """How many bytes wait to be sent."""
        return len(self._out) + self._transport.get_write_buffer_size()

    def write(self, frames: bytes) -> None:
        """Send whole frames, after those that wait already."""
        if self.closed:
            return
        if not self._out:
            self._lane.flush_soon(self)
        self._out += frames

    def flush(self) -> None:
        """Hand what waits to the transport; a client that does not read is given up."""
        out, self._out = self._out, b""
        # Looked at before the write: one message may be of any size, a large class's snapshot is.
        if self._transport.get_write_buffer_size() > self.bounds.size:
            if not self.overflowed:
                self.overflowed = True
                self._lane.overflowed(self.sid)
        elif out and not self._transport.is_closing():
            self._transport.write(out)

    def hang_up(self) -> None:
        """Close the WebSocket once what waits is sent."""
        self.flush()
        self._lane.tasks.spawn(self._ws.close(), f"close-{self.sid}")

    # --- what python-engineio calls ------------------------------------------------------------

    async def send(self, packet: Any) -> None:
        """Send one of the library's packets."""
        encoded = packet.encode()
        self.write(text_frame(encoded.encode() if isinstance(encoded, str) else encoded))

    async def check_ping_timeout(self) -> bool:
        """Whether it lives; the lane sees to that by itself."""
        return not self.closed

    async def close(self, wait: bool = True, abort: bool = False, reason: Any = None) -> None:
        """End the connection.

        Args:
            wait: Has no meaning here: what was written is sent all the same.
            abort: Without a goodbye.
            reason: What to tell the application.
        """
        del wait
        if self.closed or self.closing:
            return
        self.closing = True
        await self._lane.ended(self.sid, reason)
        if not abort:
            self.write(text_frame(CLOSE.encode()))
        self.closed = True
        if abort:
            self._out = b""
        else:
            self.hang_up()


class Lane:
    """The WebSocket connections of one Engine.IO server.

    Args:
        eio: The server.
        bounds: How much may wait for each connection.
        tasks: Where connections are closed.

    Attributes:
        hearer: Is asked before anything is handled; there is no fast path without one.
        take: Is given a message as Socket.IO has it; returns whether it was handled.
        plain: The library's way of handling a message.
        overflowed: Is called with the id of a connection that does not read.
    """

    def __init__(self, eio: Any, bounds: Bounds, tasks: Tasks) -> None:
        self.bounds = bounds
        self.tasks = tasks
        self.hearer: Hearer | None = None
        self.take: Callable[[str, str], bool] = lambda *_: False
        self.plain: Callable[[str, str | bytes], Awaitable[None]]
        self.overflowed: Callable[[str], None] = lambda _: None
        self._eio = eio
        self._sockets: dict[str, Socket] = {}
        self._dirty: list[Socket] = []
        # When to ping who, and when who was pinged is given up; each soonest first.
        self._due: dict[str, float] = {}
        self._pinged: dict[str, float] = {}
        self._beating: asyncio.Task[None] | None = None

    # --- sending -------------------------------------------------------------------------------

    def send(self, sid: str, frames: bytes) -> bool:
        """Send whole frames to a connection; false if it is not one of these."""
        socket = self._sockets.get(sid)
        if socket is None:
            return False
        socket.write(frames)
        return True

    def flush_soon(self, socket: Socket) -> None:
        """Send what a connection has at the end of this turn of the event loop."""
        if not self._dirty:
            asyncio.get_running_loop().call_soon(self._flush)
        self._dirty.append(socket)

    def _flush(self) -> None:
        dirty, self._dirty = self._dirty, []
        for socket in dirty:
            socket.flush()

    # --- receiving -----------------------------------------------------------------------------

    async def serve(
        self, request: web.Request, environ: MutableMapping[str, Any]
    ) -> web.WebSocketResponse:
        """Serve a connection from its handshake to its end.

        Raises:
            web.HTTPException: If the request is no handshake.
        """
        sid = str(self._eio.generate_id())
        ws: web.WebSocketResponse = self._eio.websocket(sid, timeout=PARTING)
        await ws.prepare(request)
        socket = Socket(self, sid, ws, request.transport)
        self._sockets[sid] = self._eio.sockets[sid] = socket
        try:
            await socket.send(self._eio.greeting(sid))
            await self._eio._trigger_event("connect", sid, environ, run_async=False)
            self._look_after(sid)
            await self._read(sid, ws)
        finally:
            try:
                await socket.close(abort=True, reason=self._eio.reason.TRANSPORT_CLOSE)
            finally:
                self._forget(sid)
        return ws

    async def _read(self, sid: str, ws: web.WebSocketResponse) -> None:
        while True:
            message = await ws.receive()
            if message.type is WSMsgType.TEXT:
                if not self._received(sid, message.data):
                    return
            elif message.type is WSMsgType.BINARY:
                self._message(sid, message.data)
            else:
                return

    def _received(self, sid: str, packet: str) -> bool:
        """Handle an Engine.IO packet; return whether the connection goes on."""
        if packet.startswith(MESSAGE) and packet[1:2].isdigit():
            self._message(sid, packet[1:])
            return True
        if packet == CLOSE:
            return False
        if packet in {PONG, UPGRADE} or packet in IGNORED:
            if packet == PONG and sid in self._pinged:
                self._look_after(sid)
            elif packet == UPGRADE:
                self.send(sid, text_frame(NOOP.encode()))
            return self.hearer is not None and self.hearer.frame(sid)
        self._message(sid, "")  # which is refused like any other bad request
        return True

    def _message(self, sid: str, data: str | bytes) -> None:
        taken = self.hearer.received(sid, data) if self.hearer is not None else None
        if taken is not None and not (isinstance(taken, str) and self.take(sid, taken)):
            self.tasks.spawn(self._handle(sid, taken), f"message-{sid}")

    async def _handle(self, sid: str, data: str | bytes) -> None:
        await self.plain(sid, data)

    # --- living --------------------------------------------------------------------------------

    def _look_after(self, sid: str) -> None:
        """Ping a connection after the interval."""
        self._pinged.pop(sid, None)
        self._due[sid] = asyncio.get_running_loop().time() + self._eio.ping_interval
        if self._beating is None:
            self._beating = self.tasks.spawn(self._beat(), "pings")

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._sockets:
                await asyncio.sleep(BEAT)
                for sid in _over(self._due, loop.time()):
                    self._pinged[sid] = loop.time() + self._eio.ping_timeout
                    self.send(sid, text_frame(PING.encode()))
                for sid in _over(self._pinged, loop.time()):
                    if (socket := self._sockets.get(sid)) is not None:
                        await socket.close(reason=self._eio.reason.PING_TIMEOUT)
        finally:
            self._beating = None

    async def ended(self, sid: str, reason: Any) -> None:
        """Tell the application that a connection ends."""
        self._sockets.pop(sid, None)
        reason = reason or self._eio.reason.SERVER_DISCONNECT
        await self._eio._trigger_event("disconnect", sid, reason, run_async=False)

    def _forget(self, sid: str) -> None:
        self._sockets.pop(sid, None)
        self._due.pop(sid, None)
        self._pinged.pop(sid, None)
        self._eio.sockets.pop(sid, None)


def _over(times: dict[str, float], now: float) -> list[str]:
    """Remove and return the ids whose time has come; the soonest are in front."""
    found = []
    for sid, moment in times.items():
        if moment > now:
            break
        found.append(sid)
    for sid in found:
        del times[sid]
    return found
