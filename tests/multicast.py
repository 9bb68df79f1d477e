"""A network of one machine: real multicast DNS on the loopback interface, for one test alone."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest
from zeroconf import ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

from livequiz.client import server_search
from livequiz.protocol import discovery
from livequiz.server.host.mdns import Advertiser
from tests.patience import patient

LOOPBACK = ["127.0.0.1"]
PATIENCE = patient(20.0)  # seconds; a lost packet is asked for again after 1, 3 and 7
ADDRESS = "192.168.1.20"
URL = f"http://{ADDRESS}:5000"
GOOD = {discovery.SCHEME: "http", discovery.VERSION: discovery.PROTOCOL_VERSION}

servers = partial(server_search.servers, LOOPBACK)


def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a test's entries apart from those of all other programs on this machine."""
    monkeypatch.setattr(discovery, "SERVICE_TYPE", f"_lq{secrets.token_hex(4)}._tcp.local.")


@contextlib.asynccontextmanager
async def advertised(address: str = ADDRESS, port: int = 5000) -> AsyncIterator[Callable[[], Any]]:
    """Advertise a server, as one that listens there would; yields what withdraws it."""
    advertiser = Advertiser(LOOPBACK)
    advertiser.start([(address, port)])
    try:
        yield advertiser.withdraw
    finally:
        await advertiser.withdraw()


def entry(name: str, **changes: Any) -> ServiceInfo:
    """Return an entry that anybody could write; without changes it is a good one."""
    values = {
        "port": 5000,
        "properties": GOOD,
        "parsed_addresses": [ADDRESS],
        "server": f"{name}.local.",
    }
    full = f"{name}.{discovery.SERVICE_TYPE}"
    return ServiceInfo(discovery.SERVICE_TYPE, full, **{**values, **changes})


@contextlib.asynccontextmanager
async def written(*entries: ServiceInfo) -> AsyncIterator[AsyncZeroconf]:
    """Keep entries in the network's directory while the block runs."""
    async with AsyncZeroconf(LOOPBACK) as network:
        told = [network.async_register_service(e, cooperating_responders=True) for e in entries]
        await asyncio.gather(*[await one for one in told])
        yield network


class Seen:
    """What the form would be told, while the block runs."""

    def __init__(self, finder: server_search.Finder = servers) -> None:
        self.last: tuple[str, ...] = ()
        self._finder = finder

    async def __aenter__(self) -> Seen:
        self._task = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.wait({self._task}, timeout=PATIENCE)

    async def _look(self) -> None:
        async for found in self._finder():
            self.last = found
