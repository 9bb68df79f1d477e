"""The WebSocket fast path: reads and writes connections directly, past python-engineio.

The library keeps a queue, a writer task and a ping task per connection, and starts two tasks for
each incoming frame and one for each outgoing frame. Here one loop per connection reads frames,
parses them inline and passes them on; outgoing frames are batched into one write at the end of the
event loop turn. Long-polling connections, and WebSockets upgraded from one, still use the library.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from aiohttp import WSMsgType, web

from livequiz.protocol.websocket import text_frame
from livequiz.server.transport.engineio_hooks import Listener
from livequiz.server.transport.fast_sockets import CLOSE, FastSockets
from livequiz.server.transport.heartbeat import PING, Heartbeat

log = logging.getLogger(__name__)

# Engine.IO packets: https://github.com/socketio/engine.io-protocol
PONG, MESSAGE, UPGRADE, NOOP = "3", "4", "5", "6"
IGNORED = {PING, NOOP, "2probe", "3probe", "5probe", "6probe"}  # valid, but not needed here
PARTING = 2.0  # seconds that a client gets to complete the closing handshake


class WebSocketFastPath:
    """Serves the WebSocket connections of one Engine.IO server.

    Args:
        eio: The Engine.IO server.
        sockets: Sends to its connections.
        listener: Called before anything is handled; may reject or replace it.
        take: Called with the connection's id and a Socket.IO packet; returns whether it takes the
            packet. The library handles the others.
    """

    def __init__(
        self,
        eio: Any,
        sockets: FastSockets,
        listener: Listener,
        take: Callable[[str, str], bool],
    ) -> None:
        self._eio = eio
        self._sockets = sockets
        self._listener = listener
        self._take = take
        self._plain: Callable[[str, str | bytes], Awaitable[None]] = eio.handlers["message"]
        self._heartbeat = Heartbeat(eio, sockets)

    # --- receiving -----------------------------------------------------------------------------

    async def serve(
        self, request: web.Request, environ: MutableMapping[str, Any]
    ) -> web.WebSocketResponse:
        """Serve a connection from its handshake until it closes.

        Raises:
            web.HTTPException: If the request is not a WebSocket handshake.
        """
        sid = str(self._eio.generate_id())
        ws: web.WebSocketResponse = self._eio.websocket(sid, timeout=PARTING)
        await ws.prepare(request)
        socket = self._sockets.add(sid, ws, request.transport)
        try:
            await socket.send(self._eio.greeting(sid))
            await self._eio._trigger_event("connect", sid, environ, run_async=False)
            self._heartbeat.start(sid)
            await self._read(sid, ws)
        finally:
            try:
                await socket.close(abort=True, reason=self._eio.reason.TRANSPORT_CLOSE)
            finally:
                self._heartbeat.forget(sid)
                self._sockets.forget(sid)
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
        """Handle an Engine.IO packet; return whether to keep the connection."""
        if packet.startswith(MESSAGE) and packet[1:2].isdigit():
            self._message(sid, packet[1:])
            return True
        if packet == CLOSE:
            return False
        if packet in {PONG, UPGRADE} or packet in IGNORED:
            if packet == PONG:
                self._heartbeat.answered(sid)
            elif packet == UPGRADE:
                self._sockets.send(sid, text_frame(NOOP.encode()))
            return self._listener.frame(sid)
        self._message(sid, "")  # refused like any other bad request
        return True

    def _message(self, sid: str, data: str | bytes) -> None:
        taken = self._listener.received(sid, data)
        if taken is not None and not (isinstance(taken, str) and self._take(sid, taken)):
            self._sockets.tasks.spawn(self._handle(sid, taken), f"message-{sid}")

    async def _handle(self, sid: str, data: str | bytes) -> None:
        await self._plain(sid, data)
