"""A wire tap: a TCP proxy that remembers every byte that a server sent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any


class Tap:
    """Listens on a port of its own and hands everything on, both ways.

    Args:
        port: Where the server listens.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.heard = bytearray()
        self.in_vain = asyncio.Event()  # somebody tried while the wire was cut
        self._whole = True
        self._last_word: bytes | None = None

    async def __aenter__(self) -> Tap:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def cut(self) -> None:
        """End every connection, and let none through."""
        self._whole = False
        for task in self._tasks:
            task.cancel()

    def cut_at(self, word: bytes) -> None:
        """Cut as soon as the server says a word, before anybody hears it."""
        self._last_word = word

    def mend(self) -> None:
        """Let connections through again."""
        self._whole, self._last_word = True, None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._whole:
            self.in_vain.set()
            writer.close()
            return
        theirs, ours = await asyncio.open_connection("127.0.0.1", self._port)
        self._spawn(self._pump(reader, ours, None))
        self._spawn(self._pump(theirs, writer, self.heard))

    async def _pump(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        record: bytearray | None,
    ) -> None:
        try:
            with contextlib.suppress(ConnectionError):
                while data := await source.read(65_536):
                    if record is not None:
                        record += data
                        if self._last_word is not None and self._last_word in data:
                            self.cut()
                            return
                    target.write(data)
                    await target.drain()
        finally:
            target.close()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
