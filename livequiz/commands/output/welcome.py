"""The welcome message of `livequiz serve`, printed once students can join."""

from __future__ import annotations

import shlex

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from livequiz.client.address import join_commands, page_address, pinned, projector_address
from livequiz.config import default_data_dir
from livequiz.server.main import Started


def show(started: Started) -> None:
    """Print how to join, and where the token, the data and MongoDB are."""
    out = Console(highlight=False)
    out.print(Panel(_table(started), title="LiveQuiz", expand=False))
    # Below the frame, so that a line longer than the screen can still be copied.
    below = _commands(started) if started.pinned else {}
    below["Projector"] = projector_address(started.url, started.meeting, started.projector_token)
    for label, command in below.items():
        out.print(Text.assemble((f"{label}:", "bold"), f"\n{command}\n"), soft_wrap=True)
    messages = Console(stderr=True, highlight=False)
    if started.loaded:
        sample = "sample " if started.sampled else ""
        plural = "" if started.loaded == 1 else "s"
        messages.print(Text(f"Added {started.loaded} {sample}question{plural} to the bank."))
    if started.left_out:
        message = (
            f"Left out {started.left_out} of the bank file's questions. "
            "To see why, run `livequiz questions import` with that file."
        )
        messages.print(Text(message, style="yellow"))
    if started.was_open:
        message = "Other users could open the data folder; now only you can."
        messages.print(Text(message, style="yellow"))
    messages.print(_reach(started))
    if started.exposed and started.firewall:
        messages.print(
            Text(f"If students can't reach it, open the port in the firewall: {started.firewall}")
        )
    if not started.limited:
        messages.print(
            Text(
                "NO LIMITS: anyone can flood this server, or guess its codes and token as fast as "
                "it answers. Don't use --no-limits with a class.",
                style="bold red",
            )
        )
    if started.guessable:
        messages.print(
            Text(
                "The instructor token is short enough to guess; use at least 16 characters.",
                style="yellow",
            )
        )
    messages.print(Text("Press Ctrl-C to stop."))


def _reach(started: Started) -> Text:
    """Return who can reach the server, and who can read the traffic."""
    if not started.exposed:
        return Text(
            "Only this machine can reach the server; use --host 0.0.0.0 to let the classroom join."
        )
    if started.pinned:
        return Text(
            "Anyone on this network can reach the server; the traffic is encrypted. Students "
            "have to copy the whole address: the part after the # proves that this is your server."
        )
    if started.encrypted:
        return Text("Anyone on this network can reach the server; the traffic is encrypted.")
    return Text(
        "Anyone on this network can read the traffic: names, answers and the instructor token are "
        "sent unencrypted. If that matters, use --tls-self-signed, or --tls-cert and --tls-key.",
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
        *({"SSH key": started.ssh.fingerprint} if started.ssh else {}).items(),
        ("Instructor token", started.instructor_token),
        ("Data", str(started.data_dir)),
        ("Database", started.mongodb),
        ("Questions", str(started.questions)),
    ):
        table.add_row(label, Text(value))
    return table


def _commands(started: Started) -> dict[str, str]:
    """Return the address to open and the commands to type, by role."""
    url = started.url
    if started.pinned and started.fingerprint:
        url = pinned(url, started.fingerprint)
    usual = started.data_dir.resolve() == default_data_dir().resolve()
    folder = "" if usual else f" --data-dir {shlex.quote(str(started.data_dir))}"
    ssh_port = started.ssh.port if started.ssh else None
    return {
        "Students open": "\n".join(
            page_address(each, started.meeting) for each in (url, *started.others)
        ),
        "Students type": "\n".join(join_commands(url, started.meeting, ssh_port)),
        "You type": f"livequiz instructor {url} --meeting {started.meeting}{folder}",
    }
