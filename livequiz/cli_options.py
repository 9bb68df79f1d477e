"""What several commands have in common: options, and how they end."""

from __future__ import annotations

import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from livequiz.config import default_data_dir
from livequiz.domain.text import printable

DataDir = Annotated[
    Path,
    typer.Option(
        envvar="LIVEQUIZ_DATA_DIR",
        help="Where the database, the instructor token and the log live.",
        default_factory=default_data_dir,
        show_default="a folder of your account",
    ),
]
MongoUrl = Annotated[
    str | None,
    typer.Option(
        envvar="LIVEQUIZ_MONGO_URL",
        help="A MongoDB of yours. Without it a private one runs in the data folder.",
    ),
]
Meeting = Annotated[
    str | None, typer.Option("--meeting", "-m", envvar="LIVEQUIZ_MEETING", help="Meeting code.")
]
TlsCa = Annotated[
    Path | None,
    typer.Option(
        envvar="LIVEQUIZ_TLS_CA",
        help="Certificates (PEM) of a private authority to trust with https.",
    ),
]
TlsFingerprint = Annotated[
    str | None,
    typer.Option(
        metavar="SHA256",
        help="The only certificate to accept from the server; `#sha256=...` in its address does "
        "the same.",
    ),
]
WithStdin = Annotated[bool, typer.Option("--stop-with-stdin", hidden=True)]
Url = Annotated[str | None, typer.Argument(help="The server, such as http://192.168.1.20:5000.")]


def fail(message: str) -> NoReturn:
    """Say why it did not work, and end with exit code 1."""
    typer.secho(printable(message, keep="\n"), err=True, fg=typer.colors.RED)
    sys.exit(1)


def say(message: str) -> None:
    """Say something on stderr; a file's name in it steers no terminal."""
    typer.echo(printable(message), err=True)


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a command that waits, on the faster event loop if it is there."""
    import asyncio

    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


def complete_url(url: str | None, fingerprint: str | None = None) -> str | None:
    """Return what was typed as a URL; a bare host gets what is missing."""
    if url is None:
        if fingerprint is not None:
            raise typer.BadParameter("--tls-fingerprint goes with the address of the server.")
        return None
    from livequiz.client.address import complete, pinned

    return complete(url) if fingerprint is None else pinned(complete(url), fingerprint)


def readable(tls_ca: Path | None) -> Path | None:
    """Return a CA file that can be used; the sentence would have no place on a screen."""
    if tls_ca is None:
        return None
    from livequiz.client.tls import client_context

    path = tls_ca.expanduser()
    client_context(path)
    return path
