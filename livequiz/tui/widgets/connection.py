"""The connection status, shown on every screen."""

from __future__ import annotations

from time import monotonic

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from livequiz.tui.base import Clock, plain, say


class ConnectionBadge(Static):
    """A short label: a symbol, words, and how long the connection has been lost.

    Args:
        clock: Where time is read, in seconds.
    """

    DEFAULT_CSS = """
    ConnectionBadge { width: auto; height: 1; color: $success; text-align: right; }
    ConnectionBadge.-offline { color: $warning; text-style: bold; }
    """

    def __init__(self, *, clock: Clock = monotonic) -> None:
        super().__init__("● connected", markup=False)
        self._clock = clock
        self._since: float | None = None  # clock time when the connection was lost
        self._ticks: Timer | None = None

    def on_mount(self) -> None:
        self._ticks = self.set_interval(1, self._paint, pause=self.connected)

    @property
    def connected(self) -> bool:
        return self._since is None

    def online(self) -> None:
        """The connection is there."""
        self._since = None
        self._paint()

    def offline(self, since: float | None = None) -> None:
        """The connection is away.

        Args:
            since: When it went, by the clock; now if None. A second call moves nothing.
        """
        if self._since is None:
            self._since = self._clock() if since is None else since
        self._paint()

    def _paint(self) -> None:
        if self._ticks is not None:
            (self._ticks.pause if self.connected else self._ticks.resume)()
        self.set_class(not self.connected, "-offline")
        say(self, self._words())

    def _words(self) -> str:
        if self._since is None:
            return "● connected"
        age = int(self._clock() - self._since)
        return f"○ no connection, retrying ({age} s)"


class TopBar(Horizontal):
    """A screen's first row: what it is about, and the connection.

    While the connection is away the row inverts from edge to edge. It is the same row, so
    nothing below it moves.

    Args:
        title: The screen's title; untrusted text.
        clock: Where time is read, in seconds.
    """

    DEFAULT_CSS = """
    TopBar { height: 1; width: 1fr; padding: 0 2; background: $surface; color: $foreground; }
    TopBar .topbar-title { width: 1fr; height: 1; text-style: bold; text-wrap: nowrap; }
    TopBar .topbar-title { text-overflow: ellipsis; padding: 0 2 0 0; }
    TopBar.-offline { background: $warning; color: $background; }
    TopBar.-offline #title { color: $background; }
    TopBar.-offline ConnectionBadge { color: $background; }
    """

    def __init__(self, title: object = "", *, clock: Clock = monotonic) -> None:
        super().__init__()
        self._title = plain(title, keep="")
        self._badge = ConnectionBadge(clock=clock)

    def compose(self) -> ComposeResult:
        yield Static(self._title, classes="topbar-title")
        yield self._badge

    def entitle(self, title: Content) -> None:
        """Set the title."""
        say(self.query_one(".topbar-title", Static), title)

    def online(self) -> None:
        """The connection is there."""
        self.remove_class("-offline")
        self._badge.online()

    def offline(self, since: float | None = None) -> None:
        """Show that the connection has been lost since a clock time."""
        self.add_class("-offline")
        self._badge.offline(since)
