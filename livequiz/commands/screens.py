"""`livequiz student`, `livequiz instructor` and `livequiz projector`: the terminal apps."""

from __future__ import annotations

import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from livequiz.commands.options import (
    DataDir,
    Meeting,
    TlsCa,
    TlsFingerprint,
    Url,
    complete_url,
    fail,
    readable,
)
from livequiz.config import default_data_dir
from livequiz.process.secret_args import reexec_with_secret_in_env

if TYPE_CHECKING:
    from livequiz.tui.instructor.local_server import LocalServer


def student(
    url: Url = None,
    meeting: Meeting = None,
    student_id: Annotated[
        str | None, typer.Option("--id", envvar="LIVEQUIZ_STUDENT_ID", help="Your student id.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(envvar="LIVEQUIZ_NAME", help="Your name, as others see it.")
    ] = None,
    tls_ca: TlsCa = None,
    tls_fingerprint: TlsFingerprint = None,
    plain: Annotated[
        bool,
        typer.Option(
            "--plain",
            help="Line by line, for screen readers and pipes; on by itself where no screen can "
            "be drawn.",
        ),
    ] = False,
) -> None:
    """Join a class as a student; asks for anything you leave out."""
    url, meeting, _ = _page_address(url, meeting)
    address = complete_url(url, tls_fingerprint)
    if plain or not _can_draw():
        sys.exit(_plain_student(address, meeting, student_id, name, readable(tls_ca)))
    from livequiz.tui.student.app import StudentApp

    _show(StudentApp(address, meeting, student_id, name, tls_ca=readable(tls_ca)))


def _plain_student(
    url: str | None,
    meeting: str | None,
    student_id: str | None,
    name: str | None,
    tls_ca: Path | None,
) -> int:
    from livequiz.client import remembered
    from livequiz.client.join_entry import JoinEntry
    from livequiz.plain.console import StandardConsole
    from livequiz.plain.student import PlainStudent

    async def run() -> int:
        memory = remembered.load()
        entry = JoinEntry(url or "", meeting or "", student_id or "", name or "")
        known = JoinEntry(memory.url, memory.meeting, memory.student_id, memory.name)
        return await PlainStudent(StandardConsole(), tls_ca).run(entry, known)

    return _finished(run())


def instructor(
    data_dir: DataDir,
    url: Url = None,
    meeting: Meeting = None,
    instructor_id: Annotated[
        str | None,
        typer.Option("--id", envvar="LIVEQUIZ_INSTRUCTOR_ID", help="Your instructor id."),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="LIVEQUIZ_INSTRUCTOR_TOKEN",
            help="The instructor token. Leave it out: LiveQuiz finds it on the server's machine, "
            "and asks for it elsewhere. Your shell keeps command lines in its history, and "
            "other users can see them.",
        ),
    ] = None,
    tls_ca: TlsCa = None,
    tls_fingerprint: TlsFingerprint = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Draw no screen: read commands and write events, one JSON object a line.",
        ),
    ] = False,
) -> None:
    """Open the teacher's dashboard: send questions and watch the answers come in."""
    if not as_json and not _can_draw():
        fail("The dashboard needs a terminal that it can draw in. For scripts there is --json.")
    reexec_with_secret_in_env("--token", "LIVEQUIZ_INSTRUCTOR_TOKEN")
    from livequiz.server.host.data_folder import INSTRUCTOR_TOKEN

    address = complete_url(url, tls_fingerprint)
    if as_json:
        here = _server_here(data_dir, INSTRUCTOR_TOKEN, address)
        if here is None and not (address and meeting and token):
            fail(_no_server_here(data_dir))
        sys.exit(
            _json_instructor(
                address or (here.url if here else ""),
                meeting or (here.meeting_id if here else ""),
                instructor_id or "teacher",
                token or (here.token if here else ""),
                readable(tls_ca),
            )
        )
    from functools import partial

    from livequiz.tui.instructor.app import InstructorApp

    find = partial(_server_here, data_dir, INSTRUCTOR_TOKEN)
    _show(
        InstructorApp(
            address,
            meeting,
            instructor_id,
            token,
            find=find,
            advise=partial(_no_server_here, data_dir),
            tls_ca=readable(tls_ca),
        )
    )


def projector(
    data_dir: DataDir,
    url: Url = None,
    meeting: Meeting = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="LIVEQUIZ_PROJECTOR_TOKEN",
            help="The projector token, which only lets see what the class may see. Leave it out "
            "on the server's machine: LiveQuiz finds it.",
        ),
    ] = None,
    tls_ca: TlsCa = None,
    tls_fingerprint: TlsFingerprint = None,
) -> None:
    """Show the class how to join, the time, and results once the teacher shows them."""
    if not _can_draw():
        fail("The projector needs a terminal that it can draw in.")
    reexec_with_secret_in_env("--token", "LIVEQUIZ_PROJECTOR_TOKEN")
    from livequiz.server.host.data_folder import PROJECTOR_TOKEN

    url, meeting, shown_token = _page_address(url, meeting)
    address = complete_url(url, tls_fingerprint)
    here = _server_here(data_dir, PROJECTOR_TOKEN, address)
    if here is not None:
        address, meeting, token = here.url, meeting or here.meeting_id, token or here.token
    token = token or shown_token
    if not (address and meeting and token):
        fail(
            "No server was found in this machine's data folder. Name the folder of the server "
            "(--data-dir), or the projector's address, which `livequiz serve` shows: livequiz "
            "projector 'http://192.168.1.20:5000/projector?m=K7QX4M#TOKEN'."
        )
    sys.exit(_finished(_project(address, meeting, token, readable(tls_ca))))


async def _project(url: str, meeting: str, token: str, tls_ca: Path | None) -> int:
    from livequiz.client.projector import ProjectorClient
    from livequiz.tui.projector.app import ProjectorApp

    async with ProjectorClient(url, meeting, token, tls_ca=tls_ca) as client:
        app = ProjectorApp(client, await client.projection())
        await app.run_async()
        return app.return_code or 0


def _json_instructor(
    url: str, meeting: str, instructor_id: str, token: str, tls_ca: Path | None
) -> int:
    from livequiz.client.instructor import InstructorSession
    from livequiz.plain.console import StandardConsole
    from livequiz.plain.instructor import JsonInstructor

    async def run() -> int:
        session = InstructorSession(url, tls_ca=tls_ca)
        return await JsonInstructor(session, StandardConsole()).run(instructor_id, meeting, token)

    return _finished(run())


def _finished(work: Coroutine[Any, Any, int]) -> int:
    """Run a program without a screen to its end; return its exit code."""
    import asyncio

    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        return 130
    except asyncio.CancelledError:  # nobody reads what it writes
        return 0


def _page_address(url: str | None, meeting: str | None) -> tuple[str | None, str | None, str]:
    """Return the address, meeting and projector token of what may be the page's address."""
    from livequiz.client.address import from_page

    address = from_page(url or "")
    return address.url or None, meeting or address.meeting_id or None, address.token


def _server_here(data_dir: Path, token: str, address: str | None) -> LocalServer | None:
    """Return the server of a data folder on this host, if it is at the given address.

    The tokens in this folder must never be sent to another server; `token` names one's file.
    """
    from livequiz.server.host.data_folder import read_running, read_token
    from livequiz.tui.instructor.local_server import LocalServer

    running = read_running(data_dir)
    if running is None or not (address is None or running.is_at(address)):
        return None
    return LocalServer(running.address, running.meeting, read_token(data_dir, token) or "")


def _no_server_here(data_dir: Path) -> str:
    """Return what to do where no server runs on a data folder; one may on the default folder."""
    from livequiz.server.host.data_folder import read_running
    from livequiz.tui.instructor.local_server import NO_SERVER, runs_elsewhere

    default = default_data_dir()
    if read_running(default) is None or data_dir.resolve() == default.resolve():
        return NO_SERVER
    return runs_elsewhere(data_dir, default)


def _show(screen: Any) -> None:
    screen.run()
    if screen.return_code:
        sys.exit(screen.return_code)


def _can_draw() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
