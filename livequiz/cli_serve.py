"""`livequiz serve`: the server that students and instructors connect to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from livequiz.cli_options import DataDir, Meeting, MongoUrl, WithStdin, run
from livequiz.config import DEFAULT_PORT
from livequiz.hiding import hide


def serve(
    data_dir: DataDir,
    host: Annotated[
        str, typer.Option(envvar="LIVEQUIZ_HOST", help="Address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(envvar="LIVEQUIZ_PORT", min=0, max=65535, help="Port; 0 takes a free one."),
    ] = DEFAULT_PORT,
    mongo_url: MongoUrl = None,
    bank: Annotated[
        Path | None,
        typer.Option(
            envvar="LIVEQUIZ_BANK",
            help="A question file to load: YAML, JSON, CSV, XLSX ...",
        ),
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(
            envvar="LIVEQUIZ_ROSTER",
            help="Who may join: a CSV file with the columns student_id and name.",
        ),
    ] = None,
    meeting: Meeting = None,
    instructor_token: Annotated[
        str | None, typer.Option(envvar="LIVEQUIZ_INSTRUCTOR_TOKEN", hidden=True)
    ] = None,
    open_ids: Annotated[
        bool,
        typer.Option(
            "--open-ids", help="Let anybody take any student id (for clients without tokens)."
        ),
    ] = False,
    open_meetings: Annotated[
        bool, typer.Option("--open-meetings", help="Let a student's join open a meeting.")
    ] = False,
    no_announce: Annotated[
        bool,
        typer.Option(
            "--no-announce",
            envvar="LIVEQUIZ_NO_ANNOUNCE",
            help="Do not tell this network where the server is; students then type its address.",
        ),
    ] = False,
    tls_cert: Annotated[
        Path | None,
        typer.Option(
            envvar="LIVEQUIZ_TLS_CERT", help="A certificate with its chain (PEM), to serve https."
        ),
    ] = None,
    tls_key: Annotated[
        Path | None,
        typer.Option(envvar="LIVEQUIZ_TLS_KEY", help="The certificate's private key (PEM)."),
    ] = None,
    tls_self_signed: Annotated[
        bool,
        typer.Option(
            "--tls-self-signed",
            envvar="LIVEQUIZ_TLS_SELF_SIGNED",
            help="Serve https with a certificate of its own making, which is kept.",
        ),
    ] = False,
    cors_origin: Annotated[
        list[str] | None,
        typer.Option(
            envvar="LIVEQUIZ_CORS_ORIGIN",
            metavar="URL",
            help="Let the web pages of another origin use the server. Can be repeated.",
        ),
    ] = None,
    no_limits: Annotated[
        bool,
        typer.Option("--no-limits", help="Do not limit floods, guesses and silent connections."),
    ] = False,
    with_stdin: WithStdin = False,
) -> None:
    """Run a server: students and instructors connect to it."""
    hide("--instructor-token", "LIVEQUIZ_INSTRUCTOR_TOKEN")
    from livequiz.config import ServeSettings
    from livequiz.console.welcome import show
    from livequiz.protocol.codec import decode_id
    from livequiz.protocol.fields import MeetingId
    from livequiz.server.serve import serve as run_server

    settings = ServeSettings(
        host=host,
        port=port,
        data_dir=data_dir.expanduser().resolve(),
        mongo_url=mongo_url,
        bank=bank,
        roster=roster,
        meeting=decode_id(meeting, MeetingId, "meeting_id") if meeting else None,
        instructor_token=instructor_token,
        open_ids=open_ids,
        open_meetings=open_meetings,
        announce=not no_announce,
        limits=not no_limits,
        with_stdin=with_stdin,
        tls=_pair(tls_cert, tls_key, tls_self_signed),
        tls_self_signed=tls_self_signed,
        cors_origins=tuple(cors_origin or ()),
    )
    run(run_server(settings, show))


def _pair(
    certificate: Path | None, key: Path | None, self_signed: bool
) -> tuple[Path, Path] | None:
    if certificate is None and key is None:
        return None
    if self_signed:
        raise typer.BadParameter("--tls-self-signed makes a certificate; leave --tls-cert out.")
    if certificate is None or key is None:
        raise typer.BadParameter("--tls-cert and --tls-key go together; only one was given.")
    return certificate.expanduser(), key.expanduser()
