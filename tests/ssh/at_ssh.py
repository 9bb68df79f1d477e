"""A server with SSH, and the OpenSSH client as people use it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from benchmarks.ssh_class import workers_of
from livequiz.client.instructor import InstructorSession
from livequiz.domain.errors import QuizError
from tests.e2e.test_command_line import Server
from tests.patience import patient

MEETING = "K7QX4M"
BANK = Path(__file__).parents[1] / "tui" / "sixty.json"  # all of its questions have options A to D
QUIET = (
    *("-F", "/dev/null", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
    *("-o", "LogLevel=ERROR", "-o", "IdentitiesOnly=yes"),
)


class SshServer(Server):
    """`livequiz serve --ssh` in a process of its own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        ssh = ("--ssh", "--ssh-port", "0", "--meeting", MEETING)
        super().__init__(folder, "--port", "0", "--bank", str(BANK), *ssh, *arguments)
        self.port = json.loads((folder / "server.json").read_text())["ssh_port"]

    @property
    def token(self) -> str:
        return (self.folder / "instructor-token").read_text().strip()

    def command(self, user: str = MEETING, *flags: str) -> tuple[str, ...]:
        """Return the `ssh` that a person types."""
        return ("ssh", *QUIET, *flags, "-p", str(self.port), f"{user}@127.0.0.1")

    def run(
        self, user: str, *flags: str, command: str = "", stdin: bytes = b""
    ) -> subprocess.CompletedProcess[bytes]:
        """Run `ssh` to its end, without a terminal."""
        return subprocess.run(
            [*self.command(user, *flags), *([command] if command else [])],
            input=stdin,
            capture_output=True,
            check=False,
            timeout=patient(40),
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder)},
        )

    @contextlib.asynccontextmanager
    async def teaching(self) -> AsyncIterator[InstructorSession]:
        """Join as the instructor over a socket."""
        session = InstructorSession(self.url)
        await session.open()
        await session.join("teacher", MEETING, self.token)
        try:
            yield session
        finally:
            await session.close()

    @contextlib.contextmanager
    def round(self) -> Iterator[None]:
        """Send everybody a question, and close the round in the end."""

        async def trigger() -> None:
            async with self.teaching() as session:
                await session.trigger(duration=600, allow_repeats=True)

        async def close() -> None:
            async with self.teaching() as session:
                with contextlib.suppress(QuizError):  # all had answered
                    await session.close_round()

        asyncio.run(trigger())
        try:
            yield
        finally:
            asyncio.run(close())

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        return workers_of(self.process.pid)
