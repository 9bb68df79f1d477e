"""Accepts SSH connections in the server's process, and hands them to the workers."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from livequiz.process.handover import MESSAGE, hand_over
from livequiz.server.background import Tasks

log = logging.getLogger(__name__)

MOST = 400  # connections in all: about as many as a laptop draws screens for
STOP_WITHIN = 5.0  # seconds that a worker gets to end
RESTART_AFTER = 1.0  # seconds
BACKLOG = 1_024


@dataclass(slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    control: socket.socket
    served: set[int] = field(default_factory=set)  # numbers of connections


class Front:
    """Listens on a port, with a worker for each core; the one with the fewest gets a connection.

    Args:
        admit: Counts a connection from an address; returns whether it is within the limits.
        describe: What a worker needs to know about the server, as JSON.
        log_path: The file for what the workers have to tell.
    """

    def __init__(self, admit: Callable[[str], bool], describe: bytes, log_path: Path) -> None:
        self._admit = admit
        self._describe = describe
        self._log_path = log_path
        self._workers: list[_Worker] = []
        self._numbers = itertools.count()
        self._listening: socket.socket | None = None
        self._tasks = Tasks()

    async def start(self, host: str, port: int) -> int:
        """Start the workers and listen; return the port.

        Raises:
            OSError: If the port can't be used.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
        self._listening.setblocking(False)
        for _ in range(os.cpu_count() or 1):
            self._workers.append(await self._spawn())
        self._tasks.spawn(self._accept(self._listening), "ssh-accept")
        bound: int = self._listening.getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Close the port and all connections, and end the workers."""
        await self._tasks.cancel()
        if self._listening is not None:
            self._listening.close()
        loop = asyncio.get_running_loop()
        for worker in self._workers:
            loop.remove_reader(worker.control.fileno())
            worker.control.close()
        await asyncio.gather(*(asyncio.to_thread(_end, w.process) for w in self._workers))

    @property
    def connections(self) -> int:
        """How many are open."""
        return sum(len(worker.served) for worker in self._workers)

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, where = await loop.sock_accept(listening)
            except OSError as error:  # too many open files, for one
                log.warning("SSH connections can't be accepted: %s", error)
                await asyncio.sleep(RESTART_AFTER)
                continue
            with accepted:
                self._assign(accepted, where[0])

    def _assign(self, accepted: socket.socket, address: str) -> None:
        if not self._workers or self.connections >= MOST or not self._admit(address):
            return
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        worker = min(self._workers, key=lambda worker: len(worker.served))
        number = next(self._numbers) % (1 << 32)
        try:
            hand_over(worker.control, number, address, accepted)
        except OSError as error:
            log.warning("A worker took no SSH connection: %s", error)
        else:
            worker.served.add(number)

    async def _spawn(self) -> _Worker:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        # Room for a word on every connection: one that is never told of would count for ever.
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        with theirs:
            process = await asyncio.to_thread(
                _start, theirs.fileno(), self._describe, self._log_path
            )
        worker = _Worker(process, ours)
        asyncio.get_running_loop().add_reader(ours.fileno(), self._hear, worker)
        return worker

    def _hear(self, worker: _Worker) -> None:
        """Note which connections have ended, or that the worker has."""
        try:
            said = worker.control.recv(MESSAGE.size * 1_024)
        except BlockingIOError:
            return
        except OSError:
            said = b""
        for (number,) in MESSAGE.iter_unpack(said[: len(said) // MESSAGE.size * MESSAGE.size]):
            worker.served.discard(number)
        if not said:
            log.error("An SSH worker ended with %s; starting another", worker.process.poll())
            asyncio.get_running_loop().remove_reader(worker.control.fileno())
            worker.control.close()
            self._workers.remove(worker)
            self._tasks.spawn(self._restart(worker), "ssh-worker")

    async def _restart(self, ended: _Worker) -> None:
        await asyncio.to_thread(_end, ended.process)
        await asyncio.sleep(RESTART_AFTER)
        self._workers.append(await self._spawn())


def _start(control: int, describe: bytes, log_path: Path) -> subprocess.Popen[bytes]:
    with log_path.open("ab") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "livequiz.ssh.worker", str(control)],
            stdin=subprocess.PIPE,
            stdout=told,
            stderr=told,
            pass_fds=[control],
        )
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError), process.stdin:
            process.stdin.write(describe)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    """Wait for a worker that has been told to end; make it end if it does not."""
    try:
        process.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
