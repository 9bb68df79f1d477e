"""A temporary server: `livequiz serve` as a child process with its data in a temporary folder."""

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
KEPT = {"LIVEQUIZ_MONGOD", "LIVEQUIZ_CONFIG"}  # environment variables that describe this machine


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A server that runs as a child process.

    Attributes:
        url: Where it listens.
        meeting: The code of its meeting.
        token: The instructor token.
        pid: Its process id.
        data_dir: Its data folder, deleted when it stops.
    """

    url: str
    meeting: str
    token: str
    pid: int
    data_dir: Path


@contextlib.asynccontextmanager
async def local_server(meeting: str, *flags: str) -> AsyncIterator[ServerProcess]:
    """Context manager: run a server with a private MongoDB in a temporary folder.

    Args:
        meeting: The code of its meeting.
        flags: More arguments for `livequiz serve`.

    Raises:
        QuizError: With the server's error message, if it does not start.
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
    """Start a command of this program as a child that exits with this process."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "livequiz",
        *arguments,
        # The pipe closes when this process exits, and the child then stops.
        "--stop-with-stdin",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(),
        # Keep Ctrl-C from reaching the server before the dashboard has closed.
        start_new_session=True,
    )


async def stop_livequiz(process: asyncio.subprocess.Process) -> None:
    """Stop a command started by `start_livequiz`."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        # Also drains the output: a full pipe would keep the process from exiting.
        await asyncio.wait_for(process.communicate(), STOP_WITHIN)
    except TimeoutError:
        process.kill()
        await process.wait()


def _environment() -> dict[str, str]:
    """Return this process's environment without the settings of a real class."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("LIVEQUIZ_") or name in KEPT
    }


async def _wait_until_ready(process: asyncio.subprocess.Process, folder: Path) -> ServerProcess:
    loop = asyncio.get_running_loop()
    give_up = loop.time() + START_WITHIN
    while process.returncode is None and loop.time() < give_up:
        with contextlib.suppress(OSError, msgspec.DecodeError):
            running = msgspec.json.decode((folder / "server.json").read_bytes())
            token = (folder / "instructor-token").read_text(encoding="utf-8").strip()
            return ServerProcess(running["url"], running["meeting"], token, process.pid, folder)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 0.1)
    assert process.stderr is not None  # noqa: S101
    said = (await process.stderr.read()).decode(errors="replace") if process.returncode else ""
    raise QuizError(Code.UNAVAILABLE, said.strip() or "The server did not start in time.")
