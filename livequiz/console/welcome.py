"""What `livequiz serve` says when students can join."""

from __future__ import annotations

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from livequiz.client.address import pinned
from livequiz.server.serve import Started


def show(started: Started) -> None:
    """Print how to join, where the token is, where data lives and which MongoDB it is."""
    out = Console(highlight=False)
    out.print(Panel(_table(started), title="LiveQuiz", expand=False))
    if started.pinned:
        # Below the frame, where a line that is longer than the screen can still be copied.
        for label, command in _commands(started).items():
            out.print(Text.assemble((f"{label}:", "bold"), f"\n{command}\n"), soft_wrap=True)
    messages = Console(stderr=True, highlight=False)
    if started.loaded:
        messages.print(Text(f"New in the question bank: {started.loaded}."))
    if started.left_out:
        message = (
            f"Left out {started.left_out} of the bank file's questions; "
            "`livequiz questions import` with that file tells why."
        )
        messages.print(Text(message, style="yellow"))
    if started.was_open:
        message = "Others could enter the data folder; it is now closed to everybody but you."
        messages.print(Text(message, style="yellow"))
    messages.print(_reach(started))
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


def _reach(started: Started) -> Text:
    """Say who can reach the server, and who can read along."""
    if not started.exposed:
        return Text("Only this machine can reach it; --host 0.0.0.0 lets the classroom join.")
    if started.pinned:
        return Text(
            "Everybody on this network can reach this server; what is sent is encrypted. Students "
            "have to copy the whole address: what follows the # proves that this is the server."
        )
    if started.encrypted:
        return Text("Everybody on this network can reach this server; what is sent is encrypted.")
    return Text(
        "Who shares this network can read along: names, answers and the instructor token are "
        "sent without encryption. If that matters, use --tls-self-signed, or "
        "--tls-cert and --tls-key.",
        style="yellow",
    )


def _table(started: Started) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    commands = {} if started.pinned else _commands(started)
    fingerprint = {"SHA-256": started.fingerprint} if started.fingerprint else {}
    for label, value in (
        ("Server", started.url),
        *fingerprint.items(),
        ("Meeting", started.meeting),
        *commands.items(),
        ("Instructor token", started.instructor_token),
        ("Data", str(started.data_dir)),
        ("Database", started.mongodb),
        ("Questions", str(started.questions)),
    ):
        table.add_row(label, Text(value))
    return table


def _commands(started: Started) -> dict[str, str]:
    """Return what to type, by who types it."""
    url = started.url
    if started.pinned and started.fingerprint:
        url = pinned(url, started.fingerprint)
    where = f"{url} --meeting {started.meeting}"
    return {
        "Students type": f"livequiz student {where}",
        "You type": f"livequiz instructor {where}",
    }
