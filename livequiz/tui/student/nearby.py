"""Server discovery on this network, shown beside the field for the server's address."""

from __future__ import annotations

import logging

from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from livequiz.client.server_search import Finder

log = logging.getLogger(__name__)

SETTLE = 0.5  # seconds without a change after which discovery counts as settled


class Nearby(Static):
    """Discovers servers while it is mounted, and shows how many there are.

    Args:
        finder: Discovers servers; tests pass their own.
    """

    class Changed(Message):
        """The set of servers changed."""

    class Settled(Message):
        """The set of servers has not changed for a moment."""

    def __init__(self, finder: Finder) -> None:
        super().__init__("", id="nearby", markup=False)
        self._finder = finder
        self._settling: Timer | None = None
        self.servers: tuple[str, ...] = ()

    def on_mount(self) -> None:
        self.call_after_refresh(self._begin)  # paint the form first

    def _begin(self) -> None:
        # Textual cancels this worker when the widget is removed.
        self.run_worker(self._look(), "look for servers", "nearby")

    @property
    def only_one(self) -> str:
        """The server's URL if there is exactly one, otherwise an empty string."""
        return self.servers[0] if len(self.servers) == 1 else ""

    def after(self, url: str) -> str:
        """Return the URL after this one, wrapping around; empty if there is no other."""
        place = self.servers.index(url) + 1 if url in self.servers else 0
        going_round = self.servers[place:] + self.servers[:place]
        return next((server for server in going_round if server != url), "")

    async def _look(self) -> None:
        try:
            async for servers in self._finder():
                self._show(servers)
        # Malformed packets may raise anything in the library; the address can still be typed.
        except Exception:
            log.exception("The search for servers on this network failed")

    def _show(self, servers: tuple[str, ...]) -> None:
        self.servers = servers
        self.update(f"found on this network: {len(servers)}")
        self.set_class(bool(servers), "-found")
        self.post_message(self.Changed())
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(SETTLE, self._settled)

    def _settled(self) -> None:
        self.post_message(self.Settled())
