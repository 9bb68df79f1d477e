"""`livequiz meetings`: titles, classes, archive and deletion."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from livequiz.commands.help import App
from livequiz.commands.options import DataDir, MongoUrl, fail, run, say, titled
from livequiz.commands.questions import existing_database, with_store

if TYPE_CHECKING:
    from livequiz.db.store import Store

meetings_app = App(help="Name, archive and delete meetings.")

Code = Annotated[str, typer.Argument(metavar="MEETING", help="The meeting's code.")]


@meetings_app.command("list", epilog="Example: [bold]livequiz meetings list[/bold]")
def list_(
    data_dir: DataDir,
    mongo_url: MongoUrl = None,
    everything: Annotated[bool, typer.Option("--all", help="List archived meetings too.")] = False,
) -> None:
    """List the meetings: date, title, class, rounds, students, accuracy."""
    from livequiz.commands.output.results_tables import list_meetings
    from livequiz.results.store_source import StoreSource

    folder = existing_database(data_dir, mongo_url)
    with_store(
        folder, mongo_url, lambda store: list_meetings(StoreSource(store), archived=everything)
    )


@meetings_app.command(
    epilog='Example: [bold]livequiz meetings title K7QX4M "Sets and functions"[/bold]'
)
def title(
    meeting: Code,
    text: Annotated[str, typer.Argument(metavar="TITLE", help='The title; "" removes it.')],
    data_dir: DataDir,
    mongo_url: MongoUrl = None,
) -> None:
    """Give a meeting a title."""
    _describe(meeting, "title", text, data_dir=data_dir, mongo_url=mongo_url)


@meetings_app.command("class", epilog="Example: [bold]livequiz meetings class K7QX4M 7B[/bold]")
def class_(
    meeting: Code,
    text: Annotated[str, typer.Argument(metavar="CLASS", help='Its name; "" removes it.')],
    data_dir: DataDir,
    mongo_url: MongoUrl = None,
) -> None:
    """Say which class a meeting belongs to. In other classes, the same ids are other people."""
    _describe(meeting, "class", text, data_dir=data_dir, mongo_url=mongo_url)


@meetings_app.command(epilog="Example: [bold]livequiz meetings archive K7QX4M[/bold]")
def archive(
    meeting: Code,
    data_dir: DataDir,
    mongo_url: MongoUrl = None,
    undo: Annotated[bool, typer.Option("--undo", help="Put it back into the list.")] = False,
) -> None:
    """Leave a meeting out of the list; nothing is deleted."""
    _change(
        meeting,
        lambda store, code: store.participants.set_setting(code, "archived", not undo),
        data_dir=data_dir,
        mongo_url=mongo_url,
    )


@meetings_app.command(epilog="Example: [bold]livequiz meetings delete K7QX4M[/bold]")
def delete(
    meeting: Code,
    data_dir: DataDir,
    mongo_url: MongoUrl = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Delete a meeting with its rounds and answers. Stop the server first."""
    from livequiz.commands.data import listed, refuse_while_served
    from livequiz.db.opening import open_store

    folder, code = existing_database(data_dir, mongo_url), meeting.upper()

    async def work() -> None:
        async with open_store(folder, mongo_url) as (store, _):
            await refuse_while_served(store)
            found = await store.participants.meetings_of([code])
            if code not in found:
                fail(_unknown(code))
            if not yes:
                typer.confirm(f"Delete {code} with all its answers?", abort=True, err=True)
            counts = await store.erasure.delete_meeting(code)
        deleted = listed(counts)
        say(f"Deleted {code}{f': {deleted}' if deleted else ''}.")

    run(work())


def _describe(meeting: str, name: str, text: str, *, data_dir: Path, mongo_url: str | None) -> None:
    shown = titled(name, text)
    _change(
        meeting,
        lambda store, code: store.participants.set_setting(code, name, shown),
        data_dir=data_dir,
        mongo_url=mongo_url,
    )


def _change(
    meeting: str,
    change: Callable[[Store, str], Awaitable[bool]],
    *,
    data_dir: Path,
    mongo_url: str | None,
) -> None:
    async def work(store: Store) -> None:
        if not await change(store, meeting.upper()):
            fail(_unknown(meeting.upper()))

    with_store(existing_database(data_dir, mongo_url), mongo_url, work)


def _unknown(code: str) -> str:
    return f"There is no meeting {code}. `livequiz meetings list` lists the meetings."
