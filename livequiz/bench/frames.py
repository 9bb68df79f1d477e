"""WebSocket frames (RFC 6455) and Socket.IO packets, just as much as a load generator needs.

A library's client costs as much as the server that is to be measured: it would measure itself.
"""

from __future__ import annotations

import base64
import os
import struct
from collections.abc import Iterator

import msgspec

# The mask is the client's to choose. With zeros the payload stays as it is; the server unmasks
# it all the same.
_MASK = b"\0\0\0\0"
_FINAL_TEXT = 0x81
_CLOSE = 0x88
_PING = 0x89
_SHORT = 126  # from here on the length has a field of its own
_MEDIUM = 1 << 16


class FrameError(Exception):
    """A frame that no server of ours sends, or the end of the conversation."""


def handshake(host: str, port: int) -> bytes:
    """Return the request that opens a Socket.IO connection over WebSocket, without compression."""
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
        f"Host: {host}:{port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


def frame(text: bytes) -> bytes:
    """Return a text as a client's WebSocket frame."""
    size = len(text)
    if size < _SHORT:
        head = struct.pack("!BB", _FINAL_TEXT, 0x80 | size)
    elif size < _MEDIUM:
        head = struct.pack("!BBH", _FINAL_TEXT, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", _FINAL_TEXT, 0x80 | 127, size)
    return head + _MASK + text


def event(name: str, data: object, ack: int | None = None) -> bytes:
    """Return a Socket.IO event as a client's WebSocket frame; `ack` asks for one, by that id."""
    number = b"" if ack is None else b"%d" % ack
    return frame(b"42" + number + msgspec.json.encode([name, data]))


def payload(packet: bytes) -> object:
    """Return what an event or an ack carries.

    Raises:
        FrameError: If it carries nothing.
    """
    try:
        arguments = msgspec.json.decode(packet[packet.index(b"[") :])
    except (ValueError, msgspec.DecodeError):
        raise FrameError("a packet that can't be read") from None
    return arguments[-1]


class FrameReader:
    """Cuts what arrives into the texts of a server's frames, wherever the network cut it."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the texts that are complete.

        Raises:
            FrameError: For a close frame, or one that is fragmented, masked or binary.
        """
        data = self._rest + data if self._rest else data
        start, end = 0, len(data)
        try:
            while end - start >= 2:
                kind, size, body = data[start], data[start + 1], start + 2
                if size == 126 and end - start >= 4:
                    (size,) = struct.unpack_from("!H", data, body)
                    body += 2
                elif size == 127 and end - start >= 10:
                    (size,) = struct.unpack_from("!Q", data, body)
                    body += 8
                elif size >= _SHORT:
                    break
                if body + size > end:
                    break
                start = body + size
                if kind == _FINAL_TEXT:
                    yield data[body:start]
                elif kind != _PING:
                    raise FrameError("closed" if kind == _CLOSE else f"frame of kind {kind:#x}")
        finally:
            self._rest = data[start:]
