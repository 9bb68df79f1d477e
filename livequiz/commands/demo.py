"""`livequiz demo` and `livequiz simulate`: simulated classes."""

from __future__ import annotations

import contextlib
import sys
from typing import Annotated

import typer

from livequiz.commands.options import (
    TlsCa,
    TlsFingerprint,
    WithStdin,
    complete_url,
    fail,
    readable,
    run,
)

STARTING = "Starting a server with a private MongoDB ..."


def demo(
    students: Annotated[
        int | None,
        typer.Option(
            min=1, max=60, help="How many simulated students.", show_default="12; 8 in a pipe"
        ),
    ] = None,
) -> None:
    """Try LiveQuiz: starts a server, a simulated class and the dashboard."""
    import asyncio

    if sys.stdin.isatty() and sys.stdout.isatty():
        asyncio.run(_demo_on_screen(students or 12))
    elif not asyncio.run(_demo_in_pipe(students or 8)):
        fail("At least one student did not get their own question.")


async def _demo_on_screen(students: int) -> None:
    import asyncio
    import signal

    from livequiz.simulation.demo import demo_server, simulated_class
    from livequiz.tui.instructor.app import InstructorApp

    _say(STARTING)
    async with demo_server() as server, simulated_class(server, students):
        screen = InstructorApp(server.url, server.meeting, "teacher", server.token)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, screen.exit)
        await screen.run_async()
        _say("Stopping the class, its server and its database ...")
    _say("The demo is over; nothing of it is kept. Run `livequiz serve` to start your own server.")


async def _demo_in_pipe(students: int) -> bool:
    from livequiz.bank.sample_bank import knowledge
    from livequiz.commands.output.round_report import print_round
    from livequiz.simulation.demo import demo_server, play_round

    _say(STARTING)
    async with demo_server() as server:
        played = await play_round(server, students, knowledge())
    print_round(played)
    return played.everybody_has_their_own


def simulate(
    url: Annotated[str, typer.Argument(metavar="URL", help="The server's address.")],
    meeting: Annotated[str, typer.Option("--meeting", "-m", help="Meeting code.")],
    students: Annotated[int, typer.Option(min=1, max=5_000, help="How many students.")] = 50,
    think: Annotated[
        float, typer.Option(min=0.1, max=600, help="Median time to answer, in seconds.")
    ] = 6.0,
    seed: Annotated[
        int | None, typer.Option(help="Random seed; the same seed repeats the same choices.")
    ] = None,
    tls_ca: TlsCa = None,
    tls_fingerprint: TlsFingerprint = None,
    with_stdin: WithStdin = False,
) -> None:
    """Add simulated students to a meeting; they think and answer like people until Ctrl-C."""
    from livequiz.bank.sample_bank import knowledge
    from livequiz.simulation.students import Behaviour, run_until_stopped

    address = complete_url(url, tls_fingerprint)
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
            tls_ca=readable(tls_ca),
        )
    )


def _say(message: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may have been closed
        typer.echo(message, err=True)
