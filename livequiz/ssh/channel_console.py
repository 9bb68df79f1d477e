"""The console of plain mode on an SSH channel without a terminal."""

from __future__ import annotations

import asyncio

import asyncssh

from livequiz.domain.text import printable
from livequiz.domain.token_bucket import Bucket
from livequiz.ssh.channel_driver import TYPED

LONGEST_LINE = 4_096  # bytes; what is longer is cut
MOST_LINES = 100  # that nobody has read yet; more are dropped


class ChannelConsole:
    """Reads and writes lines; a `plain.console.Console`.

    Args:
        channel: The channel, without encoding.
        echo: Whether to show what is typed, and to end lines with a carriage return: on a
            terminal, which sends keys.
    """

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], *, echo: bool) -> None:
        self._channel = channel
        self._echo = echo
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._begun = b""
        self._bytes = Bucket(TYPED, asyncio.get_running_loop().time())

    def say(self, *lines: str) -> None:
        text = "".join(printable(line, keep="\n\t") + "\n" for line in lines)
        if self._echo:
            text = text.replace("\n", "\r\n")
        if not self._channel.is_closing():
            self._channel.write(text.encode("ascii" if self._echo else "utf-8", "replace"))

    async def read(self) -> str | None:
        line = await self._lines.get()
        if line is None:
            self._lines.put_nowait(None)
        return line

    def feed(self, data: bytes) -> None:
        """Take what was typed."""
        now = asyncio.get_running_loop().time()
        if not self._bytes.take_with_debt(TYPED, now, TYPED.burst, len(data)):
            self._channel.abort()
            return
        if self._echo:
            data = self._edit(data)
        *lines, begun = (self._begun + data).replace(b"\r\n", b"\n").split(b"\n")
        self._begun = begun[:LONGEST_LINE]
        for line in lines:
            if self._lines.qsize() < MOST_LINES:
                self._lines.put_nowait(line[:LONGEST_LINE].decode("utf-8", "replace").strip())

    def end(self) -> None:
        """Take the end of the input."""
        if self._begun:
            self.feed(b"\n")
        self._lines.put_nowait(None)

    def _edit(self, keys: bytes) -> bytes:
        """Echo keys; return the finished part of the line, with corrections made."""
        line = bytearray(self._begun)
        done = bytearray()
        for key in keys:
            match key:
                case 3 | 4:  # Ctrl-C, Ctrl-D
                    self.end()
                case 8 | 127 if line:
                    line.pop()
                    self._channel.write(b"\b \b")
                case 10 | 13:
                    self._channel.write(b"\r\n")
                    done += line + b"\n"
                    line.clear()
                case _ if key >= 32 and key != 127 and len(line) < LONGEST_LINE:
                    line.append(key)
                    self._channel.write(bytes([key]))
        self._begun = b""
        return bytes(done + line)
