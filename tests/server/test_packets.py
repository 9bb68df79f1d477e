"""Frames that no client library would send, on a bare WebSocket."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import aiohttp
import pytest

from livequiz.server.app import SESSIONS
from livequiz.server.limits import LARGEST_FRAME
from tests.conftest import RunningServer
from tests.helpers import Json
from tests.patience import PATIENCE

# What follows engine.io's "message" (4): Socket.IO packets that are not right.
MALFORMED = [
    *("", "2", "2[]", "2{}", "2null", "2[7]", "2[[]]", "2[{}]", '2["join_student"', '2"x"', "2]"),
    *("3", "3[]", "3{}", '37["x"]', "4", '4{"message":"x"}', "6", "9", "x", "-", "\x00", "2\ud7ff"),
    "2" + "[" * 30_000,
    "2" + "9" * 30_000,
    '2["join_student",' + "9" * 30_000 + "]",
    "2/other,[]",
    "3/other,0[]",
]


@pytest.fixture
async def socket(server: RunningServer) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A WebSocket that said hello and nothing else."""
    url = f"{server.url}/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        await socket.send_str("40{}")
        while not (await socket.receive_str(timeout=PATIENCE)).startswith("40"):
            pass
        yield socket


async def ack(socket: aiohttp.ClientWebSocketResponse, number: int) -> Json:
    """Return the ack of that number; other frames are passed over."""
    start = f"43{number}["
    while not (frame := await socket.receive_str(timeout=PATIENCE)).startswith(start):
        pass
    (answer,) = json.loads(frame.removeprefix(f"43{number}"))
    assert isinstance(answer, dict)
    return answer


async def test_a_malformed_frame_leaves_no_traceback_and_the_socket_works_on(
    socket: aiohttp.ClientWebSocketResponse, caplog: pytest.LogCaptureFixture
) -> None:
    for number, frame in enumerate(MALFORMED, start=1):
        await socket.send_str("4" + frame)
        await socket.send_str(f'42{number}["time_sync",{{}}]')
        assert (await ack(socket, number))["ok"] is True, frame[:20]
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []


async def test_a_malformed_event_that_asks_for_an_ack_gets_one(
    socket: aiohttp.ClientWebSocketResponse,
) -> None:
    for number, data in enumerate(("[]", "{}", '["join_student"', "[7]", "[[],{}]"), start=1):
        await socket.send_str(f"42{number}{data}")
        assert (await ack(socket, number))["error"]["code"] == "bad_request"


async def test_attachments_are_not_waited_for(
    socket: aiohttp.ClientWebSocketResponse, caplog: pytest.LogCaptureFixture
) -> None:
    for unannounced in (b"", b"4", b"nobody knows of this"):
        await socket.send_bytes(unannounced)
    place = '{"_placeholder":true,"num":0}'
    await socket.send_str(f'451-1["join_student",{place}]')  # and its attachment never comes
    assert (await ack(socket, 1))["error"]["code"] == "bad_request"
    await socket.send_str(f'4599999999-2["join_student",{place}]')
    assert (await ack(socket, 2))["error"]["code"] == "bad_request"
    await socket.send_bytes(b"\x00" * 1_000)
    await socket.send_str('423["time_sync",{}]')
    assert (await ack(socket, 3))["ok"] is True
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []


# What engine.io itself can't read.
NO_PACKET = [
    "",
    "x",
    "7",
    "b#",
    "\x1e",
    "4",
    "4null",
    "4" + "[" * 30_000,
    "0{}",
    "2" + "[" * 30_000,
]


async def test_what_is_no_engine_io_packet_leaves_no_traceback_and_the_socket_works_on(
    socket: aiohttp.ClientWebSocketResponse, caplog: pytest.LogCaptureFixture
) -> None:
    for number, frame in enumerate(NO_PACKET, start=1):
        await socket.send_str(frame)
        await socket.send_str(f'42{number}["time_sync",{{}}]')
        assert (await ack(socket, number))["ok"] is True, frame[:20]
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []


async def test_a_goodbye_ends_the_connection_and_nothing_after_it_is_read(
    server: RunningServer, socket: aiohttp.ClientWebSocketResponse
) -> None:
    """The library went on to read, and remembered for good who said hello after its goodbye."""
    for frame in ("1", "40{}", '421["time_sync",{}]'):
        await socket.send_str(frame)
    async with asyncio.timeout(PATIENCE):
        while (message := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            assert not message.data.startswith("43")
    assert message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
        while server.app[SESSIONS]:
            await session.get(f"{server.url}/healthz")


async def test_a_polling_request_that_is_no_packet_is_refused_as_an_event(
    server: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"{server.url}/socket.io/?EIO=4&transport=polling"
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as reply:
            url += "&sid=" + json.loads((await reply.text())[1:])["sid"]
        for body in ("40", *NO_PACKET, b"\xff", "\x1e".join("4" * 40)):
            async with session.post(url, data=body) as reply:
                assert reply.status == 200, body
        async with session.get(url) as reply:
            assert "(unreadable)" in await reply.text()
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []


async def test_a_request_of_who_polls_no_more_is_not_held_for_good(server: RunningServer) -> None:
    """The library waited for a client to fetch its goodbye, and with it the request."""
    url = f"{server.url}/socket.io/?EIO=4&transport=polling"
    async with aiohttp.ClientSession() as session, asyncio.timeout(PATIENCE):
        async with session.get(url) as reply:
            url += "&sid=" + json.loads((await reply.text())[1:])["sid"]
        for body in ("2", "6", "5", "4" + "x" * LARGEST_FRAME):
            async with session.post(url, data=body) as reply:
                assert reply.status == (200 if len(body) == 1 else 413)
