"""A class over SSH: how long until everybody sees their question, and what the server takes.

    python -m benchmarks.ssh_class --students 100

Real connections by asyncssh from one process, each with a terminal of 80x24, that type the join
form and read the screen. The server is a `livequiz serve --ssh` of its own, on this machine, so
both share its cores.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, cast

import asyncssh

from livequiz.client.instructor import InstructorSession

MEETING = "K7QX4M"
AT_ONCE = 8  # joins; people don't all press Enter in the same second


Joined = tuple["Student", asyncssh.SSHClientConnection]


class Student(asyncssh.SSHClientSession[bytes]):
    """A terminal: remembers when a text came."""

    def __init__(self) -> None:
        self.screen = b""
        self._news = asyncio.Event()

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        self.screen = (self.screen + data)[-65_536:]
        self._news.set()

    async def until(self, text: bytes, within: float = 120.0) -> float:
        """Wait for a text; return when it came, and forget what came before."""
        async with asyncio.timeout(within):
            while text not in self.screen:
                self._news.clear()
                await self._news.wait()
        self.screen = b""
        return time.monotonic()


async def join(port: int, number: int, gate: asyncio.Semaphore) -> Joined:
    """Come in as a student, by typing the form."""
    async with gate:
        connection = await asyncssh.connect(
            "127.0.0.1", port, username=MEETING, known_hosts=None, config=None, client_keys=None
        )
        channel, session = await connection.create_session(
            Student, term_type="xterm-256color", term_size=(80, 24), encoding=None
        )
        student = cast(Student, session)
        await student.until(b"Join")
        for typed in (f"S{number:03}", f"Student {number}"):
            for character in typed:  # as a person types, and no paste
                channel.write(character.encode())
                await asyncio.sleep(0.06)
            channel.write(b"\r")
            await asyncio.sleep(0.1)
        await student.until(b"You are in")
        return student, connection


def resident(pids: list[int]) -> float:
    """Return the memory that belongs to processes alone, in MB."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Private_"):
                total += int(line.split()[1])
    return total / 1024


def cpu(pids: list[int]) -> float:
    """Return the CPU time of processes so far, in seconds."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for pid in pids]
    return sum(int(field[11]) + int(field[12]) for field in fields) / 100


def started(folder: Path) -> dict[str, Any]:
    """Wait for the server; return what it wrote for others."""
    running = folder / "server.json"
    give_up = time.monotonic() + 60
    while not running.exists():
        if time.monotonic() > give_up:
            sys.exit("The server did not start.")
        time.sleep(0.1)
    told: dict[str, Any] = json.loads(running.read_text())
    return told


def workers_of(server: int) -> list[int]:
    """Return the process ids of a server's SSH workers."""
    # A child belongs to the thread that started it.
    lists = Path(f"/proc/{server}/task").glob("*/children")
    children = [int(pid) for listed in lists for pid in listed.read_text().split()]
    name = "livequiz.ssh.worker"
    return [pid for pid in children if name in Path(f"/proc/{pid}/cmdline").read_text()]


async def measure(students: int, rounds: int, folder: Path) -> None:
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "livequiz", "serve", "--data-dir", str(folder), "--port", "0"),
        *("--ssh", "--ssh-port", "0", "--meeting", MEETING, "--stop-with-stdin"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        told = await asyncio.to_thread(started, folder)
        workers = workers_of(server.pid)
        began, used = time.monotonic(), cpu(workers)
        gate = asyncio.Semaphore(AT_ONCE)
        joined = await asyncio.gather(*(join(told["ssh_port"], n, gate) for n in range(students)))
        report(
            f"{students} students joined in {time.monotonic() - began:.0f} s; "
            f"{(cpu(workers) - used) / students:.2f} s of CPU each"
        )
        session = InstructorSession(told["url"])
        await session.open()
        await session.join("teacher", MEETING, (folder / "instructor-token").read_text().strip())
        for number in range(1, rounds + 1):
            await asyncio.sleep(3)
            used, began = cpu(workers), time.monotonic()
            waiting = [
                asyncio.create_task(student.until(f"Question {number} ".encode()))
                for student, _ in joined
            ]
            await asyncio.sleep(0)
            await session.trigger(duration=60)
            seen = sorted(at - began for at in await asyncio.gather(*waiting))
            await asyncio.sleep(1)
            report(
                f"round {number}: the first sees it after {seen[0]:.2f} s, half after "
                f"{statistics.median(seen):.2f} s, the last after {seen[-1]:.2f} s; "
                f"{(cpu(workers) - used) / students * 1000:.0f} ms of CPU each"
            )
            used = cpu(workers)
            await asyncio.sleep(5)
            share = (cpu(workers) - used) / 5 / students
            report(f"the countdown takes {share:.2%} of a core for each of them")
            await session.close_round()
        report(f"workers: {resident(workers):.0f} MB; server: {resident([server.pid]):.0f} MB")
        await session.close()
    finally:
        if server.stdin is not None:
            server.stdin.close()
        await asyncio.wait_for(server.wait(), 30)


def report(sentence: str) -> None:
    print(sentence, flush=True)  # noqa: T201


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="livequiz-ssh-") as folder:
        asyncio.run(measure(asked.students, asked.rounds, Path(folder)))


if __name__ == "__main__":
    main()
