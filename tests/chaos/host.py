"""A real `livequiz serve` in a process of its own, that can be killed, paused and started again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from livequiz.db.private_mongod import running_uri
from livequiz.db.store import Store
from livequiz.domain.model import Response

MEETING = "CHAOS"
START_WITHIN = 40.0  # seconds


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Host:
    """The server of a data folder, on the same port however often it starts.

    Args:
        folder: The data folder.
        bank: The questions that it begins with.
    """

    def __init__(self, folder: Path, bank: list[dict[str, object]]) -> None:
        self.folder = folder
        self.port = free_port()
        self.ssh_port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.token = "a-token-for-chaos"
        self._bank = folder.parent / "bank.json"
        self._bank.write_text(json.dumps(bank))
        self._arguments = [
            *("--data-dir", str(folder), "--port", str(self.port)),
            *("--meeting", MEETING, "--bank", str(self._bank)),
            *("--ssh", "--ssh-port", str(self.ssh_port)),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start, and return when students can join."""
        (self.folder / "server.json").unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "livequiz", "serve", *self._arguments],
            env={
                **os.environ,
                "LIVEQUIZ_INSTRUCTOR_TOKEN": self.token,
                "LIVEQUIZ_CONFIG": "/nonexistent/config.toml",
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        give_up = time.monotonic() + START_WITHIN
        while not (self.folder / "server.json").exists():
            if self._process.poll() is not None:
                assert self._process.stderr is not None
                raise AssertionError(self._process.stderr.read().decode())
            assert time.monotonic() < give_up, "the server did not start"
            await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """End the server without a word, and its mongod with it."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """End the server as a person does."""
        await self._end(signal.SIGTERM)

    def pause(self) -> None:
        """Freeze the server, as a laptop that sleeps does."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Thaw it."""
        self._signal(signal.SIGCONT)

    @property
    def mongod(self) -> int:
        """The process id of the private mongod."""
        (lock,) = self.folder.rglob("mongod.lock")
        return int(lock.read_text())

    def kill_mongod(self) -> None:
        """End MongoDB without a word; the server starts another one."""
        os.kill(self.mongod, signal.SIGKILL)

    async def responses(self) -> list[tuple[int, Response]]:
        """Return all stored responses, each with the number of its round."""
        uri = running_uri(self.folder)
        assert uri is not None
        store = Store(uri)
        try:
            found = await store.rounds.meeting_responses(MEETING)
            rounds = await store.rounds.page(MEETING, 0, 1_000)
        finally:
            store.close()
        numbers = {quiz_round.id: quiz_round.number for quiz_round in rounds}
        return [(numbers[response.round_id], response) for response in found]

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        await asyncio.to_thread(self._process.wait, 20)
        self._process = None
