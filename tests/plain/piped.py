"""A plain student as a process whose input and output are pipes."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.patience import PATIENCE


class Piped:
    """A running command; what it has said is kept."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.said = ""
        self._read = 0  # characters that a test has waited for

    async def type(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()

    async def until(self, words: str) -> str:
        """Wait until it says something after what was waited for before; return all up to it."""
        assert self._process.stdout is not None
        while (place := self.said.find(words, self._read)) < 0:
            try:
                read = self._process.stdout.read(4096)
                some = await asyncio.wait_for(read, PATIENCE)
            except TimeoutError:
                raise AssertionError(f"{words!r} was never said after:\n{self.said}") from None
            if not some:
                raise AssertionError(f"It ended, and {words!r} was never said after:\n{self.said}")
            self.said += some.decode()
        start, self._read = self._read, place + len(words)
        return self.said[start : self._read]

    async def ended(self) -> int:
        """Close its input, and return its exit code once it has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        rest = await asyncio.wait_for(self._process.stdout.read(), PATIENCE)
        self.said += rest.decode()
        return await asyncio.wait_for(self._process.wait(), PATIENCE)


@asynccontextmanager
async def piped(
    *arguments: str, state: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Piped]:
    """Run `livequiz`."""
    told = {"LIVEQUIZ_STATE_DIR": str(state), **(environment or {})}
    async with running(sys.executable, "-m", "livequiz", *arguments, environment=told) as process:
        yield process


@asynccontextmanager
async def running(*command: str, environment: Mapping[str, str]) -> AsyncIterator[Piped]:
    """Run a command."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **environment},
    )
    try:
        yield Piped(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
