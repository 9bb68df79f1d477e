"""Browses the local network for servers with mDNS (RFC 6762).

Anybody on the network can send entries, so they are untrusted: only an IP address, a port, one of
two schemes and the protocol version are read from them.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from types import TracebackType
from typing import Self

from zeroconf import Error, InterfaceChoice, IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from livequiz.protocol import discovery

log = logging.getLogger(__name__)

MOST = 16  # entries looked up or kept at once
LOOK_UP_WITHIN = 3.0  # seconds


class Browser:
    """An async context manager that keeps track of the advertised servers.

    Args:
        interfaces: Addresses of the network interfaces to use; None for all.

    Raises:
        OSError: If listening on the network fails.
        RuntimeError: If there is no network.
    """

    def __init__(self, interfaces: Sequence[str] | None = None) -> None:
        self.changed = asyncio.Event()  # set when `urls` has changed
        self._urls: dict[str, str] = {}  # by entry name, in order of discovery
        self._lookups: dict[str, asyncio.Task[None]] = {}
        self._network = AsyncZeroconf(
            InterfaceChoice.All if interfaces is None else list(interfaces)
        )

    @property
    def urls(self) -> tuple[str, ...]:
        """The distinct URLs of the servers, the newest last."""
        return tuple(dict.fromkeys(self._urls.values()))

    async def __aenter__(self) -> Self:
        self._browser = AsyncServiceBrowser(
            self._network.zeroconf, discovery.SERVICE_TYPE, handlers=[self._on_entry]
        )
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await self._browser.async_cancel()
        lookups = list(self._lookups.values())
        for task in lookups:
            task.cancel()
        await asyncio.gather(*lookups, return_exceptions=True)
        await self._network.async_close()

    def _on_entry(
        self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        """Handle an added, updated or removed entry; zeroconf passes these keyword arguments."""
        if state_change is ServiceStateChange.Removed:
            if name in self._lookups:
                self._lookups[name].cancel()
            self._keep(name, None)
        elif name not in self._lookups and (
            name in self._urls or len(self._urls.keys() | self._lookups.keys()) < MOST
        ):
            task = asyncio.create_task(self._look_up(name), name="look a server up")
            self._lookups[name] = task
            task.add_done_callback(lambda _: self._lookups.pop(name, None))

    async def _look_up(self, name: str) -> None:
        try:
            entry = AsyncServiceInfo(discovery.SERVICE_TYPE, name)
            found = await entry.async_request(self._network.zeroconf, LOOK_UP_WITHIN * 1000)
        except Error as error:  # an invalid name
            log.info("An advertised server can't be looked up: %s", type(error).__name__)
            return
        self._keep(name, url_of(entry) if found else None)

    def _keep(self, name: str, url: str | None) -> None:
        before = self.urls
        if url is None:
            self._urls.pop(name, None)
        else:
            self._urls[name] = url
        if self.urls != before:
            self.changed.set()


def url_of(entry: AsyncServiceInfo) -> str | None:
    """Return the server URL from an entry, or None if the entry is invalid."""
    told = entry.properties
    schemes = {scheme.encode(): scheme for scheme in discovery.SCHEMES}
    scheme = schemes.get(told.get(discovery.SCHEME.encode()) or b"")
    spoken = told.get(discovery.VERSION.encode()) == discovery.PROTOCOL_VERSION.encode()
    packed = entry.addresses_by_version(IPVersion.All)
    host = next(filter(None, map(_host, map(ipaddress.ip_address, packed))), None)
    if scheme is None or not spoken or not entry.port or host is None:
        return None
    return f"{scheme}://{host}:{entry.port}"


def _host(address: IPv4Address | IPv6Address) -> str | None:
    """Return an address in URL form, or None if it can't be that of another machine."""
    if address.is_loopback or address.is_unspecified or address.is_multicast or address.is_reserved:
        return None
    if isinstance(address, IPv4Address):
        return str(address)
    return None if address.is_link_local else f"[{address}]"  # link-local needs a zone
