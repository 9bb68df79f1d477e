"""A mongod child process: starts it, watches it, and stops it in bounded time."""

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
    """A mongod that this process started.

    Args:
        process: The process.
        log_path: Its log file.
        log_start: The log's size in bytes when it was started.
    """

    def __init__(self, process: asyncio.subprocess.Process, log_path: Path, log_start: int) -> None:
        self._process = process
        self._log_path = log_path
        self._log_start = log_start

    @classmethod
    async def launch(
        cls, binary: MongodBinary, db_dir: Path, log_path: Path, socket: Path
    ) -> MongodProcess:
        """Start a mongod without waiting until it is ready.

        Raises:
            MongodError: If it can't be executed.
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
                f"MongoDB did not start because {error.filename or command[0]} can't be used "
                f"({error.strerror}): fix that, or choose another folder with --data-dir."
            ) from None
        return cls(process, log_path, log_start)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def ended(self) -> int:
        """Wait until it has ended; return its exit status, negative for a signal."""
        return await self._process.wait()

    def why(self) -> str | None:
        """Return what went wrong, if its log or exit status reveals it."""
        return mongod_log.reason(self._log_path, self._log_start, self._process.returncode)

    async def stop(self, within: float = STOP_WITHIN) -> None:
        """Stop it, within at most twice `within` seconds.

        Args:
            within: Seconds for a clean shutdown, after which it is killed.
        """
        try:
            for number in (signal.SIGTERM, signal.SIGKILL):
                if await self._ended_by(number, within):
                    return
                log.warning("mongod %d did not end %g s after %s", self.pid, within, number.name)
        finally:
            self._signal(signal.SIGKILL)  # also if the wait was cancelled

    async def _ended_by(self, number: signal.Signals, within: float) -> bool:
        self._signal(number)
        try:
            async with asyncio.timeout(within):
                await self._process.wait()
        except TimeoutError:
            return False
        return True

    def _signal(self, number: signal.Signals) -> None:
        """Signal the whole process group: LIVEQUIZ_MONGOD may name a wrapper script."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)


def mongod_command(program: Path, db_dir: Path, log_path: Path, socket: Path) -> list[str]:
    """Return the command line of a mongod that listens only on its owner's Unix socket."""
    return [
        str(program),
        *("--dbpath", str(db_dir)),
        *("--logpath", str(log_path), "--logappend"),
        *("--replSet", "lq"),
        *("--bind_ip", str(socket)),
        # Otherwise it also binds /tmp/mongodb-27017.sock, which may belong to another mongod.
        "--nounixsocket",
        *("--filePermissions", "0600"),
        *("--networkMessageCompressors", "disabled"),
        *("--wiredTigerCacheSizeGB", "0.25"),
        # A class writes a few megabytes. By default, the journal preallocates 300 MB, and the
        # oplog, which has no readers here, may grow to 5 % of the disk.
        *("--wiredTigerEngineConfigString", "log=(prealloc=false,file_max=16MB)"),
        *("--oplogSize", "64"),
    ]


def dying_with_us(command: list[str]) -> list[str]:
    """Return a command whose program ends when this process dies, if the system supports that.

    Elsewhere, the mongod of a killed server keeps running until the next start stops it.
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
        # Ctrl-C in the terminal must reach only the server, which stops its mongod last.
        start_new_session=True,
    )
