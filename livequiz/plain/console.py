"""Lines in and out: standard input and output, without moving the cursor."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from typing import Protocol

from livequiz.domain.text import printable, without_escapes


class Console(Protocol):
    """Where plain mode reads and writes lines."""

    def say(self, *lines: str) -> None:
        """Write lines at once."""

    async def read(self) -> str | None:
        """Return the next line without its end; None once there is no more input."""


class StandardConsole:
    """Standard input and output.

    A thread reads: event loops can't watch files, and Windows' can't watch consoles. If nobody
    reads the output any more, as after `| head -1`, the task that made the console is cancelled.
    """

    def __init__(self) -> None:
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._owner = asyncio.current_task()
        threading.Thread(target=self._read_all, daemon=True, name="stdin").start()

    def say(self, *lines: str) -> None:
        """Write lines at once."""
        text = "\n".join(printable(line, keep="\n\t") for line in lines)
        encoding = sys.stdout.encoding or "utf-8"
        text = text.encode(encoding, "replace").decode(encoding)
        try:
            print(text, flush=True)  # noqa: T201 - this is what the program is for
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit
            if self._owner is not None:
                self._owner.cancel()

    async def read(self) -> str | None:
        """Return the next line without its end; None once there is no more input."""
        line = await self._lines.get()
        if line is None:
            self._lines.put_nowait(None)  # and so for whoever asks next
        return line

    def _read_all(self) -> None:
        for line in lines_of_stdin():
            self._loop.call_soon_threadsafe(self._lines.put_nowait, line)
        self._loop.call_soon_threadsafe(self._lines.put_nowait, None)


def lines_of_stdin() -> Iterator[str]:
    """Yield the lines of standard input, without line ends and escape sequences.

    Not from `sys.stdin`: Python aborts at exit if a daemon thread holds that object's lock.
    """
    rest = b""
    while some := os.read(0, 65_536):
        *lines, rest = (rest + some).split(b"\n")
        yield from map(_text, lines)
    if rest:
        yield _text(rest)


def _text(line: bytes) -> str:
    return without_escapes(line.decode("utf-8", "replace")).strip()
