"""A MongoDB of one's own: found, started in a data folder, kept alive, and stopped."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from pathlib import Path

from livequiz.db import mongod_folder, mongod_socket
from livequiz.db.mongod_binary import MongodBinary, MongodError, find_mongod
from livequiz.db.mongod_diagnosis import OTHERWISE
from livequiz.db.mongod_folder import FolderLock
from livequiz.db.mongod_orphan import is_held, stop_orphan
from livequiz.db.mongod_process import MongodProcess
from livequiz.db.mongod_supervision import keep_alive
from livequiz.db.replica_set import become_primary

__all__ = ["MongodBinary", "MongodError", "PrivateMongod", "running_uri"]

log = logging.getLogger(__name__)


class PrivateMongod:
    """A mongod that listens on a Unix socket only, and dies with this process.

    Use `start`. It is bound to the event loop and the thread that it was started in.

    Args:
        folder: The data folder, absolute.
        binary: What to run.
        socket: Where it shall listen.
        timeout: Seconds for one start.
    """

    # A mongod that was left running is stopped and never taken over; see mongod_orphan.
    reused: bool = False

    def __init__(self, folder: Path, binary: MongodBinary, socket: Path, timeout: float) -> None:
        self.data_dir = folder
        self.binary = binary
        self.uri = mongod_socket.uri_of(socket)
        self.log_path = folder / "mongod.log"
        self._socket = socket
        self._timeout = timeout
        self._lock: FolderLock | None = None
        self._process: MongodProcess | None = None
        self._supervision: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, data_dir: Path, *, timeout: float = 30.0) -> PrivateMongod:
        """Start a mongod and wait until it takes writes.

        Args:
            data_dir: Where its files are; made if it is not there.
            timeout: Seconds that it may take to become ready.

        Raises:
            MongodError: With a sentence that says what to do, if there is none to be had.
        """
        if sys.platform == "win32":
            raise MongodError(f"livequiz starts no MongoDB of its own on Windows: {OTHERWISE}.")
        folder = mongod_folder.prepare(data_dir)
        lock = FolderLock(folder)
        try:
            binary = await asyncio.to_thread(find_mongod)
            mongod = cls(folder, binary, mongod_socket.socket_for(folder), timeout)
            await mongod._launch()
        except BaseException:
            lock.release()
            raise
        mongod._keep(lock)
        return mongod

    @property
    def pid(self) -> int | None:
        """The process id of the mongod that runs, or ran last."""
        return self._process.pid if self._process else None

    async def stop(self) -> None:
        """Stop it cleanly, or kill it after 4 seconds; more than once does no harm."""
        try:
            await self._end_supervision()
            mongod_folder.withdraw(self.data_dir)
            if self._process:
                await self._process.stop()
            mongod_socket.remove(self._socket)
        finally:
            if self._lock:
                self._lock.release()

    ...
