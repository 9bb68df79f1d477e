"""The command line: parses, then imports what the command needs and hands over."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from livequiz import __version__
from livequiz.cli_options import (
    DataDir,
    Meeting,
    MongoUrl,
    TlsCa,
    TlsFingerprint,
    Url,
    WithStdin,
    fail,
    run,
)
from livequiz.cli_questions import questions_app
from livequiz.config import DEFAULT_PORT, config_defaults
from livequiz.domain.errors import QuizError
from livequiz.hiding import hide

if TYPE_CHECKING:
    from livequiz.tui.instructor.here import Here

app = typer.Typer(
    name="livequiz",
    help="Live quiz rounds in the terminal: every student gets a different question.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(questions_app, name="questions")


def main() -> None:
    """Run the program; nothing but a sentence reaches the person who typed it."""
    try:
        if "--no-config" in sys.argv:
            sys.argv.remove("--no-config")
        else:
            app.info.context_settings = {
                **(app.info.context_settings or {}),
                "default_map": config_defaults(),
            }
        app()
    except QuizError as error:
        fail(error.message)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001  (the last resort: a sentence, not a traceback)
        fail(f"Something went wrong ({type(error).__name__}); {_write_down(error)}")


def _write_down(error: Exception) -> str:
    """Keep a traceback for whoever mends it; return where."""
    import traceback

    import platformdirs

    path = Path(platformdirs.user_log_dir("livequiz")) / "error.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        return "and its details could not be written down."
    return f"its details are in {path}."


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"livequiz {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version),
    ] = False,
) -> None:
    pass


@app.command(
    epilog="Example: [bold]livequiz serve --host 0.0.0.0[/bold] lets a whole classroom join."
)
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
        Path | None, typer.Option(envvar="LIVEQUIZ_BANK", help="A question file (JSON) to load.")
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


@app.command(
    epilog="Example: [bold]livequiz student http://192.168.1.20:5000 --meeting K7QX4M[/bold]"
)
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

    address = _url(url, tls_fingerprint)
    _show(StudentApp(address, meeting, student_id, name, tls_ca=_readable(tls_ca)))


@app.command(
    epilog="Example: [bold]livequiz instructor[/bold] on the host itself finds server and token."
)
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

    address, find = _url(url, tls_fingerprint), partial(_server_here, data_dir)
    _show(
        InstructorApp(address, meeting, instructor_id, token, find=find, tls_ca=_readable(tls_ca))
    )


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


@app.command(epilog="Example: [bold]livequiz demo[/bold]")
def demo(
    students: Annotated[
        int | None,
        typer.Option(min=1, max=60, help="Simulated students.", show_default="12, 8 in a pipe"),
    ] = None,
) -> None:
    """Try everything at once: a server, a class of simulated students, the dashboard."""
    import asyncio

    if sys.stdin.isatty() and sys.stdout.isatty():
        asyncio.run(_demo_on_screen(students or 12))
    elif not asyncio.run(_demo_in_pipe(students or 8)):
        fail("A student did not get a question of its own.")


async def _demo_on_screen(students: int) -> None:
    import asyncio
    import signal

    from livequiz.demo import demo_server, simulated_class
    from livequiz.tui.instructor.app import InstructorApp

    typer.echo("Starting a server with a private MongoDB ...", err=True)
    async with demo_server() as server, simulated_class(server, students):
        screen = InstructorApp(server.url, server.meeting, "teacher", server.token)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, screen.exit)
        await screen.run_async()


async def _demo_in_pipe(students: int) -> bool:
    from livequiz.bank.json_bank import knowledge
    from livequiz.console.round_report import print_round
    from livequiz.demo import demo_server, play_round

    typer.echo("Starting a server with a private MongoDB ...", err=True)
    async with demo_server() as server:
        played = await play_round(server, students, knowledge())
    print_round(played)
    return played.everybody_has_their_own


@app.command(
    epilog="Example: [bold]livequiz simulate http://127.0.0.1:5000 --students 50 -m K7QX4M[/bold]"
)
def simulate(
    url: Annotated[str, typer.Argument(help="The server.")],
    meeting: Annotated[str, typer.Option("--meeting", "-m", help="Meeting code.")],
    students: Annotated[int, typer.Option(min=1, max=5_000, help="How many.")] = 50,
    think: Annotated[
        float, typer.Option(min=0.1, max=600, help="Seconds that half of the answers take.")
    ] = 6.0,
    seed: Annotated[int | None, typer.Option(help="Makes their choices repeatable.")] = None,
    tls_ca: TlsCa = None,
    tls_fingerprint: TlsFingerprint = None,
    with_stdin: WithStdin = False,
) -> None:
    """Join with simulated students that think and answer like people, until Ctrl-C."""
    from livequiz.bank.json_bank import knowledge
    from livequiz.client.simulate import Behaviour, run_until_stopped

    address = _url(url, tls_fingerprint)
    assert address is not None  # noqa: S101
    behaviour = Behaviour(knowledge(), mean_think=think)
    run(
        run_until_stopped(
            address,
            meeting,
            students,
            behaviour,
            seed=seed,
            with_stdin=with_stdin,
            say=_say,
            tls_ca=_readable(tls_ca),
        )
    )


def _say(message: str) -> None:
    typer.echo(message, err=True)


# --- helpers ---------------------------------------------------------------------------------


def _show(screen: Any) -> None:
    screen.run()
    if screen.return_code:
        sys.exit(screen.return_code)


def _url(url: str | None, fingerprint: str | None = None) -> str | None:
    """Return what was typed as a URL; a bare host gets what is missing."""
    if url is None:
        if fingerprint is not None:
            raise typer.BadParameter("--tls-fingerprint goes with the address of the server.")
        return None
    from livequiz.client.address import complete, pinned

    return complete(url) if fingerprint is None else pinned(complete(url), fingerprint)


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


def _readable(tls_ca: Path | None) -> Path | None:
    """Return a CA file that can be used; the sentence would have no place on a screen."""
    if tls_ca is None:
        return None
    from livequiz.client.tls import client_context

    path = tls_ca.expanduser()
    client_context(path)
    return path


def _need_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        fail("This command draws a screen: run it in a terminal, not in a pipe.")
