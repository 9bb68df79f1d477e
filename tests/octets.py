"""WebSockets as bytes, RFC 6455 by hand: no client library would send what is sent here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.helpers import Json
from tests.patience import PATIENCE

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


def frame(
    opcode: int,
    payload: bytes,
    final: bool = True,
    key: bytes | None = b"abcd",
    length_bytes: int | None = None,
) -> bytes:
    """Return a frame as section 5.2 has it.

    Args:
        opcode: What it is.
        payload: What is in it, before it is masked.
        final: Whether it ends its message.
        key: What it is masked with, if it is.
        length_bytes: How many bytes the length takes besides its first: 0, 2 or 8.
    """
    size = len(payload)
    if length_bytes is None:
        length_bytes = 0 if size < 126 else 2 if size < 65_536 else 8
    short = {0: size, 2: 126, 8: 127}[length_bytes]
    head = bytes([opcode | (0x80 if final else 0), short | (0x80 if key else 0)])
    head += size.to_bytes(length_bytes, "big") if length_bytes else b""
    if key is None:
        return head + payload
    return head + key + masked(payload, key)


def masked(payload: bytes, key: bytes) -> bytes:
    return bytes(byte ^ key[place % 4] for place, byte in enumerate(payload))


class Octets:
    """A WebSocket of the server, after the handshake."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(data)
        await self._writer.drain()

    async def next(self) -> tuple[int, bytes]:
        """Return the opcode and the payload of the next frame.

        Raises:
            ConnectionError: The connection ended.
        """
        async with asyncio.timeout(PATIENCE):
            try:
                first, size = await self._reader.readexactly(2)
                if size > 125:
                    rest = await self._reader.readexactly(2 if size == 126 else 8)
                    size = int.from_bytes(rest, "big")
                return first & 0x0F, await self._reader.readexactly(size)
            except asyncio.IncompleteReadError:
                raise ConnectionResetError from None

    async def text(self, start: str) -> str:
        """Return what follows in the next text that starts so; pings are answered."""
        while True:
            opcode, payload = await self.next()
            if opcode == CLOSE:
                raise ConnectionResetError
            if payload == b"2":
                await self.send(frame(TEXT, b"3"))
            if opcode == TEXT and payload.startswith(start.encode()):
                return payload.decode().removeprefix(start)

    async def ack(self, number: int) -> Json:
        """Return the ack of that number."""
        (answer,) = json.loads(await self.text(f"43{number}"))
        assert isinstance(answer, dict)
        return answer

    async def event(self, name: str) -> Json:
        """Return what the next event of that name carries."""
        found: Json = json.loads("[" + await self.text(f'42["{name}",'))[0]
        return found

    async def closing_code(self) -> int | None:
        """Return the code that the server closes with, or None if it just hangs up."""
        try:
            while True:
                opcode, payload = await self.next()
                if opcode == CLOSE:
                    return int.from_bytes(payload[:2], "big")
        except ConnectionError:
            return None


@asynccontextmanager
async def octets(
    port: int, query: str = "transport=websocket", early: bytes = b""
) -> AsyncIterator[Octets]:
    """Open a WebSocket and shake hands; what is early comes with the request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    headers = (
        f"GET /socket.io/?EIO=4&{query} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
    )
    writer.write("\r\n".join([*headers, "", ""]).encode() + early)
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101")
        yield Octets(reader, writer)
    finally:
        writer.close()
