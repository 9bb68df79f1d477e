"""Advertises the server on the local network (mDNS), so that nobody has to type its address."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from zeroconf import Error, InterfaceChoice, ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

from livequiz.protocol import discovery
from livequiz.server.background import Tasks
from livequiz.server.host.addresses import certified, reachable

log = logging.getLogger(__name__)

WITHDRAW_WITHIN = 1.0  # seconds


class Advertiser:
    """A server's mDNS service record.

    Network errors are only logged: without the record, users can still type the address.

    Args:
        interfaces: This machine's addresses on the networks to advertise on; None for all.
        certified_for: The names and addresses in the server's certificate; None without TLS.
            Only these addresses are advertised: clients can't verify the server at others.
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
        """Withdraw the record; gives up after `WITHDRAW_WITHIN` seconds."""
        try:
            await asyncio.wait_for(self._tasks.cancel(), WITHDRAW_WITHIN)
        except TimeoutError:
            log.warning("Could not stop announcing the server on the network in time")

    async def _advertise(self, service: ServiceInfo) -> None:
        try:
            async with AsyncZeroconf(self._interfaces) as network:  # withdraws on close
                telling = await network.async_register_service(service)
                log.info("Announced on the network at port %s", service.port)
                await telling
                await asyncio.Event().wait()
        except (OSError, RuntimeError, Error) as error:  # no network, multicast or permission
            log.warning(
                "Can't announce the server on the network: %s", error or type(error).__name__
            )


def _service(
    bound: Iterable[Sequence[Any]], certified_for: Collection[str] | None
) -> ServiceInfo | None:
    """Return the service record; None if no other machine could use it."""
    places = [(address, port) for host, port, *_ in bound if (address := reachable(host))]
    if certified_for is not None:
        places = [place for place in places if certified(place[0], certified_for)]
    if not places:
        return None
    port = places[0][1]
    name = f"livequiz-{secrets.token_hex(4)}"  # unique, and reveals nothing about the machine
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
