"""What `livequiz serve` says when students can join."""

from __future__ import annotations

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from livequiz.server.serve import Started


def show(started: Started) -> None:
    """Print how to join, where the token is, where data lives and which MongoDB it is."""
    Console(highlight=False).print(Panel(_table(started), title="LiveQuiz", expand=False))
    messages = Console(stderr=True, highlight=False)
    if started.loaded:
        messages.print(Text(f"New in the question bank: {started.loaded}."))
    if started.left_out:
        message = (
            f"Left out {started.left_out} of the bank file's questions; "
            "`livequiz questions import` with that file tells why."
        )
        messages.print(Text(message, style="yellow"))
    if started.exposed:
        messages.print(
            Text(
                "Everybody on this network can reach this server, and nothing is encrypted: "
                "names and answers can be read on the way.",
                style="yellow",
            )
        )
    else:
        messages.print(
            Text("Only this machine can reach it; --host 0.0.0.0 lets the classroom join.")
        )
    if not started.limited:
        messages.print(
            Text(
                "NO LIMITS: anybody can flood this server, or guess its codes and token as fast as "
                "it answers. Do not use --no-limits with a class.",
                style="bold red",
            )
        )
    if started.guessable:
        messages.print(
            Text(
                "The instructor token is short enough to be guessed; take 16 characters or more.",
                style="yellow",
            )
        )
    messages.print(Text("Ctrl-C stops it."))


def _table(started: Started) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    join = f"livequiz student {started.url} --meeting {started.meeting}"
    teach = f"livequiz instructor {started.url} --meeting {started.meeting}"
    for label, value in (
        ("Server", started.url),
        ("Meeting", started.meeting),
        ("Students type", join),
        ("You type", teach),
        ("Instructor token", started.instructor_token),
        ("Data", str(started.data_dir)),
        ("Database", started.mongodb),
        ("Questions", str(started.questions)),
    ):
        table.add_row(label, Text(value))
    return table
