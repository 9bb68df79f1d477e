"""A server of one's own: `livequiz serve` as a child process in a temporary folder."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from livequiz.domain.errors import Code, QuizError

START_WITHIN = 60.0  # seconds
STOP_WITHIN = 10.0  # seconds
KEPT = {"LIVEQUIZ_MONGOD", "LIVEQUIZ_CONFIG"}  # variables that are about this machine


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server that runs as a child of this process.

    Attributes:
        url: Where it listens.
        meeting: The code of its meeting.
        token: The instructor token.
        pid: Its process id.
        data_dir: Its folder, which goes when it does.
    """

    url: str
    meeting: str
    token: str
    pid: int
    data_dir: Path


@contextlib.asynccontextmanager
async def local_server(meeting: str, *flags: str) -> AsyncIterator[LocalServer]:
    """Run a server with a private MongoDB in a temporary folder while the block runs.

    Args:
        meeting: The code of its meeting.
        flags: What else `livequiz serve` is told.

    Raises:
        QuizError: With the server's own sentence, if it does not start.
    """
    with tempfile.TemporaryDirectory(prefix=f"livequiz-{meeting.lower()}-") as name:
        folder = Path(name)
        where = ("--port", "0", "--data-dir", name, "--meeting", meeting, "--no-config")
        process = await start_livequiz("serve", *where, *flags)
        try:
            yield await _wait_until_ready(process, folder)
        finally:
            await stop_livequiz(process)


async def start_livequiz(*arguments: str) -> asyncio.subprocess.Process:
    """Start a command of this program that ends with this process."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "livequiz",
        *arguments,
        # A pipe that ends with this process, and the child with it.
        "--stop-with-stdin",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(),
        # Ctrl-C in the terminal ends the dashboard first, and only then the server.
        start_new_session=True,
    )


async def stop_livequiz(process: asyncio.subprocess.Process) -> None:
    """End a command that `start_livequiz` started."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        # Reading to the end, too: a full pipe would keep the process from ending.
        await asyncio.wait_for(process.communicate(), STOP_WITHIN)
    except TimeoutError:
        process.kill()
        await process.wait()


def _environment() -> dict[str, str]:
    """Return what this process has, without what is for a class: this one is nobody's."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("LIVEQUIZ_") or name in KEPT
    }


async def _wait_until_ready(process: asyncio.subprocess.Process, folder: Path) -> LocalServer:
    loop = asyncio.get_running_loop()
    give_up = loop.time() + START_WITHIN
    while process.returncode is None and loop.time() < give_up:
        with contextlib.suppress(OSError, msgspec.DecodeError):
            running = msgspec.json.decode((folder / "server.json").read_bytes())
            token = (folder / "instructor-token").read_text(encoding="utf-8").strip()
            return LocalServer(running["url"], running["meeting"], token, process.pid, folder)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 0.1)
    assert process.stderr is not None  # noqa: S101
    said = (await process.stderr.read()).decode(errors="replace") if process.returncode else ""
    raise QuizError(Code.UNAVAILABLE, said.strip() or "The server did not start in time.")
