"""The raw client's framing, against a WebSocket server of another house."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from livequiz.bench.frames import FrameError, FrameReader, event, frame, handshake, payload
from tests.patience import patient

SIZES = (0, 1, 125, 126, 127, 65_535, 65_536, 200_000)


@pytest.fixture
async def echo() -> AsyncIterator[int]:
    """The port of a server that sends every text back."""

    async def handle(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(message.data)
        return socket

    app = web.Application()
    app.router.add_get("/socket.io/", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def test_frames_of_every_size_come_back_whole(echo: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", echo)
    writer.write(handshake("127.0.0.1", echo))
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), patient(5))
    assert head.startswith(b"HTTP/1.1 101")
    assert b"deflate" not in head  # it would cost the server memory and time
    sent = [bytes([97 + place]) * size for place, size in enumerate(SIZES)]
    writer.write(b"".join(map(frame, sent)))
    frames = FrameReader()
    came: list[bytes] = []
    while len(came) < len(sent):
        came += frames.feed(await asyncio.wait_for(reader.read(4_096), 5))
    assert came == sent
    writer.close()


def test_frames_are_read_wherever_the_network_cuts_them() -> None:
    stream = b"\x81\x02hi" + b"\x81\x00" + b"\x89\x01p" + b"\x81\x7e\x00\x80" + b"x" * 128
    for size in range(1, len(stream)):
        reader = FrameReader()
        came = [
            text
            for start in range(0, len(stream), size)
            for text in reader.feed(stream[start : start + size])
        ]
        assert came == [b"hi", b"", b"x" * 128], size


@pytest.mark.parametrize("sent", [b"\x88\x02\x03\xe8", b"\x01\x01a", b"\x82\x01a"])
def test_what_is_no_whole_text_ends_the_conversation(sent: bytes) -> None:
    with pytest.raises(FrameError):
        list(FrameReader().feed(sent))


def test_events_and_acks_carry_their_payload() -> None:
    sent = event("a", {"b": [1]}, ack=7)
    assert sent.endswith(b'427["a",{"b":[1]}]')
    assert payload(b'427["a",{"b":[1]}]') == {"b": [1]}
    assert payload(b'437[{"ok":true}]') == {"ok": True}
    with pytest.raises(FrameError):
        payload(b"42")
