"""Connections below Socket.IO, and what the server keeps of them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp

from livequiz.domain.token_bucket import Bucket
from livequiz.server.app import REGISTRY, SESSIONS, SOCKETIO
from livequiz.server.limits import Limits
from livequiz.server.transport.client_addresses import ClientAddress
from livequiz.server.transport.connections import Connection, ConnectionRegistry
from tests.conftest import RunningServer
from tests.patience import PATIENCE

Bare = aiohttp.ClientWebSocketResponse
GONE = {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}


def engine(server: RunningServer, transport: str) -> str:
    """Return the URL of a new Engine.IO connection."""
    return f"{server.url}/socket.io/?EIO=4&transport={transport}"


@asynccontextmanager
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client that opens as many connections as it is asked for."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


async def bare(session: aiohttp.ClientSession, server: RunningServer) -> Bare:
    """Open an Engine.IO connection that has not said anything yet."""
    return await session.ws_connect(engine(server, "websocket"))


async def poll(session: aiohttp.ClientSession, server: RunningServer) -> str:
    """Open a long-polling connection; return the URL that goes on with it."""
    async with session.get(engine(server, "polling")) as response:
        packet = json.loads((await response.text()).removeprefix("0"))
    return f"{engine(server, 'polling')}&sid={packet['sid']}"


async def hangs_up(socket: Bare) -> None:
    """Answer pings, and return when the server hung up."""
    async with asyncio.timeout(PATIENCE):
        while (message := await socket.receive()).type not in GONE:
            if message.data == "2":
                await socket.send_str("3")


def registry(server: RunningServer) -> ConnectionRegistry:
    return server.app[REGISTRY]


def from_nowhere() -> Connection:
    """Return a connection that nobody is behind."""
    limits = Limits()
    return Connection("", None, ClientAddress(limits, 0), 0, Bucket(limits.events, 0), None)


def left_behind(server: RunningServer) -> dict[str, int]:
    """Count what the server and its libraries keep of connections."""
    sio = server.app[SOCKETIO]
    return {
        "registry": len(registry(server)),
        "unjoined": len(registry(server)._unjoined),
        "sessions": len(server.app[SESSIONS]),
        "engine.io": len(sio.eio.sockets),
        "rooms": sum(map(len, sio.manager.rooms.values())),
        "rooms of connections": len(sio.manager._rooms_of),
        "connecting": sum(map(len, sio.manager.pending_connect.values())),
        "disconnecting": sum(map(len, sio.manager.pending_disconnect.values())),
        "environments": len(sio.environ),
        "attachments": len(sio._binary_packet),
    }


async def nothing_is_left(server: RunningServer) -> None:
    """Return when the server keeps nothing of any connection."""
    await eventually(lambda: not any(left_behind(server).values()), lambda: left_behind(server))


async def eventually(
    check: Callable[[], bool], show: Callable[[], object] = lambda: "it never came about"
) -> None:
    """Return when something is so; what a process keeps can only be looked at."""
    for _ in range(round(PATIENCE * 100)):  # turns, so that a machine that stood still costs none
        if check():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(show())


def stand_still(seconds: float) -> None:
    """Let the server and its clients stand still, as on a laptop that sleeps."""
    time.sleep(seconds)
