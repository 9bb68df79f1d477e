"""What the terminal apps remember between runs, in a JSON file that only its owner can read.

Several terminals of one account may write at once (a computer room with a shared login), so
each change is a read-modify-write under a lock, with an atomic rename.
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import platformdirs

from livequiz.client.address import split

log = logging.getLogger(__name__)

TOKENS_KEPT = 200  # the oldest are dropped first


class Remembered(msgspec.Struct):
    """The last form values, and the resume token of each student id used to join.

    The instructor token is never stored.
    """

    url: str = ""
    meeting: str = ""
    student_id: str = ""
    name: str = ""
    instructor_id: str = ""
    tokens: dict[str, str] = {}

    def token(self, url: str, meeting: str, student_id: str) -> str | None:
        """Return the resume token of an earlier join, or None."""
        return self.tokens.get(_key(url, meeting, student_id))

    def keep_token(self, url: str, meeting: str, student_id: str, token: str) -> None:
        """Store a resume token."""
        key = _key(url, meeting, student_id)
        self.tokens.pop(key, None)
        self.tokens[key] = token
        for oldest in list(self.tokens)[:-TOKENS_KEPT]:
            del self.tokens[oldest]


def state_folder() -> Path:
    """Return the folder of the file; `LIVEQUIZ_STATE_DIR` overrides it."""
    override = os.environ.get("LIVEQUIZ_STATE_DIR")
    return Path(override) if override else platformdirs.user_state_path("livequiz")


def load() -> Remembered:
    """Load the file; return empty defaults if it is missing or corrupt."""
    try:
        return msgspec.json.decode(_path().read_bytes(), type=Remembered)
    except FileNotFoundError:
        return Remembered()
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        log.warning("The saved form can't be read: %s", type(error).__name__)
        return Remembered()


def change(edit: Callable[[Remembered], None]) -> None:
    """Edit and save what is remembered; if the folder is not writable, nothing is saved."""
    try:
        folder = state_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(folder):
            remembered = load()
            edit(remembered)
            _replace(_path(), msgspec.json.format(msgspec.json.encode(remembered)))
    except OSError as error:
        log.warning("The form could not be saved: %s", error)


def _path() -> Path:
    return state_folder() / "remembered.json"


def _key(url: str, meeting: str, student_id: str) -> str:
    where, _ = split(url)  # a new certificate must not lose the resume token
    return f"{where.rstrip('/').lower()} {meeting.upper()} {student_id}"


def _replace(path: Path, data: bytes) -> None:
    # mkstemp creates the file with mode 0600.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".remembered-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    try:
        import fcntl  # noqa: PLC0415 - not on Windows, where shared logins are rare
    except ImportError:
        yield
        return
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
