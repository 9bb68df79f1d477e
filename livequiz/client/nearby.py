"""The servers on this network, for those who have no address."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livequiz.client.browser import Browser

log = logging.getLogger(__name__)

Finder = Callable[[], AsyncIterator[tuple[str, ...]]]


async def servers(interfaces: Sequence[str] | None = None) -> AsyncIterator[tuple[str, ...]]:
    """Yield the URLs of the servers on this network, all of them whenever they change.

    It ends by itself only where there is no network to look at, which is logged.

    Args:
        interfaces: Addresses of this machine on whose networks to look; None for all.
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
    """Import what it takes; in a thread, because a screen is being painted meanwhile."""
    from livequiz.client.browser import Browser

    return Browser
