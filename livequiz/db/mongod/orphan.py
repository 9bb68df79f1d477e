"""A mongod that outlived its server: found by its lock, recognised, and stopped.

It is not taken over: it was told to end with its server and may do so at any moment, it would
not die with us, and starting anew takes a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

from livequiz.db.mongod.binary import MongodError

if sys.platform != "win32":
    import fcntl

log = logging.getLogger(__name__)

STOP_WITHIN = 4.0  # seconds after SIGTERM, and again after SIGKILL
WRITES_WITHIN = 10.0  # seconds in which a mongod that begins writes its number, on a slow machine
RECOGNISE_WITHIN = 1.0  # seconds in which a number that is there becomes one of ours
TICK = 0.05  # seconds between two looks


def is_held(db_dir: Path) -> bool:
    """Return whether a mongod has the data files open."""
    try:
        with (db_dir / "mongod.lock").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # given back when the file is closed
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


async def stop_orphan(db_dir: Path) -> bool:
    """Stop the mongod that a killed server left on these data files.

    The caller owns the data folder, so no living server is behind it.

    Returns:
        Whether there was one.

    Raises:
        MongodError: If it is not one of ours, or can't be stopped.
    """
    if not is_held(db_dir):
        return False
    pid = await _recognise(db_dir)
    if pid is None:
        return True
    log.warning("A server was killed here; stopping the mongod that it left (process %d)", pid)
    for number in (signal.SIGTERM, signal.SIGKILL):
        _signal(pid, number, db_dir)
        if await _freed(db_dir, STOP_WITHIN):
            return True
    raise _in_use(db_dir, pid)


async def _recognise(db_dir: Path) -> int | None:
    """Return the process id of our mongod; None if it ends while we look at it.

    Raises:
        MongodError: If something else holds the data files.
    """
    # A mongod that has just begun takes the lock first and writes its number a moment later; the
    # number of an earlier one may stand there until then.
    empty, foreign = round(WRITES_WITHIN / TICK), round(RECOGNISE_WITHIN / TICK)
    while empty and foreign:
        pid = _holder(db_dir)
        if pid is None:
            empty -= 1
        elif await asyncio.to_thread(_is_ours, pid, db_dir):
            return pid
        else:
            foreign -= 1
        if await _freed(db_dir, TICK):
            return None
    raise _in_use(db_dir, _holder(db_dir))


async def _freed(db_dir: Path, within: float) -> bool:
    """Wait until no mongod has the data files open, `within` seconds at most."""
    try:
        async with asyncio.timeout(within):
            while is_held(db_dir):  # noqa: ASYNC110 - another process's lock gives no event
                await asyncio.sleep(TICK)
    except TimeoutError:
        return not is_held(db_dir)
    return True


def _holder(db_dir: Path) -> int | None:
    """Return the process id that mongod wrote into its lock file."""
    try:
        return int((db_dir / "mongod.lock").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _is_ours(pid: int, db_dir: Path) -> bool:
    """Return whether a process is a mongod begun by livequiz on these data files."""
    command = _command_of(pid)
    return f"--dbpath {db_dir} " in command and "--replSet lq " in command


def _command_of(pid: int) -> str:
    try:
        if sys.platform == "linux":
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        shown = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
        return subprocess.run(shown, capture_output=True, text=True, timeout=5, check=False).stdout
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ""


def _signal(pid: int, number: signal.Signals, db_dir: Path) -> None:
    try:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    except OSError:
        raise _in_use(db_dir, pid) from None


def _in_use(db_dir: Path, pid: int | None) -> MongodError:
    return MongodError(
        f"The data files in {db_dir} are in use by another program "
        f"(process {pid or 'unknown'}): stop that one, or choose another folder with --data-dir."
    )
