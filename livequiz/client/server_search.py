"""Service discovery: finds servers on the local network."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livequiz.client.mdns_browser import Browser

log = logging.getLogger(__name__)

Finder = Callable[[], AsyncIterator[tuple[str, ...]]]


async def servers(interfaces: Sequence[str] | None = None) -> AsyncIterator[tuple[str, ...]]:
    """Yield the URLs of all servers on the local network, again after each change.

    It ends by itself only if there is no usable network, which is logged.

    Args:
        interfaces: Addresses of the network interfaces to use; None for all.
    """
    browser_type = await asyncio.to_thread(_load)
    try:
        browser = browser_type(interfaces)
    except (OSError, RuntimeError) as error:
        log.warning("Can't look for servers on this network: %s", error)
        return
    async with browser:
        while True:
            await browser.changed.wait()
            browser.changed.clear()
            yield browser.urls


def _load() -> type[Browser]:
    """Import the browser lazily; runs in a thread, so as not to block the user interface."""
    from livequiz.client.mdns_browser import Browser

    return Browser
