"""Tells the network where the server is, so that nobody has to type its address."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from zeroconf import Error, InterfaceChoice, ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

from livequiz.protocol import discovery
from livequiz.server.addresses import certified, reachable
from livequiz.server.tasks import Tasks

log = logging.getLogger(__name__)

WITHDRAW_WITHIN = 1.0  # seconds


class Advertiser:
    """A server's entry in the directory that the machines of a network keep together (mDNS).

    Whatever goes wrong with it is logged: a server without an entry can still be typed.

    Args:
        interfaces: Addresses of this machine on whose networks to tell; None for all.
        certified_for: The names and addresses in the server's certificate; None without TLS.
            Only these addresses are told: a client could not verify the server at another.
    """

    def __init__(
        self,
        interfaces: Sequence[str] | None = None,
        certified_for: Collection[str] | None = None,
    ) -> None:
        self._certified_for = certified_for
        self._interfaces = InterfaceChoice.All if interfaces is None else list(interfaces)
        self._tasks = Tasks()

    def start(self, bound: Iterable[Sequence[Any]]) -> None:
        """Advertise in the background, if other machines can reach the server.

        Args:
            bound: The addresses that the server listens on, as sockets give them.
        """
        service = _service(bound, self._certified_for)
        if service is not None:
            self._tasks.spawn(self._advertise(service), "advertise")

    async def withdraw(self) -> None:
        """Take the entry out again; returns within `WITHDRAW_WITHIN`, and raises nothing."""
        try:
            await asyncio.wait_for(self._tasks.cancel(), WITHDRAW_WITHIN)
        except TimeoutError:
            log.warning("Could not withdraw the server from the network's directory in time")

    async def _advertise(self, service: ServiceInfo) -> None:
        try:
            async with AsyncZeroconf(self._interfaces) as network:  # closing it withdraws
                telling = await network.async_register_service(service)
                log.info("Advertised on the network at port %s", service.port)
                await telling
                await asyncio.Event().wait()
        except (OSError, RuntimeError, Error) as error:  # no network, no multicast, no right to it
            log.warning("Can't advertise on the network: %s", error or type(error).__name__)


def _service(
    bound: Iterable[Sequence[Any]], certified_for: Collection[str] | None
) -> ServiceInfo | None:
    """Return what is told: port, address, scheme and version; None if nobody could use it."""
    places = [(address, port) for host, port, *_ in bound if (address := reachable(host))]
    if certified_for is not None:
        places = [place for place in places if certified(place[0], certified_for)]
    if not places:
        return None
    port = places[0][1]
    name = f"livequiz-{secrets.token_hex(4)}"  # says nothing of the machine, meets no other
    return ServiceInfo(
        discovery.SERVICE_TYPE,
        f"{name}.{discovery.SERVICE_TYPE}",
        port=port,
        properties={
            discovery.SCHEME: "http" if certified_for is None else "https",
            discovery.VERSION: discovery.PROTOCOL_VERSION,
        },
        server=f"{name}.local.",
        parsed_addresses=[address for address, its_port in places if its_port == port],
    )
