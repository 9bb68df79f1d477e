"""`livequiz bench`: how many students this machine can serve."""

from __future__ import annotations

from typing import Annotated

import typer

from livequiz.commands.options import run

STUDENTS = (100, 1_000, 5_000)
HISTORY = 100  # rounds
HISTORY_STUDENTS = 1_000


def bench(
    students: Annotated[
        list[int] | None,
        typer.Option(
            min=2,
            max=20_000,
            metavar="NUMBER",
            help="How many students to measure with. Can be repeated.",
            show_default="100, 1,000 and 5,000",
        ),
    ] = None,
    runs: Annotated[
        int, typer.Option(min=1, max=100, help="How often to repeat each measurement.")
    ] = 5,
    crowds: Annotated[
        bool,
        typer.Option(
            "--crowds",
            help="Also measure 600 and 3,000 students who answer at the deadline and reconnect.",
        ),
    ] = False,
    history: Annotated[
        bool,
        typer.Option("--history", help="Also compare a meeting after 100 rounds with a new one."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print every sample as JSON instead of a table.")
    ] = False,
) -> None:
    """Measure how many students this machine can serve.

    Starts its own server and connects simulated students to it.
    """
    from livequiz.bench.history import History
    from livequiz.bench.report import print_table, to_json
    from livequiz.bench.run import CROWDS, Plan, measure

    plan = Plan(
        sizes=tuple(students or STUDENTS),
        runs=runs,
        crowds=CROWDS if crowds else (),
        crowd_runs=runs,
        history=History(HISTORY, HISTORY_STUDENTS) if history else None,
    )

    async def work() -> None:
        results = await measure(plan, lambda text: typer.echo(text, err=True))
        if as_json:
            typer.echo(to_json(results))
        else:
            print_table(results)

    run(work())
