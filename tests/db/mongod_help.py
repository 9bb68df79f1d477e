"""What the tests of a private mongod share: waiting, other servers, and a look from outside."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from pymongo.errors import PyMongoError

from livequiz.db.client import connect
from livequiz.db.mongod.endpoint import path_in, remove
from livequiz.db.private_mongod import PrivateMongod
from tests.patience import patient

SERVER = """
import asyncio, sys
from pathlib import Path
from livequiz.db.private_mongod import PrivateMongod

async def main():
    mongod = await PrivateMongod.start(Path(sys.argv[1]))
    print(mongod.pid, mongod.uri, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def until(condition: Callable[[], object], seconds: float = patient(15.0)) -> None:
    """Wait for a condition of the outside world that gives no event."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.01)


@dataclass
class OtherServer:
    """Another process that owns a data folder, and its mongod."""

    process: asyncio.subprocess.Process
    mongod: int
    uri: str

    async def kill(self) -> None:
        """Kill the server with -9; its mongod is left to itself."""
        self.process.kill()
        await self.process.wait()


@contextlib.asynccontextmanager
async def other_server(folder: Path) -> AsyncIterator[OtherServer]:
    """Run another server on a folder; at the end, neither it nor its mongod is left."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVER, folder, stdout=asyncio.subprocess.PIPE
    )
    mongod, uri = 0, ""
    try:
        assert process.stdout is not None
        async with asyncio.timeout(patient(30)):
            pid, uri = (await process.stdout.readline()).decode().split()
        mongod = int(pid)
        yield OtherServer(process, mongod, uri)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if mongod and runs(mongod):
            os.kill(mongod, signal.SIGKILL)
        if uri:
            remove(path_in(uri))


def pid_of(mongod: PrivateMongod) -> int:
    """Return the process id of a private mongod that runs."""
    assert mongod.pid is not None
    return mongod.pid


def runs(pid: int) -> bool:
    """Return whether a process runs; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def sockets_of(pid: int) -> set[str]:
    """Return the inodes of a process's sockets."""
    links = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            links.add(os.readlink(entry))
    return {link[8:-1] for link in links if link.startswith("socket:[")}


def tcp_listeners(pid: int) -> list[str]:
    """Return the addresses on which a process listens by TCP."""
    rows = [
        row.split()
        for table in ("tcp", "tcp6")
        for row in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
    ]
    return [row[1] for row in rows if row[3] == "0A" and row[9] in sockets_of(pid)]


def unix_listeners(pid: int) -> list[str]:
    """Return the paths on which a process listens."""
    rows = [row.split() for row in Path(f"/proc/{pid}/net/unix").read_text().splitlines()[1:]]
    accepting = "00010000"
    return [row[7] for row in rows if row[3] == accepting and row[6] in sockets_of(pid)]


async def write(uri: str, text: str) -> None:
    """Store a text, acknowledged by the journal."""
    with contextlib.closing(connect(uri)) as client:
        await client.quiz.texts.insert_one({"text": text})


async def read(uri: str) -> list[str]:
    """Return the texts that are stored."""
    with contextlib.closing(connect(uri)) as client:
        return sorted([document["text"] async for document in client.quiz.texts.find()])


async def until_writable(uri: str, text: str) -> None:
    """Store a text as soon as a mongod takes it."""
    async with asyncio.timeout(patient(20)):
        while True:
            try:
                return await write(uri, text)
            except PyMongoError:
                await asyncio.sleep(0.05)
