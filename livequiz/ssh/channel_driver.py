"""Lets a Textual app draw on an SSH channel instead of this process's terminal."""

from __future__ import annotations

import asyncio
import codecs
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Literal, TextIO, cast

import asyncssh
from rich.console import Console
from textual import events
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.geometry import Size
from textual.message import Message

from livequiz.domain.token_bucket import Bucket, Rate

BEGIN = (
    "\x1b[?1049h"  # the alternate screen
    "\x1b[?1000h\x1b[?1006h"  # clicks and the wheel; a report of each move would cost too much
    "\x1b[?25l"  # no cursor
    "\x1b[?2004h"  # bracketed paste
)
END = "\x1b[?2004l\x1b[?1006l\x1b[?1000l\x1b[?25h\x1b[?1049l"
ESCAPE_WITHIN = 0.1  # seconds; an ESC that nothing follows is the Escape key
TYPED = Rate(16_384, 1_024)  # bytes; who sends more is dropped
KEYS = Rate(400, 40)  # keys, clicks and pastes: each costs the worker about a millisecond
MOST_UNREAD = 1 << 20  # bytes; a terminal that leaves more unread is dropped
TRUECOLOR = ("alacritty", "contour", "foot", "ghostty", "iterm", "kitty", "wezterm", "direct")


class ChannelDriver(Driver):
    """A driver for one SSH channel.

    It must never reach for this host: no browser is opened here, and no file is written.

    Args:
        channel: The channel, without encoding.
        app: The app that draws.
    """

    def __init__(
        self,
        channel: asyncssh.SSHServerChannel[bytes],
        app: App[Any],
        **options: Any,
    ) -> None:
        super().__init__(app, **options)
        self._channel = channel
        self._parser = XTermParser()
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._tick: asyncio.TimerHandle | None = None
        self._listening = True
        self._bytes, self._keys = Bucket(TYPED, self._loop.time()), Bucket(KEYS, self._loop.time())

    def write(self, data: str) -> None:
        if self._channel.is_closing():
            return
        if self._channel.get_write_buffer_size() > MOST_UNREAD:
            self._channel.abort()
            return
        self._channel.write(data.encode("utf-8", "replace"))

    def feed(self, data: bytes) -> None:
        """Take what was typed."""
        text = self._decode(data)
        if not (text and self._listening):  # the parser would take nothing for the end
            return
        now = self._loop.time()
        if not self._bytes.take_with_debt(TYPED, now, TYPED.burst, len(data)):
            self._channel.abort()
            return
        try:
            for message in self._parser.feed(text):
                if self._keys.take(KEYS, now):  # others are for nobody: people type no faster
                    self.process_message(message)
        except (ValueError, OverflowError):  # a key code that no character has
            self._parser = XTermParser()
        if self._tick is not None:
            self._tick.cancel()
        self._tick = self._loop.call_later(ESCAPE_WITHIN, self._time_out)

    def resize(self, width: int, height: int) -> None:
        """Take the terminal's new size, in columns and rows."""
        self._size = width, height
        size = Size(width, height)
        self.send_message(cast(Message, events.Resize(size, size)))

    def start_application_mode(self) -> None:
        self.write(BEGIN)
        self.resize(*(self._size or (80, 24)))

    def disable_input(self) -> None:
        self._listening = False
        if self._tick is not None:
            self._tick.cancel()

    def stop_application_mode(self) -> None:
        self.disable_input()
        self.write(END)

    def open_url(self, url: str, new_tab: bool = True) -> None:
        """Open nothing: the browser would be the host's."""

    def deliver_binary(
        self,
        binary: BinaryIO | TextIO,
        *,
        delivery_key: str,
        save_path: Path,
        open_method: Literal["browser", "download"] = "download",
        encoding: str | None = None,
        mime_type: str | None = None,
        name: str | None = None,
    ) -> None:
        """Write nothing: the disk would be the host's."""

    def _time_out(self) -> None:
        for message in self._parser.tick():
            self.process_message(message)


def draw_on(app: App[Any], channel: asyncssh.SSHServerChannel[bytes], term: str) -> None:
    """Let an app draw on a channel, in the colours of its terminal."""
    app.driver_class = cast(type[Driver], partial(ChannelDriver, channel))
    app.console = Console(
        color_system=_colours(term),
        file=app.console.file,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )


def driver_of(app: App[Any]) -> ChannelDriver | None:
    """Return the driver of a running app."""
    driver = app._driver
    return driver if isinstance(driver, ChannelDriver) else None


def _colours(term: str) -> Literal["standard", "256", "truecolor"]:
    name = term.lower()
    if any(known in name for known in TRUECOLOR):
        return "truecolor"
    return "256" if "256" in name or name.startswith(("tmux", "screen")) else "standard"
