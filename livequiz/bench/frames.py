"""A minimal codec for WebSocket frames (RFC 6455) and Socket.IO packets, for load tests.

A library's client uses as much CPU as the server under test, and would distort the results.
"""

from __future__ import annotations

import base64
import os
import struct
from collections.abc import Iterator

import msgspec

from livequiz.protocol.websocket import FINAL_TEXT, text_frame

# The client chooses the mask. An all-zero one leaves the payload unchanged, and the server
# still does the work of unmasking.
_MASK = b"\0\0\0\0"
_CLOSE = 0x88
_PING = 0x89
_SHORT = 126  # from here on, an extended length field follows


class FrameError(Exception):
    """An unexpected or malformed frame, or a close frame."""


def handshake(host: str, port: int) -> bytes:
    """Return the upgrade request for Socket.IO over WebSocket, without compression."""
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
        f"Host: {host}:{port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


def frame(text: bytes) -> bytes:
    """Return a text as a masked WebSocket client frame."""
    return text_frame(text, _MASK)


def event(name: str, data: object, ack: int | None = None) -> bytes:
    """Return a Socket.IO event as a WebSocket client frame; `ack` is the id of a requested ack."""
    number = b"" if ack is None else b"%d" % ack
    return frame(b"42" + number + msgspec.json.encode([name, data]))


def payload(packet: bytes) -> object:
    """Return the payload of an event or an ack.

    Raises:
        FrameError: If it has no payload.
    """
    try:
        arguments = msgspec.json.decode(packet[packet.index(b"[") :])
    except (ValueError, msgspec.DecodeError):
        raise FrameError("a packet that can't be read") from None
    return arguments[-1]


class FrameReader:
    """Incremental parser: reassembles the texts of a server's frames from received chunks."""

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
                if kind == FINAL_TEXT:
                    yield data[body:start]
                elif kind != _PING:
                    raise FrameError("closed" if kind == _CLOSE else f"frame of kind {kind:#x}")
        finally:
            self._rest = data[start:]
