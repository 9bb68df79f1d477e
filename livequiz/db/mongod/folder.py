"""The data folder: creates it, locks it, and records which mongod runs on it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from livequiz.db.mongod.binary import MongodError
from livequiz.domain.errors import QuizError
from livequiz.process.files import make_private

if sys.platform != "win32":
    import fcntl

LOCK = "livequiz.lock"
ANNOUNCEMENT = "mongod.json"
_BEFORE = "mongo-before"  # the files that are being replaced


def prepare(data_dir: Path) -> Path:
    """Create a data folder, check that it is writable, and return its absolute path.

    Raises:
        MongodError: If it can't be created or written to.
    """
    try:
        folder = data_dir.resolve()
        make_private(folder)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except QuizError as error:
        raise MongodError(error.message) from None
    except OSError as error:
        raise _not_writable(data_dir, error) from None


def prepare_files(folder: Path) -> None:
    """Create the folder of the database's files in a locked data folder, and check it.

    Raises:
        MongodError: If it can't be created or written to.
    """
    try:
        _settle_swap(folder)
        (folder / "mongo").mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder / "mongo"):
            pass
    except OSError as error:
        raise _not_writable(folder, error) from None


def swap_in(folder: Path, new: Path) -> None:
    """Replace the database's files by others, which are moved here.

    The data folder is locked, and no mongod uses either.

    Raises:
        OSError: If a file can't be moved or deleted.
    """
    (folder / "mongo").rename(folder / _BEFORE)
    new.rename(folder / "mongo")
    _settle_swap(folder)


def _settle_swap(folder: Path) -> None:
    """Complete a swap that a crash may have interrupted, or take it back."""
    before = folder / _BEFORE
    if before.exists():
        if (folder / "mongo").exists():
            shutil.rmtree(before)
        else:
            before.rename(folder / "mongo")


class FolderLock:
    """An exclusive lock on a data folder, released by the system when its owner dies.

    Args:
        folder: The data folder.

    Raises:
        MongodError: If another server holds it.
    """

    def __init__(self, folder: Path) -> None:
        try:
            # Not inheritable, so that a mongod that outlives its server does not hold the lock.
            self._descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _not_lockable(folder, error) from None
        try:
            if sys.platform != "win32":
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = self._read()
            os.close(self._descriptor)
            raise MongodError(
                f"The data folder {folder} is in use by another LiveQuiz server "
                f"(process {owner or 'unknown'}): stop it, or choose another folder "
                "with --data-dir."
            ) from None
        except OSError as error:
            os.close(self._descriptor)
            raise _not_lockable(folder, error) from None
        self._write(str(os.getpid()))

    def close(self) -> None:
        """Release the lock; idempotent."""
        if self._descriptor >= 0:
            self._write("")
            os.close(self._descriptor)
            self._descriptor = -1

    def _read(self) -> str:
        return os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip()

    def _write(self, content: str) -> None:
        """Record the owner; best effort, because the lock holds even if the disk is full."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, content.encode(), 0)


def announce(folder: Path, uri: str) -> None:
    """Record which mongod runs on the folder, in a file that only its owner can read.

    Raises:
        MongodError: If the file can't be written.
    """
    try:
        descriptor, temporary = tempfile.mkstemp(dir=folder)  # mode 0600
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"uri": uri}, file)
        Path(temporary).replace(folder / ANNOUNCEMENT)
    except OSError as error:
        raise _not_writable(folder, error) from None


def announced(data_dir: Path) -> str | None:
    """Return the recorded URI, which may be stale."""
    try:
        content = json.loads((data_dir / ANNOUNCEMENT).read_text(encoding="utf-8"))
        return str(content["uri"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def withdraw(folder: Path) -> None:
    """Delete the record: no mongod runs on the folder any more."""
    with contextlib.suppress(OSError):
        (folder / ANNOUNCEMENT).unlink(missing_ok=True)


def _not_writable(folder: Path, error: OSError) -> MongodError:
    return MongodError(
        f"The data folder {folder} can't be written ({error.strerror}): "
        "choose another one with --data-dir."
    )


def _not_lockable(folder: Path, error: OSError) -> MongodError:
    return MongodError(
        f"The data folder {folder} can't be locked ({error.strerror}): "
        "choose one on a local disk with --data-dir."
    )
