"""`livequiz student` and `livequiz instructor`: the two screens."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from livequiz.cli_options import (
    DataDir,
    Meeting,
    TlsCa,
    TlsFingerprint,
    Url,
    complete_url,
    fail,
    readable,
)
from livequiz.hiding import hide

if TYPE_CHECKING:
    from livequiz.tui.instructor.here import Here


def student(
    url: Url = None,
    meeting: Meeting = None,
    student_id: Annotated[
        str | None, typer.Option("--id", envvar="LIVEQUIZ_STUDENT_ID", help="Your student id.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(envvar="LIVEQUIZ_NAME", help="Your name, as others read it.")
    ] = None,
    tls_ca: TlsCa = None,
    tls_fingerprint: TlsFingerprint = None,
) -> None:
    """Take part as a student. What is missing is asked for."""
    _need_terminal()
    from livequiz.tui.student.app import StudentApp

    address = complete_url(url, tls_fingerprint)
    _show(StudentApp(address, meeting, student_id, name, tls_ca=readable(tls_ca)))


def instructor(
    data_dir: DataDir,
    url: Url = None,
    meeting: Meeting = None,
    instructor_id: Annotated[
        str | None, typer.Option("--id", envvar="LIVEQUIZ_INSTRUCTOR_ID", help="Your id.")
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="LIVEQUIZ_INSTRUCTOR_TOKEN",
            help="The instructor token. Leave it out: it is found on the server's machine, and "
            "asked for elsewhere. A command line is kept in the shell's history, and others "
            "can read it.",
        ),
    ] = None,
    tls_ca: TlsCa = None,
    tls_fingerprint: TlsFingerprint = None,
) -> None:
    """Run the dashboard: send questions, watch the answers."""
    _need_terminal()
    hide("--token", "LIVEQUIZ_INSTRUCTOR_TOKEN")
    from functools import partial

    from livequiz.tui.instructor.app import InstructorApp

    address, find = complete_url(url, tls_fingerprint), partial(_server_here, data_dir)
    _show(InstructorApp(address, meeting, instructor_id, token, find=find, tls_ca=readable(tls_ca)))


def _server_here(data_dir: Path, address: str | None) -> Here | None:
    """Return the server on a data folder of this host, if it is at the address that is asked for.

    The token of this host's folder belongs to this host's server, and to no other.
    """
    from livequiz.server.data_folder import read_running, read_token
    from livequiz.tui.instructor.here import Here

    running = read_running(data_dir)
    if running is None or not (address is None or running.is_at(address)):
        return None
    return Here(running.address, running.meeting, read_token(data_dir) or "")


def _show(screen: Any) -> None:
    screen.run()
    if screen.return_code:
        sys.exit(screen.return_code)


def _need_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        fail("This command draws a screen: run it in a terminal, not in a pipe.")
