"""How many servers there are on this network, beside the field for the server's address."""

from __future__ import annotations

import logging

from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from livequiz.client.nearby import Finder

log = logging.getLogger(__name__)

SETTLE = 0.5  # seconds: a first server is the only one if no second has come by then


class Nearby(Static):
    """Looks for servers as long as it is on a screen, and says how many there are.

    Args:
        finder: What looks for them; tests bring their own.
    """

    class Changed(Message):
        """Other servers are there than before."""

    class Settled(Message):
        """They have stayed the same for a moment."""

    def __init__(self, finder: Finder) -> None:
        super().__init__("", id="nearby", markup=False)
        self._finder = finder
        self._settling: Timer | None = None
        self.servers: tuple[str, ...] = ()

    def on_mount(self) -> None:
        self.call_after_refresh(self._begin)  # a form that can be read comes first

    def _begin(self) -> None:
        # It ends with the widget: Textual cancels the workers of what it removes.
        self.run_worker(self._look(), "look for servers", "nearby")

    @property
    def only_one(self) -> str:
        """The URL of the server if there is exactly one, else empty."""
        return self.servers[0] if len(self.servers) == 1 else ""

    def after(self, url: str) -> str:
        """Return the URL that follows one, going round; empty if there is no other."""
        place = self.servers.index(url) + 1 if url in self.servers else 0
        going_round = self.servers[place:] + self.servers[:place]
        return next((server for server in going_round if server != url), "")

    async def _look(self) -> None:
        try:
            async for servers in self._finder():
                self._show(servers)
        # Whatever the library makes of other machines' packets: the address can still be typed.
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
