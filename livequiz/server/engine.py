"""Engine.IO that takes whatever a client sends, over both transports.

A frame that python-engineio can't read ends the request with a traceback, and its connection is
only given up when pings have failed. Here it becomes a message that `frames` refuses.
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

from livequiz.server.bodies import read_body
from livequiz.server.lane import Lane
from livequiz.server.wires import SID

MOST_PACKETS = int(Payload.max_decode_packets)  # in one polling request
_SEPARATOR = "\x1e"  # between the packets of one polling request
_CLOSE = "1"
_UNREADABLE = "4"  # a message with nothing in it
# The packets that a client may send; what a message holds is for Socket.IO to read.
_PACKET = re.compile(r"4[0-9]|[12356](probe)?\Z")
_POLLED = re.compile(r"4[0-9]|[13]\Z")
PARTING = 1.0  # seconds in which a client may still fetch what waits for it


class AsyncServer(socketio.AsyncServer):  # type: ignore[misc]
    """A Socket.IO server on that engine."""

    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    async def _handle_connect(self, eio_sid: str, *arguments: Any) -> None:
        """Let a client in, unless it has said goodbye: its frames are handled side by side.

        The library would fail, and remember the client for good.
        """
        if eio_sid in self.environ:
            await super()._handle_connect(eio_sid, *arguments)


class Engine(engineio.AsyncServer):  # type: ignore[misc]
    """An Engine.IO server that lets no frame through that its library can't read.

    Attributes:
        lane: Takes the connections that are WebSockets from the start, if it is set.
        heard: Is called with the id of a connection for each ping and pong of its WebSocket;
            returns whether the connection goes on.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.lane: Lane | None = None
        self.heard: Callable[[str], bool] = lambda _: True
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
        """Return the WebSocket of a connection, before the handshake; the options are aiohttp's.

        A message that is too large ends it with code 1009 (RFC 6455, section 7.4.1).
        """
        return CountedWebSocket(
            lambda: self.heard(sid), max_msg_size=self.max_http_buffer_size, **options
        )

    async def _handle_connect(
        self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None
    ) -> Any:
        if transport == "websocket" and self.lane is not None and self.lane.hearer is not None:
            return await self.lane.serve(environ["aiohttp.request"], environ)
        return await super()._handle_connect(environ, transport, jsonp_index)

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
        """Close a connection; the library would wait for good for a client that polls no more."""
        try:
            await asyncio.wait_for(super().disconnect(sid), PARTING)
        except TimeoutError:
            self.sockets.pop(sid, None)

    def _log_error_once(self, message: str, message_key: str) -> None:
        """Log what a client did wrong, which is no error of this server."""
        del message_key
        self.logger.info(message)


class CountedWebSocket(web.WebSocketResponse):
    """A WebSocket whose pings and pongs are counted; aiohttp answers them uncounted.

    Args:
        heard: Is called for each of them; returns whether the connection goes on.
        options: Those of aiohttp.
    """

    def __init__(self, heard: Callable[[], bool], **options: Any) -> None:
        # Compression takes a connection from 32 to 127 KB, and would hide how large a message is.
        super().__init__(compress=False, autoping=False, **options)
        self._heard = heard

    async def receive(self, timeout: float | None = None) -> WSMessage:
        """Return the next message that is no ping or pong."""
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
            raise OSError  # ends the connection; the library would go on to read from it
        return _readable(frame, _PACKET) if isinstance(frame, str) else frame


class _Body:
    """What was read of a request, to be read once more: all of it, whatever length it had."""

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
