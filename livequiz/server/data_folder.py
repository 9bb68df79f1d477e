"""The data folder of a server: the instructor token, the meeting's code, who runs there."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from livequiz.client.address import pinned, split
from livequiz.domain.errors import Code, QuizError
from livequiz.files import make_private

# Without 0 O 1 I L U V: nobody reads them wrong, aloud or from a wall.
CODE_LETTERS = "ABCDEFGHJKMNPQRSTWXYZ23456789"
CODE_LENGTH = 6
MEETING_LIFE = 12 * 3600.0  # seconds for which a restarted server keeps its meeting


@dataclass(frozen=True, slots=True)
class Running:
    """Where the server on a data folder is; `livequiz instructor` reads it on the same host.

    Attributes:
        url: For this host.
        meeting: The code of its meeting.
        fingerprint: SHA-256 of its certificate in hexadecimal, if it has one.
    """

    url: str
    meeting: str
    fingerprint: str | None = None

    @property
    def address(self) -> str:
        """The URL with which a client on this host takes no other server for it."""
        return pinned(self.url, self.fingerprint) if self.fingerprint else self.url

    def is_at(self, address: str) -> bool:
        """Whether an address that somebody typed is this server's."""
        url, pin = split(address)
        return url == self.url if pin is None else pin.hex() == self.fingerprint


class DataFolder:
    """A folder that only its owner can read.

    Args:
        path: Where; made if it is not there.

    Attributes:
        was_open: Whether others could enter it until now.

    Raises:
        QuizError: `bad_request` if it can't be made or written, or others can change it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.was_open = make_private(path)
            with tempfile.TemporaryFile(dir=path):
                pass
        except OSError as error:
            reason = error.strerror or "unknown reason"
            message = (
                f"The data folder {path} can't be written ({reason}). "
                "Choose another one with --data-dir."
            )
            raise QuizError(Code.BAD_REQUEST, message, "data_dir") from None

    @property
    def log_path(self) -> Path:
        """The server's log."""
        return self.path / "livequiz.log"

    @property
    def audit_path(self) -> Path:
        """What instructors did, and who was refused."""
        return self.path / "audit.log"

    def instructor_token(self) -> str:
        """Return the token of this folder, made up at the first call."""
        if token := read_token(self.path):
            return token
        token = secrets.token_urlsafe(16)
        self.write("instructor-token", token + "\n")
        return token

    def meeting(self) -> str:
        """Return the code of this folder's meeting: the last one while it is fresh, or a new."""
        path = self.path / "meeting"
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime < MEETING_LIFE and (code := path.read_text()):
                return code.strip()
        return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))

    def keep_meeting(self, code: str) -> None:
        """Remember the meeting for a restart."""
        self.write("meeting", code + "\n")

    def announce(self, running: Running) -> None:
        """Say where the server is."""
        self.write("server.json", msgspec.json.encode(running).decode())

    def withdraw(self) -> None:
        """Say that no server runs here any more."""
        (self.path / "server.json").unlink(missing_ok=True)

    def write(self, name: str, content: str) -> None:
        """Write a file in one step, readable by its owner alone."""
        descriptor, temporary = tempfile.mkstemp(dir=self.path)  # mode 0600
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
        Path(temporary).replace(self.path / name)


def read_token(data_dir: Path) -> str | None:
    """Return the instructor token of a data folder on this host, if it can be read."""
    try:
        return (data_dir / "instructor-token").read_text(encoding="utf-8").strip() or None
    except OSError:
        return None


def read_running(data_dir: Path) -> Running | None:
    """Return where the server on a data folder says that it is."""
    try:
        return msgspec.json.decode((data_dir / "server.json").read_bytes(), type=Running)
    except (OSError, msgspec.DecodeError):
        return None
