"""A class of a hundred, each with an `ssh` of their own, that answers a round."""

from __future__ import annotations

import asyncio
import contextlib
import os
import termios
from pathlib import Path

import aiohttp

from benchmarks.ssh_class import resident
from tests.patience import patient
from tests.ssh.at_ssh import MEETING, SshServer

CLASS = 100
AT_ONCE = 8  # people don't all press Enter in the same second
MOST_MEMORY = 1_500  # MB that belong to the server and its workers alone
LISTED = f"/api/v1/meetings/{MEETING}/stats"


class Person:
    """Somebody with an `ssh` in a terminal of 80x24, who types no faster than people do."""

    def __init__(self, number: int) -> None:
        self.id = f"S{number:03}"
        self.screen = b""
        self._news = asyncio.Event()
        self._master = -1
        self._ssh: asyncio.subprocess.Process | None = None

    async def join(self, command: tuple[str, ...], gate: asyncio.Semaphore) -> None:
        async with gate:
            self._master, slave = os.openpty()
            termios.tcsetwinsize(slave, (24, 80))
            self._ssh = await asyncio.create_subprocess_exec(
                *command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
            )
            os.close(slave)
            asyncio.get_running_loop().add_reader(self._master, self._read)
            await self.until(b"Join your class")
            await self.type(f"{self.id}\r", f"Person {self.id}\r")
            await self.until(b"You are in")

    async def type(self, *lines: str) -> None:
        for character in "".join(lines):
            os.write(self._master, character.encode())
            await asyncio.sleep(0.06)

    async def until(self, text: bytes) -> None:
        async with asyncio.timeout(patient(60)):
            while text not in self.screen:
                self._news.clear()
                await self._news.wait()
        self.screen = b""

    async def answer(self) -> None:
        await self.until(b"Question 1 ")
        await asyncio.sleep(0.5)  # a key is not taken before
        await self.type("b")
        await self.until(b"submit B")
        await self.type("\r")
        await self.until(b"Press any key to go back")

    async def leave(self) -> None:
        if self._ssh is not None:
            asyncio.get_running_loop().remove_reader(self._master)
            with contextlib.suppress(ProcessLookupError):
                self._ssh.terminate()
            await self._ssh.wait()
            os.close(self._master)

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # the other side has gone
            self.screen = (self.screen + os.read(self._master, 65_536))[-65_536:]
            self._news.set()


async def test_a_hundred_people_answer_by_ssh(tmp_path: Path) -> None:
    server = await asyncio.to_thread(SshServer, tmp_path / "data")
    people = [Person(number) for number in range(CLASS)]
    gate, command = asyncio.Semaphore(AT_ONCE), server.command(MEETING, "-tt")
    try:
        await asyncio.gather(*(person.join(command, gate) for person in people))
        async with server.teaching() as teacher, aiohttp.ClientSession() as http:
            sent = await teacher.trigger(duration=600, allow_repeats=True)
            assert sent.count == CLASS
            await asyncio.gather(*(person.answer() for person in people))
            headers = {"Authorization": f"Bearer {server.token}"}
            async with http.get(server.url + LISTED, headers=headers) as reply:
                assert (await reply.json())["responses"] == CLASS
        assert resident([server.process.pid, *server.workers()]) < MOST_MEMORY
    finally:
        await asyncio.gather(*(person.leave() for person in people))
        await asyncio.to_thread(server.stop)
