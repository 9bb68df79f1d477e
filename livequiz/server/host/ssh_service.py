"""Serves SSH beside HTTP: the host key, the Unix socket for the workers, and the front."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from aiohttp import web

from livequiz.client.guest import Host
from livequiz.domain.errors import Code, QuizError
from livequiz.server.host.data_folder import DataFolder
from livequiz.server.host.ports import port_error
from livequiz.server.host.ssh_front import Front

HOST_KEY = "ssh-host-key"
SECRET = "ssh-rejoin-secret"  # noqa: S105 - a file's name
AUTHORIZED_KEYS = "authorized_keys"


@dataclass(frozen=True, slots=True)
class SshAddress:
    """Where SSH is served.

    Attributes:
        port: The port.
        fingerprint: That of the host key, as `ssh` shows it: `SHA256:...`.
    """

    port: int
    fingerprint: str


@contextlib.asynccontextmanager
async def serving_ssh(
    runner: web.BaseRunner,
    folder: DataFolder,
    where: tuple[str, int],
    admit: Callable[[str], bool],
    *,
    meeting: str,
    token: str,
    url: str,
) -> AsyncIterator[SshAddress]:
    """Serve SSH while the block runs.

    Args:
        runner: The HTTP server, which gets a Unix socket for the workers.
        folder: Keeps the host key and the secret of the rejoin codes.
        where: The host and the port to listen on.
        admit: Counts a connection from an address; returns whether it is within the limits.
        meeting: The meeting that instructors get.
        token: The instructor token.
        url: The server's address, for people.

    Raises:
        QuizError: `bad_request` if the port can't be used, or asyncssh is not installed.
    """
    key, fingerprint = _host_key(folder)
    # A path of its own and short: sockets in a deep folder can't be reached.
    with tempfile.TemporaryDirectory(prefix="livequiz-") as private:
        socket = Path(private) / "http"
        await web.UnixSite(runner, str(socket)).start()
        host = Host(
            socket=socket,
            secret=_secret(folder),
            host_key=key,
            authorized_keys=folder.path / AUTHORIZED_KEYS,
            meeting=meeting,
            token=token,
            url=url,
        )
        front = Front(admit, msgspec.json.encode(host, enc_hook=str), folder.log_path)
        try:
            yield SshAddress(await front.start(*where), fingerprint)
        except OSError as error:
            raise port_error(*where, error) from None
        finally:
            await front.stop()


def _host_key(folder: DataFolder) -> tuple[Path, str]:
    """Return the host key's file, made once, and its fingerprint."""
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


def _secret(folder: DataFolder) -> bytes:
    path = folder.path / SECRET
    if not path.exists():
        folder.write(SECRET, secrets.token_hex(16))
    return path.read_bytes()
