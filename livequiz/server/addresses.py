"""Which address students on the same network can type."""

from __future__ import annotations

import ipaddress
import socket


def best_host(listening_on: str) -> str:
    """Return the host to show in URLs.

    Args:
        listening_on: What the server was told to listen on; for "every address" it is this
            machine's own on the local network.
    """
    if listening_on in {"0.0.0.0", "::", ""}:  # noqa: S104
        return _own_address() or socket.gethostname()
    try:
        address = ipaddress.ip_address(listening_on)
    except ValueError:
        return listening_on
    return f"[{address}]" if address.version == 6 else str(address)


def reachable(bound: str) -> str | None:
    """Return the IP address at which other machines reach a socket; None if they can't.

    Args:
        bound: The IP address that the socket is bound to.
    """
    address = ipaddress.ip_address(bound)
    if address.is_unspecified:
        return _own_address()
    return None if address.is_loopback else str(address)


def _own_address() -> str | None:
    """Return the address that this machine would use on its network; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address (RFC 5737)
        except OSError:
            return None
        return str(probe.getsockname()[0])
