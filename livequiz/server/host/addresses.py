"""The addresses at which a server can be reached, from its own machine and the local network."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection

import ifaddr

# Interfaces of containers, virtual machines and tunnels, behind which no student sits.
VIRTUAL = (
    *("docker", "br-", "veth", "virbr", "vboxnet", "vmnet", "vEthernet"),
    *("tun", "tap", "utun", "wg", "zt", "tailscale"),
)
EVERY_ADDRESS = {"0.0.0.0", "::", ""}  # noqa: S104


def best_host(listening_on: str, names: Collection[str] = ()) -> str:
    """Return the host to show in URLs.

    Args:
        listening_on: The address that the server listens on. For a wildcard address, the result is
            this machine's address on the local network.
        names: The names in the server's certificate, if it has one: clients can't verify it under
            any other name.
    """
    host = listening_on
    if listening_on in EVERY_ADDRESS:
        host = _own_address() or socket.gethostname()
    return _verifiable([host], names)


def local_host(listening_on: str, names: Collection[str] = ()) -> str:
    """Return the host for URLs used on this machine; takes the arguments of `best_host`."""
    if listening_on in EVERY_ADDRESS:
        return _verifiable(["127.0.0.1", "localhost"], names)
    return _verifiable([listening_on], names)


def hosts_of(listening_on: str) -> list[str]:
    """Return all hosts at which a server listening there can be reached, best first."""
    if listening_on not in EVERY_ADDRESS:
        return [listening_on]
    return [_own_address() or socket.gethostname(), "127.0.0.1", "localhost"]


def is_loopback(listening_on: str) -> bool:
    """Return whether only this machine can reach a server listening there."""
    address = _address(listening_on)
    return listening_on == "localhost" if address is None else address.is_loopback


def certified(host: str, names: Collection[str]) -> bool:
    """Return whether a certificate with these names is valid for a host."""
    return any(_same(host, name) for name in names)


def _verifiable(hosts: list[str], names: Collection[str]) -> str:
    """Return the first host in the certificate, else a name from it, else the first host.

    The result is in URL form.
    """
    for host in hosts:
        if certified(host, names):
            return _bracketed(host)
    ready = [name for name in names if "*" not in name and _address(name) is None]
    return _bracketed(next(iter(ready), hosts[0]))


def _same(host: str, name: str) -> bool:
    if (address := _address(host)) is not None:
        return address == _address(name)
    if name.startswith("*."):  # a wildcard matches one label
        return host.lower().partition(".")[2] == name[2:].lower()
    return host.lower() == name.lower()


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _bracketed(host: str) -> str:
    address = _address(host)
    return f"[{address}]" if address is not None and address.version == 6 else host


def network_addresses() -> list[str]:
    """Return this machine's IPv4 addresses that others may reach, the best one first."""
    own = _own_address()
    found = [
        str(ip.ip)
        for adapter in ifaddr.get_adapters()
        if not adapter.nice_name.startswith(VIRTUAL)
        for ip in adapter.ips
        if ip.is_IPv4
    ]
    outside = [
        host
        for host in found
        if not is_loopback(host) and not ipaddress.ip_address(host).is_link_local
    ]
    # The one that leads out first, then those of home and school networks.
    return sorted(outside, key=lambda host: (host != own, not host.startswith("192.168.")))


def reachable(bound: str) -> str | None:
    """Return the IP address at which other machines can reach a socket; None if they can't.

    Args:
        bound: The IP address that the socket is bound to.
    """
    address = ipaddress.ip_address(bound)
    if address.is_unspecified:
        return _own_address()
    return None if address.is_loopback else str(address)


def _own_address() -> str | None:
    """Return this machine's address on the local network, if it has one; sends no packet."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address (RFC 5737)
        except OSError:
            return None
        return str(probe.getsockname()[0])
