"""Options and helpers shared by several commands."""

from __future__ import annotations

import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from livequiz.config import default_data_dir
from livequiz.domain.text import printable

LONGEST_TITLE = 80  # characters

DataDir = Annotated[
    Path,
    typer.Option(
        envvar="LIVEQUIZ_DATA_DIR",
        help="Folder for the database, the instructor token and the log.",
        default_factory=default_data_dir,
        show_default="your user data folder",
    ),
]
MongoUrl = Annotated[
    str | None,
    typer.Option(
        envvar="LIVEQUIZ_MONGO_URL",
        help="Use your own MongoDB. Without it, LiveQuiz runs a private one in the data folder.",
    ),
]
Meeting = Annotated[
    str | None, typer.Option("--meeting", "-m", envvar="LIVEQUIZ_MEETING", help="Meeting code.")
]
TlsCa = Annotated[
    Path | None,
    typer.Option(
        envvar="LIVEQUIZ_TLS_CA",
        help="Trust this certificate authority (a PEM file) for https.",
    ),
]
TlsFingerprint = Annotated[
    str | None,
    typer.Option(
        metavar="SHA256",
        help="Accept only this certificate from the server; same as `#sha256=...` in its address.",
    ),
]
WithStdin = Annotated[bool, typer.Option("--stop-with-stdin", hidden=True)]
Url = Annotated[
    str | None,
    typer.Argument(metavar="URL", help="The server's address, such as http://192.168.1.20:5000."),
]


def fail(message: str, code: int = 1) -> NoReturn:
    """Print an error and exit with a code."""
    typer.secho(printable(message, keep="\n"), err=True, fg=typer.colors.RED)
    sys.exit(code)


def say(message: str) -> None:
    """Print a message to stderr, without control characters that a file name may contain."""
    typer.echo(printable(message), err=True)


def titled(what: str, text: str) -> str:
    """Return a title or the name of a class on one line; fail if it is too long."""
    shown = " ".join(printable(text, keep="\n\t").split())
    if len(shown) > LONGEST_TITLE:
        fail(f"A {what} has at most {LONGEST_TITLE} characters; this one has {len(shown)}.")
    return shown


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run an async command, on the faster event loop if it is installed."""
    import asyncio

    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


def complete_url(url: str | None, fingerprint: str | None = None) -> str | None:
    """Return an address as a URL, completing a bare host."""
    if url is None:
        if fingerprint is not None:
            raise typer.BadParameter("--tls-fingerprint also needs the server's address.")
        return None
    from livequiz.client.address import complete, pinned

    return complete(url) if fingerprint is None else pinned(complete(url), fingerprint)


def readable(tls_ca: Path | None) -> Path | None:
    """Return a CA file's path, validated while an error can still be printed."""
    if tls_ca is None:
        return None
    from livequiz.client.tls import client_context

    path = tls_ca.expanduser()
    client_context(path)
    return path
