"""Serves SSH beside HTTP: the Unix socket for the workers, and the front."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from aiohttp import web

from livequiz.client.guest import Host
from livequiz.server.host.data_folder import DataFolder
from livequiz.server.host.ports import port_error
from livequiz.server.host.ssh_front import Front
from livequiz.server.host.ssh_keys import AUTHORIZED_KEYS, host_key, rejoin_secret


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
    key, fingerprint = host_key(folder)
    # A path of its own and short: sockets in a deep folder can't be reached.
    with tempfile.TemporaryDirectory(prefix="livequiz-") as private:
        socket = Path(private) / "http"
        await web.UnixSite(runner, str(socket)).start()
        host = Host(
            socket=socket,
            secret=rejoin_secret(folder),
            host_key=key,
            authorized_keys=folder.path / AUTHORIZED_KEYS,
            meeting=meeting,
            token=token,
            url=url,
        )
        front = Front(admit, msgspec.json.encode(host, enc_hook=str), folder.log_path)
        try:
            try:
                port = await front.start(*where)
            except OSError as error:
                raise port_error(*where, error, "--ssh-port") from None
            yield SshAddress(port, fingerprint)
        finally:
            await front.stop()
