"""Reads the directory that the machines of a network keep together (mDNS, RFC 6762).

Anybody on the network can write into it, so nothing of it is taken but an IP address, a port and
one of two schemes.
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

MOST = 16  # entries that are looked up or kept at a time
LOOK_UP_WITHIN = 3.0  # seconds


class Browser:
    """The servers that are advertised, from entering the context to leaving it.

    Args:
        interfaces: Addresses of this machine on whose networks to look; None for all.

    Raises:
        OSError: If the network can't be listened to.
        RuntimeError: If there is no network.
    """

    def __init__(self, interfaces: Sequence[str] | None = None) -> None:
        self.changed = asyncio.Event()  # set when `urls` has become another one
        self._urls: dict[str, str] = {}  # by the entry's name, in the order of their coming
        self._lookups: dict[str, asyncio.Task[None]] = {}
        self._network = AsyncZeroconf(
            InterfaceChoice.All if interfaces is None else list(interfaces)
        )

    @property
    def urls(self) -> tuple[str, ...]:
        """Where the servers are; each once, the newest last."""
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
        """Take up an entry that came, changed or went; called by zeroconf, by these names."""
        if state_change is ServiceStateChange.Removed:
            if name in self._lookups:
                self._lookups[name].cancel()
            self._keep(name, None)
        elif name not in self._lookups and self._has_room(name):
            task = asyncio.create_task(self._look_up(name), name="look a server up")
            self._lookups[name] = task
            task.add_done_callback(lambda _: self._lookups.pop(name, None))

    def _has_room(self, name: str) -> bool:
        return name in self._urls or len(self._urls.keys() | self._lookups.keys()) < MOST

    async def _look_up(self, name: str) -> None:
        try:
            entry = AsyncServiceInfo(discovery.SERVICE_TYPE, name)
            found = await entry.async_request(self._network.zeroconf, LOOK_UP_WITHIN * 1000)
        except Error as error:  # a name that is none
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
    """Return where a server is by its entry, or None if the entry makes no sense."""
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
    """Return an address as it stands in a URL, or None if no other machine can have it."""
    if address.is_loopback or address.is_unspecified or address.is_multicast or address.is_reserved:
        return None
    if isinstance(address, IPv4Address):
        return str(address)
    return None if address.is_link_local else f"[{address}]"  # that would need an interface too
