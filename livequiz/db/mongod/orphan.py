"""Stops an orphaned mongod, one that outlived its server: finds it by its lock, and verifies it.

It is not reused: it may already be shutting down with its server, it would not die with us, and
a fresh start takes only a second.
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
WRITES_WITHIN = 10.0  # seconds for a starting mongod to write its process id, on a slow machine
RECOGNISE_WITHIN = 1.0  # seconds for a foreign process id to be replaced by one of ours
TICK = 0.05  # seconds between polls


def is_held(db_dir: Path) -> bool:
    """Return whether a mongod has the data files open."""
    try:
        with (db_dir / "mongod.lock").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # released when the file is closed
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


async def stop_orphan(db_dir: Path) -> bool:
    """Stop the mongod that a killed server left running on these data files.

    The caller holds the data folder's lock, so no live server is using that mongod.

    Returns:
        Whether there was one.

    Raises:
        MongodError: If it is not ours, or can't be stopped.
    """
    if not is_held(db_dir):
        return False
    pid = await _recognise(db_dir)
    if pid is None:
        return True
    log.warning(
        "A server was killed here; stopping the mongod that it left running (process %d)", pid
    )
    for number in (signal.SIGTERM, signal.SIGKILL):
        _signal(pid, number, db_dir)
        if await _freed(db_dir, STOP_WITHIN):
            return True
    raise _in_use(db_dir, pid)


async def _recognise(db_dir: Path) -> int | None:
    """Return the process id of our mongod; None if it ends in the meantime.

    Raises:
        MongodError: If something else holds the data files.
    """
    # A starting mongod takes the lock first and writes its process id a moment later; until then,
    # the file may hold the stale id of an earlier one.
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
    """Wait at most `within` seconds until no mongod has the data files open; return whether so."""
    try:
        async with asyncio.timeout(within):
            while is_held(db_dir):  # noqa: ASYNC110 - another process's lock gives no event
                await asyncio.sleep(TICK)
    except TimeoutError:
        return not is_held(db_dir)
    return True


def _holder(db_dir: Path) -> int | None:
    """Return the process id in mongod's lock file."""
    try:
        return int((db_dir / "mongod.lock").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _is_ours(pid: int, db_dir: Path) -> bool:
    """Return whether a process is a mongod that LiveQuiz started on these data files."""
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
        f"(process {pid or 'unknown'}): stop it, or choose another folder with --data-dir."
    )
