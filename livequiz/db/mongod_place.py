"""Where a private mongod lives: its folders, its socket, and the lock that gives it one owner."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import stat
import tempfile
from pathlib import Path
from urllib.parse import quote

import msgspec

from livequiz.db.mongod_binary import MongodError

LONGEST_SOCKET = 107  # bytes of a Unix socket's path
LARGEST_LOG = 10 * 1024 * 1024  # bytes


class Record(msgspec.Struct):
    """What is known of the mongod that runs on a data folder."""

    pid: int
    uri: str


class Place:
    """The files of one private mongod.

    The database is in the data folder. The socket is in a short folder of its own, because the
    path of a socket is limited to 107 bytes.

    Args:
        data_dir: The data folder.

    Raises:
        MongodError: If a folder can't be made, or belongs to somebody else.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.database = data_dir / "mongo"
        self.log = data_dir / "mongod.log"
        self._record = data_dir / "mongod.json"
        self._lock_path = data_dir / "livequiz.lock"
        self._lock: int | None = None
        _make(data_dir)
        _make(self.database)
        self.runtime = _runtime_folder(data_dir)
        self.socket = self.runtime / "mongod.sock"

    @property
    def uri(self) -> str:
        """The URL of the socket."""
        return f"mongodb://{quote(str(self.socket), safe='')}/?directConnection=true"

    def lock(self) -> None:
        """Become the folder's one owner, until `unlock` or the end of this process.

        Raises:
            MongodError: If another process is.
        """
        descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.read(descriptor, 20).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            raise MongodError(
                f"Another LiveQuiz (process {owner}) uses the data folder {self.data_dir}. "
                "Stop it first, or choose another folder with --data-dir."
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._lock = descriptor

    def unlock(self) -> None:
        """Give the folder up."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def keep(self, pid: int) -> None:
        """Remember which mongod runs here."""
        self._record.touch(mode=0o600)
        self._record.write_bytes(msgspec.json.encode(Record(pid, self.uri)))

    def forget(self) -> None:
        """Remember that none does."""
        self._record.unlink(missing_ok=True)
        self.socket.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.runtime.rmdir()

    def running(self) -> int | None:
        """Return the process of a mongod that runs on this folder, whoever started it."""
        record = _read(self._record)
        return record.pid if record and _is_mongod(record.pid, self.database) else None

    def rotate_log(self) -> None:
        """Put a long log aside; one older log is kept."""
        with contextlib.suppress(FileNotFoundError):
            if self.log.stat().st_size > LARGEST_LOG:
                self.log.replace(self.log.with_suffix(".log.1"))


def running_uri(data_dir: Path) -> str | None:
    """Return the URL of the mongod that a LiveQuiz server now runs on a data folder."""
    record = _read(data_dir / "mongod.json")
    if record is None or not _is_mongod(record.pid, data_dir / "mongo"):
        return None
    try:
        descriptor = os.open(data_dir / "livequiz.lock", os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return record.uri  # somebody owns it: a server runs
    finally:
        os.close(descriptor)
    return None


def _read(path: Path) -> Record | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Record)
    except (OSError, msgspec.DecodeError):
        return None


def _is_mongod(pid: int, database: Path) -> bool:
    """Whether a process is a mongod on that folder, and not a later one with the same number."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return os.fsencode(database) in arguments


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise MongodError(
            f"The data folder {folder} can't be written ({error.strerror}). "
            "Choose another one with --data-dir."
        ) from None


def _runtime_folder(data_dir: Path) -> Path:
    """Return a short folder that only this account can enter, the same for the same data."""
    name = f"lq-{os.getuid()}-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]}"
    for base in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"):  # noqa: S108
        if not base:
            continue
        folder = Path(base) / name
        if len(os.fsencode(folder / "mongod.sock")) > LONGEST_SOCKET:
            continue
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError:
            continue
        _check_own(folder)
        return folder
    raise MongodError("No folder for MongoDB's socket can be made; set TMPDIR to a short path.")


def _check_own(folder: Path) -> None:
    """Refuse a folder that somebody else put there first."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise MongodError(f"{folder} belongs to somebody else; set TMPDIR to another folder.")
    folder.chmod(0o700)
