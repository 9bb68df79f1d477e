"""An Engine.IO server that tolerates malformed frames, over both transports.

A frame that python-engineio can't parse ends the request with a traceback, and the connection
lingers until its ping timeout. Here such a frame becomes an empty message, which
`packets.TolerantPacket` turns into an unknown event.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import engineio
import socketio
from aiohttp import WSMessage, WSMsgType, web
from engineio import packet
from engineio.async_drivers import aiohttp as driver
from engineio.payload import Payload

from livequiz.server.transport.engineio_hooks import SID
from livequiz.server.transport.request_bodies import read_body

MOST_PACKETS = int(Payload.max_decode_packets)  # per polling request
_SEPARATOR = "\x1e"  # between the packets of one polling request
_CLOSE = "1"
_UNREADABLE = "4"  # an empty message
# The packets that a client may send; Socket.IO parses the contents of messages.
_PACKET = re.compile(r"4[0-9]|[12356](probe)?\Z")
_POLLED = re.compile(r"4[0-9]|[13]\Z")
PARTING = 1.0  # seconds that a client gets to fetch pending messages before a disconnect


class AsyncServer(socketio.AsyncServer):  # type: ignore[misc]
    """A Socket.IO server on top of the tolerant engine."""

    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    async def _handle_connect(self, eio_sid: str, *arguments: Any) -> None:
        """Connect a client, unless it has already disconnected: frames are handled concurrently.

        The library would fail, and leak the client.
        """
        if eio_sid in self.environ:
            await super()._handle_connect(eio_sid, *arguments)


class Engine(engineio.AsyncServer):  # type: ignore[misc]
    """An Engine.IO server that replaces frames that the library can't parse.

    Adds two events to the library's:
        websocket: A WebSocket request, which the handler serves instead of the library.
        frame: A ping or pong on a connection's WebSocket, by the connection's id; the handler
            returns whether to keep the connection.
    """

    event_names = (*getattr(engineio.AsyncServer, "event_names", ()), "websocket", "frame")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        ours = {"translate_request": self._translated, "websocket": _WebSocket}
        self._async: dict[str, Any] = {**self._async, **ours}

    async def _translated(self, request: web.Request) -> dict[str, Any]:
        environ: dict[str, Any] = driver.translate_request(request)
        if request.method == "POST" and request.query.get("sid", "") in self.sockets:
            within = self.ping_interval + self.ping_timeout
            body = await read_body(request, self.max_http_buffer_size, within)
            environ |= {"wsgi.input": _Body(_body(body)), "CONTENT_LENGTH": "0"}
        return environ

    def websocket(self, sid: str, **options: Any) -> web.WebSocketResponse:
        """Return a connection's WebSocket, before its handshake; the options are aiohttp's.

        A message that is too large closes it with code 1009 (RFC 6455, section 7.4.1).
        """
        return CountedWebSocket(
            lambda: self._goes_on(sid), max_msg_size=self.max_http_buffer_size, **options
        )

    async def _handle_connect(
        self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None
    ) -> Any:
        if transport == "websocket" and (serve := self.handlers.get("websocket")) is not None:
            return await serve(environ["aiohttp.request"], environ)
        return await super()._handle_connect(environ, transport, jsonp_index)

    def _goes_on(self, sid: str) -> bool:
        heard = self.handlers.get("frame")
        return heard is None or bool(heard(sid))

    def greeting(self, sid: str) -> packet.Packet:
        """Return the packet that opens a WebSocket connection."""
        fields = {
            "sid": sid,
            "upgrades": [],
            "pingTimeout": int(self.ping_timeout * 1000),
            "pingInterval": int(self.ping_interval * 1000),
            "maxPayload": self.max_http_buffer_size,
        }
        return packet.Packet(packet.OPEN, fields)

    async def disconnect(self, sid: str | None = None) -> None:
        """Close a connection; the library would wait forever for a client that stopped polling."""
        try:
            await asyncio.wait_for(super().disconnect(sid), PARTING)
        except TimeoutError:
            self.sockets.pop(sid, None)

    def _log_error_once(self, message: str, message_key: str) -> None:
        """Log a client's mistake as info: it is not an error of this server."""
        del message_key
        self.logger.info(message)


class CountedWebSocket(web.WebSocketResponse):
    """A WebSocket that counts pings and pongs; aiohttp's autoping would not.

    Args:
        heard: Called for each of them; returns whether to keep the connection.
        options: aiohttp's.
    """

    def __init__(self, heard: Callable[[], bool], **options: Any) -> None:
        # Compression raises memory per connection from 32 to 127 KB, and hides a message's size.
        super().__init__(compress=False, autoping=False, **options)
        self._heard = heard

    async def receive(self, timeout: float | None = None) -> WSMessage:
        """Return the next message that is neither a ping nor a pong."""
        while (message := await super().receive(timeout)).type in {WSMsgType.PING, WSMsgType.PONG}:
            if not self._heard():
                await self.close()
            elif message.type is WSMsgType.PING:
                await self.pong(message.data)
        return message


class _WebSocket(driver.WebSocket):  # type: ignore[misc]
    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        request: web.Request = environ["aiohttp.request"]
        self.environ = environ
        sid = environ.get(SID) or request.query.get("sid", "")
        socket: web.WebSocketResponse = self.server.websocket(sid)
        self._sock = socket
        await socket.prepare(request)
        await self.handler(self)
        return socket

    async def wait(self) -> str | bytes:
        frame: str | bytes = await super().wait()
        if frame == _CLOSE:
            raise OSError  # ends the connection; the library would keep reading from it
        return _readable(frame, _PACKET) if isinstance(frame, str) else frame


class _Body:
    """A request body that was already read, for the library to read again; always all of it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def read(self, length: int) -> bytes:
        del length
        return self._content


def _body(raw: bytes) -> bytes:
    packets = raw.decode("utf-8", "replace").split(_SEPARATOR)
    if len(packets) > MOST_PACKETS:
        packets = [_UNREADABLE]
    return _SEPARATOR.join(_readable(packet, _POLLED) for packet in packets).encode()


def _readable(packet: str, allowed: re.Pattern[str]) -> str:
    return packet if allowed.match(packet) else _UNREADABLE
