"""The keys for SSH in the data folder: the host key, and the secret of the rejoin codes."""

from __future__ import annotations

import secrets
from pathlib import Path

from livequiz.domain.errors import Code, QuizError
from livequiz.server.host.data_folder import DataFolder

HOST_KEY = "ssh-host-key"
SECRET = "ssh-rejoin-secret"  # noqa: S105 - a file's name
AUTHORIZED_KEYS = "authorized_keys"  # the instructors' public keys


def host_key(folder: DataFolder) -> tuple[Path, str]:
    """Return the host key's file, made once, and its fingerprint.

    Raises:
        QuizError: `bad_request` if it can't be read, or asyncssh is not installed.
    """
    try:
        import asyncssh  # noqa: PLC0415 - an extra
    except ImportError:
        raise QuizError(
            Code.BAD_REQUEST,
            "--ssh needs the package asyncssh: install LiveQuiz with its extra `ssh`, "
            "as in `pipx install '.[mongod,fast,ssh]'`.",
        ) from None
    path = folder.path / HOST_KEY
    if not path.exists():
        made = asyncssh.generate_private_key("ssh-ed25519", "LiveQuiz")
        folder.write(HOST_KEY, made.export_private_key().decode())
    try:
        return path, asyncssh.read_private_key(path).get_fingerprint()
    except (OSError, asyncssh.KeyImportError):
        raise QuizError(
            Code.BAD_REQUEST,
            f"{path} is no SSH key that can be read. Move it away, and a new one is made; "
            "students' `ssh` will then warn that the server's key has changed.",
        ) from None


def rejoin_secret(folder: DataFolder) -> bytes:
    """Return the secret from which rejoin codes are made, itself made once."""
    path = folder.path / SECRET
    if not path.exists():
        folder.write(SECRET, secrets.token_hex(16))
    return path.read_bytes()
