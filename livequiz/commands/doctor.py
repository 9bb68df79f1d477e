"""`livequiz doctor`: why students can't reach the server, as far as its own machine can tell."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import typer

from livequiz.commands.options import DataDir, fail

WITHIN = 3.0  # seconds


def doctor(data_dir: DataDir) -> None:
    """Try how students would reach the server, and say what to do."""
    from livequiz.client.address import at_host, page_address, split
    from livequiz.server.host.addresses import is_loopback, network_addresses
    from livequiz.server.host.data_folder import read_running
    from livequiz.server.host.firewall import opening_command

    running = read_running(data_dir)
    if running is None:
        fail("No server runs on this machine: start `livequiz serve --host 0.0.0.0` first.")
    url = split(running.students_url or running.url)[0]
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 0
    if is_loopback(host):
        fail(
            f"The server listens on {host} only, which no other machine can reach. Start it with "
            "`livequiz serve --host 0.0.0.0`."
        )
    if not _answers(host, port):
        fail(f"{url} does not answer on this machine itself. Stop the server, and start it again.")
    others = [] if parts.scheme == "https" else network_addresses()  # a certificate names its own
    reached = [at_host(url, one) for one in others if one != host and _answers(one, port)]
    typer.echo("From this machine the server answers at:")
    for address in (url, *reached):
        typer.echo(f"  {page_address(address, running.meeting)}")
    typer.echo("Open one of these on a phone that is in the same network.")
    if command := opening_command(port):
        typer.echo(
            f"If it can't be reached there, open the port in this machine's firewall: {command}"
        )
    typer.echo(
        "If it still can't be reached, the network keeps devices apart, as guest networks do: "
        "ask for another one, or share the network of a phone."
    )


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), WITHIN).close()
    except OSError:
        return False
    return True
