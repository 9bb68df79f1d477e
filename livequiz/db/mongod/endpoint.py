"""A private mongod's Unix socket, in a folder with a short path that only its owner can enter."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import socket
import stat
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from livequiz.db.mongod.binary import MongodError

NAME = "mongod.sock"
LONGEST = 107 if sys.platform == "linux" else 103  # bytes for the path in a Unix socket address
CONNECT_WITHIN = 1.0  # seconds


def socket_for(folder: Path) -> Path:
    """Return the socket path for a data folder's mongod; creates the socket's folder.

    The path is stable: the same data folder gives the same path, as long as the temporary folder
    stays the same.

    Raises:
        MongodError: If no folder is both short enough and private.
    """
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    problems = []
    for base in _bases():
        path = base / f"lq-{os.geteuid()}-{digest}" / NAME
        problem = _too_long(path) or make_private(path.parent)
        if problem is None:
            return path
        problems.append(problem)
    raise MongodError(
        f"No folder is suitable for MongoDB's socket: {problems[0]}; "
        "set TMPDIR to a short path of your own."
    )


def make_private(folder: Path) -> str | None:
    """Create a folder that only we can enter, or check an existing one.

    Returns:
        What is wrong with it, or None.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if not _is_our_folder(folder):
            return f"{folder} belongs to another user"
        folder.chmod(0o700)
    except OSError as error:
        return f"{folder} can't be created ({error.strerror})"
    return None


def remove(path: Path) -> None:
    """Remove a socket, and its folder if nothing else is in it."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
        path.parent.rmdir()


def uri_of(path: Path) -> str:
    """Return the MongoDB URI for a socket.

    It asks for a direct connection: when discovering the replica set, a driver would take a
    member's socket path for a host name. Sessions, transactions and retryable writes work over it.
    """
    return f"mongodb://{quote(str(path), safe='')}/?directConnection=true"


def answers(path: Path) -> bool:
    """Return whether a process of ours accepts connections there; takes at most a second."""
    try:
        if not _is_our_folder(path.parent):
            return False
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as attempt:
            attempt.settimeout(CONNECT_WITHIN)
            attempt.connect(str(path))
    except OSError:
        return False
    return True


def path_in(uri: str) -> Path:
    """Return the socket path from a URI made by `uri_of`."""
    return Path(unquote(urlsplit(uri).netloc))


def _bases() -> list[Path]:
    """Return candidate parent folders, best first.

    XDG_RUNTIME_DIR comes after the temporary folder: the system removes it when the user logs
    out, and a server in tmux or under nohup would lose its database.
    """
    named = [tempfile.gettempdir(), os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp"]  # noqa: S108
    return [Path(name) for name in dict.fromkeys(named) if os.path.isabs(name)]


def _too_long(path: Path) -> str | None:
    if len(os.fsencode(path)) > LONGEST:
        return f"the path {path} is longer than {LONGEST} bytes"
    # mongod reads a comma as the start of the next address and a colon as that of a port.
    if not re.fullmatch(r"[\w/.+@~-]+", str(path), re.ASCII):
        return f"the path {path} contains a character that MongoDB does not accept"
    return None


def _is_our_folder(folder: Path) -> bool:
    """Return whether it is a folder we own, and not a symlink that somebody planted."""
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
