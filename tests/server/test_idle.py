"""Connections that say nothing, or not all of it, are closed, whatever they began."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import aiohttp
import pytest

from livequiz.server.http import openapi, parameters
from livequiz.server.http.route import Route
from livequiz.server.limits import Limits
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, RunningServer
from tests.helpers import Json
from tests.patience import PATIENCE

BODY = (
    b"POST /api/v1/questions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n" % TOKEN.encode()
)
BODY += b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
WHOLE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def policy(policy: Policy) -> Policy:
    return replace(policy, limits=Limits(join_within=0.4))


@pytest.mark.parametrize(
    "said",
    [b"", b"GET /healthz HTTP/1.1\r\nHo", BODY, WHOLE],
    ids=["nothing", "half-a-header", "half-a-body", "between-two-requests"],
)
async def test_a_connection_that_goes_silent_is_closed(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(parameters, "BODY_WITHIN", 0.4)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(said)
    async with asyncio.timeout(PATIENCE + 11):  # aiohttp reads a refused body for 10 s more
        await reader.read()
    writer.close()


async def test_a_header_that_drips_is_not_waited_for(server: RunningServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    closed = asyncio.create_task(reader.read())
    async with asyncio.timeout(PATIENCE):
        for byte in WHOLE[:-2] + b"X: " + b"y" * 200:
            if closed.done():
                break
            writer.write(bytes([byte]))
            await asyncio.sleep(0.02)
    assert closed.done()
    writer.close()


async def test_the_description_of_the_api_is_made_once(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    make = openapi.document

    def noted(table: Sequence[Route]) -> Json:
        made.append(table)
        return make(table)

    monkeypatch.setattr(openapi, "document", noted)
    async with aiohttp.ClientSession() as session:
        for _ in range(3):
            async with session.get(f"{server.url}/api/v1/openapi.json") as response:
                assert (await response.json())["openapi"] == "3.1.0"
    assert len(made) == 1
