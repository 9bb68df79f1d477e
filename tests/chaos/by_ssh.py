"""Students who take part by `ssh`, line by line, while everything around them fails."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
from pathlib import Path

from tests.chaos.host import MEETING
from tests.ssh.at_ssh import QUIET

COME_BACK = 0.5  # seconds after a connection broke
SAID = re.compile(
    rb"your rejoin code is (?P<code>\w+)\.|(?P<asks>type your rejoin code; otherwise Enter:)"
    rb"|Question (?P<number>\d+), |(?P<options>Type one letter from)"
    rb"|(?P<verdict>\b(?:Correct|Incorrect)\.)"
)


class SshStudents:
    """So many students, each with an OpenSSH client that is started again when it ends.

    Attributes:
        told: What they were told of their answers, by number of the round and student id.
        heard: Whether anybody was told anything.

    Args:
        port: Where the server listens for SSH.
        home: A folder for the clients.
        rng: Decides who answers what, and when.
    """

    def __init__(self, port: int, home: Path, rng: random.Random) -> None:
        self.told: dict[tuple[int, str], bool] = {}
        self.contradictions: list[str] = []
        self.heard = asyncio.Event()
        self._command = ("ssh", *QUIET, "-T", "-p", str(port), f"{MEETING}@127.0.0.1")
        self._environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
        self._rng = rng
        self._tasks: list[asyncio.Task[None]] = []

    def join(self, count: int) -> None:
        """Let so many come."""
        self._tasks += [asyncio.create_task(self._live(f"H{number:03}")) for number in range(count)]

    async def close(self) -> None:
        """Let them go."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _live(self, student_id: str) -> None:
        code = b""
        while True:
            client = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=self._environment,
            )
            try:
                with contextlib.suppress(ConnectionError):
                    code = await self._take_part(client, student_id, code)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    client.kill()
                await client.wait()
            await asyncio.sleep(COME_BACK)

    async def _take_part(
        self, client: asyncio.subprocess.Process, student_id: str, code: bytes
    ) -> bytes:
        """Take part until the connection ends; return the code to come back with."""
        assert client.stdin is not None
        assert client.stdout is not None
        client.stdin.write(f"{student_id}\nPerson {student_id}\n".encode())
        text, number = b"", 0
        while more := await client.stdout.read(4_096):
            text += more
            end = 0
            for said in SAID.finditer(text):
                end = said.end()
                if said["code"]:
                    code = said["code"]
                elif said["asks"]:
                    client.stdin.write(code + b"\n")
                elif said["number"]:
                    number = int(said["number"])
                elif said["options"]:
                    await asyncio.sleep(self._rng.uniform(0.2, 2))
                    client.stdin.write(self._rng.choice((b"a\n", b"b\n")))
                else:
                    self._note((number, student_id), said["verdict"] == b"Correct.")
            text = text[end:]
        return code

    def _note(self, key: tuple[int, str], correct: bool) -> None:
        self.heard.set()
        if self.told.setdefault(key, correct) != correct:
            self.contradictions.append(f"{key}: told both that it is right and that it is wrong")
