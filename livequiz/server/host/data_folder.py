"""A server's data folder: the instructor token, the meeting code, the running server's URL."""

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
from livequiz.domain.codes import random_code
from livequiz.domain.errors import Code, QuizError
from livequiz.process.files import make_private

# Without 0 O 1 I L U V, which are easily confused when read from a screen or aloud.
CODE_LENGTH = 6
INSTRUCTOR_TOKEN, PROJECTOR_TOKEN = "instructor-token", "projector-token"  # names of files
MEETING_LIFE = 12 * 3600.0  # seconds within which a restarted server keeps its meeting


@dataclass(frozen=True, slots=True)
class Running:
    """The address of a data folder's server; `livequiz instructor` reads it on the same host.

    Attributes:
        url: The URL for clients on this host.
        meeting: The meeting code.
        fingerprint: SHA-256 of its certificate in hexadecimal, if it has one.
        ssh_port: The port for SSH, if it serves it.
        students_url: The URL for students, who may be at other machines.
    """

    url: str
    meeting: str
    fingerprint: str | None = None
    ssh_port: int | None = None
    students_url: str | None = None

    @property
    def address(self) -> str:
        """The URL, pinned to the certificate's fingerprint if there is one."""
        return pinned(self.url, self.fingerprint) if self.fingerprint else self.url

    def is_at(self, address: str) -> bool:
        """Whether an address that the user typed is this server's."""
        url, pin = split(address)
        return url == self.url if pin is None else pin.hex() == self.fingerprint


class DataFolder:
    """A folder that only its owner can read.

    Args:
        path: The folder; created if missing.

    Attributes:
        was_open: Whether other users had access until now.

    Raises:
        QuizError: `bad_request` if it can't be created or written, or other users can change it.
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
        """The path of the server's log."""
        return self.path / "livequiz.log"

    @property
    def audit_path(self) -> Path:
        """The path of the audit log: instructor actions and refused attempts."""
        return self.path / "audit.log"

    def token(self, name: str) -> str:
        """Return one of this folder's tokens, generated on the first call."""
        if token := read_token(self.path, name):
            return token
        token = secrets.token_urlsafe(16)
        self.write(name, token + "\n")
        return token

    def meeting(self) -> str:
        """Return the last meeting code if it is recent enough, else a new one."""
        path = self.path / "meeting"
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime < MEETING_LIFE and (code := path.read_text()):
                return code.strip()
        return random_code(CODE_LENGTH)

    def keep_meeting(self, code: str) -> None:
        """Save the meeting code for a restart."""
        self.write("meeting", code + "\n")

    def announce(self, running: Running) -> None:
        """Write the server's address to the folder."""
        self.write("server.json", msgspec.json.encode(running).decode())

    def withdraw(self) -> None:
        """Remove the server's address from the folder."""
        (self.path / "server.json").unlink(missing_ok=True)

    def write(self, name: str, content: str) -> None:
        """Write a file atomically, readable only by its owner."""
        descriptor, temporary = tempfile.mkstemp(dir=self.path)  # mode 0600
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
        Path(temporary).replace(self.path / name)


def read_token(data_dir: Path, name: str) -> str | None:
    """Return a token of a data folder on this host, if it can be read."""
    try:
        return (data_dir / name).read_text(encoding="utf-8").strip() or None
    except OSError:
        return None


def read_running(data_dir: Path) -> Running | None:
    """Return the address that a data folder's server announced, if any."""
    try:
        return msgspec.json.decode((data_dir / "server.json").read_bytes(), type=Running)
    except (OSError, msgspec.DecodeError):
        return None
