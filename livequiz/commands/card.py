"""`livequiz card`: how to join, as a page to print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from livequiz.commands.options import DataDir, Meeting, Url, complete_url, fail

NOT_KNOWN = (
    "No server runs on this machine: start `livequiz serve` first, or name the address and the "
    "meeting, as in `livequiz card http://192.168.1.20:5000 --meeting K7QX4M`."
)
ONLY_HERE = (
    "No other machine can reach the server at that address: start it with "
    "`livequiz serve --host 0.0.0.0`, and write the card then."
)


def card(
    data_dir: DataDir,
    url: Url = None,
    meeting: Meeting = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write.", dir_okay=False)
    ] = Path("livequiz-card.html"),
) -> None:
    """Write a card that tells students how to join, to print from a browser."""
    from livequiz.commands.output.join_card import join_card
    from livequiz.server.host.addresses import is_loopback
    from livequiz.server.host.data_folder import read_running

    address = complete_url(url, None)
    running = read_running(data_dir)
    if running is not None and address in {None, running.url, running.students_url}:
        address, meeting = running.students_url, meeting or running.meeting
    if address is None or meeting is None:
        fail(NOT_KNOWN)
    if is_loopback(urlsplit(address).hostname or ""):
        fail(ONLY_HERE)
    try:
        output.write_text(join_card(address, meeting.upper()), encoding="utf-8")
    except OSError as error:
        fail(f"{output} can't be written: {error.strerror}.")
    typer.echo(f"Wrote {output}. Open it in a browser, and print it.")
