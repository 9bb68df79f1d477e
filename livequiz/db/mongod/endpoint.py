"""Where a private mongod listens: a Unix socket in a short folder that only its owner can enter."""

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
LONGEST = 107 if sys.platform == "linux" else 103  # bytes that a socket's address has for its path
CONNECT_WITHIN = 1.0  # seconds


def socket_for(folder: Path) -> Path:
    """Return where the mongod of a data folder listens; the socket's own folder is made.

    The same data folder gives the same path, as long as the temporary folder stays the same.

    Raises:
        MongodError: If no short and private folder can be had.
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
        f"There is no folder for MongoDB's socket: {problems[0]}; "
        "set TMPDIR to a short path of your own."
    )


def make_private(folder: Path) -> str | None:
    """Make a folder that only we can enter, or check the one that is there.

    Returns:
        What is wrong with it, or None.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if not _is_our_folder(folder):
            return f"{folder} belongs to somebody else"
        folder.chmod(0o700)
    except OSError as error:
        return f"{folder} can't be made ({error.strerror})"
    return None


def remove(path: Path) -> None:
    """Remove a socket and its folder, if nothing else is in it."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
        path.parent.rmdir()


def uri_of(path: Path) -> str:
    """Return the MongoDB URI of a socket.

    The connection is direct: a driver that looks for the set's members would take a member's
    name for a host's. Sessions, transactions and retried writes work over it.
    """
    return f"mongodb://{quote(str(path), safe='')}/?directConnection=true"


def answers(path: Path) -> bool:
    """Return whether something of ours accepts connections there; takes at most a second."""
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
    """Return the socket in a URI made by `uri_of`."""
    return Path(unquote(urlsplit(uri).netloc))


def _bases() -> list[Path]:
    """Return where to try, best first.

    XDG_RUNTIME_DIR comes after the temporary folder: the system removes it when its user logs
    out, and a server in tmux or under nohup would lose its database then.
    """
    named = [tempfile.gettempdir(), os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp"]  # noqa: S108
    return [Path(name) for name in dict.fromkeys(named) if os.path.isabs(name)]


def _too_long(path: Path) -> str | None:
    if len(os.fsencode(path)) > LONGEST:
        return f"the path {path} is longer than {LONGEST} bytes"
    # mongod takes a comma for the next address and a colon for a port.
    if not re.fullmatch(r"[\w/.+@~-]+", str(path), re.ASCII):
        return f"the path {path} holds a character that MongoDB does not take"
    return None


def _is_our_folder(folder: Path) -> bool:
    """Return whether it is a folder of ours, and not a link that somebody put there."""
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
