"""One running mongod: begun, watched, and stopped in bounded time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from pathlib import Path

from livequiz.db.mongod import launcher as mongod_launcher
from livequiz.db.mongod import log as mongod_log
from livequiz.db.mongod.binary import MongodBinary, MongodError, child_environment

log = logging.getLogger(__name__)

STOP_WITHIN = 4.0  # seconds after SIGTERM, and again after SIGKILL


class MongodProcess:
    """A mongod that was begun by this process.

    Args:
        process: The process.
        log_path: Where it writes its log.
        log_start: The log's size in bytes when it was begun.
    """

    def __init__(self, process: asyncio.subprocess.Process, log_path: Path, log_start: int) -> None:
        self._process = process
        self._log_path = log_path
        self._log_start = log_start

    @classmethod
    async def launch(
        cls, binary: MongodBinary, db_dir: Path, log_path: Path, socket: Path
    ) -> MongodProcess:
        """Begin a mongod; it is not ready yet.

        Raises:
            MongodError: If it can't be begun at all.
        """
        command = dying_with_us(mongod_command(binary.path, db_dir, log_path, socket))
        try:
            output = mongod_log.open_log(log_path)
            log_start = os.fstat(output).st_size
            try:
                process = await _spawn(command, output, db_dir)
            finally:
                os.close(output)
        except OSError as error:
            raise MongodError(
                f"MongoDB did not start, since {error.filename or command[0]} can't be used "
                f"({error.strerror}): see to that, or choose another folder with --data-dir."
            ) from None
        return cls(process, log_path, log_start)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def ended(self) -> int:
        """Wait until it has ended; return its status, negative for a signal."""
        return await self._process.wait()

    def why(self) -> str | None:
        """Return what went wrong, if its log or its end tells."""
        return mongod_log.reason(self._log_path, self._log_start, self._process.returncode)

    async def stop(self, within: float = STOP_WITHIN) -> None:
        """Stop it; returns after twice `within` seconds at the latest.

        Args:
            within: Seconds for a clean stop, after which it is killed.
        """
        try:
            for number in (signal.SIGTERM, signal.SIGKILL):
                if await self._ended_by(number, within):
                    return
                log.warning("mongod %d did not end %g s after %s", self.pid, within, number.name)
        finally:
            self._signal(signal.SIGKILL)  # when the wait itself was broken off

    async def _ended_by(self, number: signal.Signals, within: float) -> bool:
        self._signal(number)
        try:
            async with asyncio.timeout(within):
                await self._process.wait()
        except TimeoutError:
            return False
        return True

    def _signal(self, number: signal.Signals) -> None:
        """Signal the whole group: LIVEQUIZ_MONGOD may name a script around a mongod."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)


def mongod_command(program: Path, db_dir: Path, log_path: Path, socket: Path) -> list[str]:
    """Return the arguments of a mongod that only listens on a socket of its owner."""
    return [
        str(program),
        *("--dbpath", str(db_dir)),
        *("--logpath", str(log_path), "--logappend"),
        *("--replSet", "lq"),
        *("--bind_ip", str(socket)),
        # Keeps it from taking /tmp/mongodb-27017.sock as well, perhaps away from another mongod.
        "--nounixsocket",
        *("--filePermissions", "0600"),
        *("--networkMessageCompressors", "disabled"),
        *("--wiredTigerCacheSizeGB", "0.25"),
        # A class writes a few megabytes; by default 300 are taken at once for the journal, and the
        # oplog, which nobody reads here, may grow to a twentieth of the disk.
        *("--wiredTigerEngineConfigString", "log=(prealloc=false,file_max=16MB)"),
        *("--oplogSize", "64"),
    ]


def dying_with_us(command: list[str]) -> list[str]:
    """Return a command whose program ends when this process dies, where the system can do that.

    Elsewhere a mongod outlives a server that was killed, until the next start stops it.
    """
    if sys.platform != "linux" or not sys.executable:
        return command
    launcher = [sys.executable, "-I", "-S", mongod_launcher.__file__, str(os.getpid())]
    return [*launcher, *command]


async def _spawn(command: list[str], output: int, folder: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd=folder,
        env=child_environment(),
        # Ctrl-C in the terminal is for the server alone, which stops its mongod last.
        start_new_session=True,
    )
