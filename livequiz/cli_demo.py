"""`livequiz demo` and `livequiz simulate`: a class in which nobody has to sit."""

from __future__ import annotations

import contextlib
import sys
from typing import Annotated

import typer

from livequiz.cli_options import TlsCa, TlsFingerprint, WithStdin, complete_url, fail, readable, run

STARTING = "Starting a server with a private MongoDB ..."


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

    _say(STARTING)
    async with demo_server() as server, simulated_class(server, students):
        screen = InstructorApp(server.url, server.meeting, "teacher", server.token)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, screen.exit)
        await screen.run_async()
        _say("Ending the class, its server and its database ...")
    _say("The demo is over; its server and database are gone. `livequiz serve` starts your own.")


async def _demo_in_pipe(students: int) -> bool:
    from livequiz.bank.sample_bank import knowledge
    from livequiz.console.round_report import print_round
    from livequiz.demo import demo_server, play_round

    _say(STARTING)
    async with demo_server() as server:
        played = await play_round(server, students, knowledge())
    print_round(played)
    return played.everybody_has_their_own


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
    from livequiz.bank.sample_bank import knowledge
    from livequiz.client.simulate import Behaviour, run_until_stopped

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
    with contextlib.suppress(OSError):  # nobody reads on a terminal that was closed
        typer.echo(message, err=True)
