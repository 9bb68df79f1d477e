"""Frames that no client library would send, on a bare WebSocket."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.conftest import RunningServer
from tests.helpers import PATIENCE, Json

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
