"""A private MongoDB: finds a mongod, runs it on a data folder, supervises it, and stops it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from pathlib import Path

from livequiz.db.mongod import endpoint as mongod_socket
from livequiz.db.mongod import folder as mongod_folder
from livequiz.db.mongod.binary import MongodBinary, MongodError, find_mongod
from livequiz.db.mongod.diagnosis import OTHERWISE
from livequiz.db.mongod.folder import FolderLock
from livequiz.db.mongod.orphan import stop_orphan
from livequiz.db.mongod.process import MongodProcess
from livequiz.db.mongod.replica_set import become_primary
from livequiz.db.mongod.supervision import supervise

__all__ = ["DATABASE_FOLDER", "MongodBinary", "MongodError", "PrivateMongod", "running_uri"]

DATABASE_FOLDER = "mongo"  # in the data folder

log = logging.getLogger(__name__)


class PrivateMongod:
    """A mongod that listens only on a Unix socket, and ends with this process where possible.

    Created by `start`, and bound to the event loop and the thread of that call.

    Args:
        data_dir: The data folder, absolute and locked.
        lock: The folder's lock, released at the end; None if the caller keeps it.
        binary: The mongod to run.
        socket: The Unix socket to listen on.
        timeout: Seconds for each start.
    """

    # An orphaned mongod is stopped, never reused; `mongod.orphan` says why.

    def __init__(
        self,
        data_dir: Path,
        lock: FolderLock | None,
        binary: MongodBinary,
        socket: Path,
        timeout: float,
    ) -> None:
        self.data_dir = data_dir
        self.binary = binary
        self.uri = mongod_socket.uri_of(socket)
        self.log_path = data_dir / "mongod.log"
        self._lock = lock
        self._socket = socket
        self._timeout = timeout
        self._process: MongodProcess | None = None
        self._supervision: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls, data_dir: Path, *, timeout: float = 30.0, locked: bool = False
    ) -> PrivateMongod:
        """Start a mongod and wait until it accepts writes.

        Args:
            data_dir: The folder for its files; created if missing.
            timeout: Seconds within which it must become ready.
            locked: Whether the caller holds the folder's lock, and keeps it.

        Raises:
            MongodError: If none can be started; the message says what to do.
        """
        if sys.platform == "win32":
            raise MongodError(f"LiveQuiz can't start its own MongoDB on Windows: {OTHERWISE}.")
        async with contextlib.AsyncExitStack() as undo:
            folder = mongod_folder.prepare(data_dir)
            lock = None if locked else FolderLock(folder)
            if lock is not None:
                undo.callback(lock.close)
            mongod_folder.prepare_files(folder)
            binary = await asyncio.to_thread(find_mongod)
            mongod = cls(folder, lock, binary, mongod_socket.socket_for(folder), timeout)
            undo.push_async_callback(mongod.stop)
            await mongod._begin()
            undo.pop_all()
            return mongod

    @property
    def pid(self) -> int | None:
        """The process id of the current mongod, or of the last one."""
        return self._process.pid if self._process else None

    async def stop(self) -> None:
        """Stop it cleanly, or kill it after 4 seconds; idempotent."""
        try:
            if self._supervision:
                self._supervision.cancel()
                await asyncio.gather(self._supervision, return_exceptions=True)
            mongod_folder.withdraw(self.data_dir)
            if self._process:
                await self._process.stop()
            mongod_socket.remove(self._socket)
        finally:
            if self._lock is not None:
                self._lock.close()

    async def _begin(self) -> None:
        self._process = await self._launch()
        mongod_folder.announce(self.data_dir, self.uri)
        self._supervision = supervise(self._ended, self._restart)

    async def _ended(self) -> int:
        return await self._process.ended() if self._process else 0

    async def _restart(self) -> None:
        self._process = await self._launch()

    async def _launch(self) -> MongodProcess:
        """Start a mongod and wait for it; retry once if a dying one still held the files."""
        db_dir = self.data_dir / DATABASE_FOLDER
        await stop_orphan(db_dir)
        try:
            return await self._try(db_dir)
        except MongodError:
            if not await stop_orphan(db_dir):
                raise
            return await self._try(db_dir)

    async def _try(self, db_dir: Path) -> MongodProcess:
        if problem := mongod_socket.make_private(self._socket.parent):
            raise MongodError(f"There is no place for MongoDB's socket: {problem}.")
        process = await MongodProcess.launch(self.binary, db_dir, self.log_path, self._socket)
        async with contextlib.AsyncExitStack() as undo:
            undo.push_async_callback(process.stop)
            await self._until_ready(process)
            undo.pop_all()
        log.info("MongoDB %s is ready (process %d)", self.binary.version, process.pid)
        return process

    async def _until_ready(self, process: MongodProcess) -> None:
        ready = asyncio.create_task(become_primary(self._socket), name="mongod becomes ready")
        ended = asyncio.create_task(process.ended(), name="mongod ends early")
        both = {ready, ended}
        try:
            first = asyncio.FIRST_COMPLETED
            await asyncio.wait(both, timeout=self._timeout, return_when=first)
            if not ready.done():
                raise self._not_ready(process, ended.done())
            await ready
        finally:
            ready.cancel()
            ended.cancel()
            await asyncio.gather(*both, return_exceptions=True)

    def _not_ready(self, process: MongodProcess, ended: bool) -> MongodError:
        late = f"it was not ready after {self._timeout:g} s"
        reason = process.why() or ("it ended at once" if ended else late)
        return MongodError(f"MongoDB did not start because {reason} (its log: {self.log_path}).")


def running_uri(data_dir: Path) -> str | None:
    """Return the URI of the mongod that a server is running on a folder, or None.

    Args:
        data_dir: The data folder; it is only read.
    """
    uri = mongod_folder.announced(data_dir)
    if uri and mongod_socket.answers(mongod_socket.path_in(uri)):
        return uri
    return None
