"""`livequiz backup`, `restore` and `forget`: what a data folder holds."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from livequiz.commands.options import DataDir, MongoUrl, fail, run, say

if TYPE_CHECKING:
    from livequiz.db.store import Store

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup, a ZIP file.")]

KEEPS_TRACES = (
    "That MongoDB is not LiveQuiz's own: its files, its journal and its oplog hold what was erased "
    "until MongoDB overwrites it."
)


def backup(file: File, data_dir: DataDir, mongo_url: MongoUrl = None) -> None:
    """Write everything in the database to a file, also while the server runs."""
    from livequiz.commands.output.results_tables import progress_bar
    from livequiz.commands.questions import existing_database, with_store
    from livequiz.server.quiz.service import utc_now

    folder = existing_database(data_dir, mongo_url)

    async def work(store: Store) -> None:
        written = file.with_name(f"{file.name}.part")
        try:
            written.unlink(missing_ok=True)
            with progress_bar("Copying") as progress:
                counts = await store.archive.back_up(
                    written, utc_now(), progress, consistent=store.transactions
                )
            written.replace(file)
        except OSError as error:
            fail(f"{file} can't be written: {error.strerror}.")
        finally:
            with contextlib.suppress(OSError):
                written.unlink(missing_ok=True)
        say(f"Wrote {file}: {listed(counts)}. It holds names and answers: keep it safe.")

    if file.exists():
        fail(f"{file} already exists; choose another name.")
    with_store(folder, mongo_url, work)


def restore(file: File, data_dir: DataDir, mongo_url: MongoUrl = None) -> None:
    """Put a backup into an empty data folder or database."""
    from livequiz.commands.output.results_tables import progress_bar
    from livequiz.commands.questions import with_store

    if not file.exists():
        fail(f"There is no file {file}.")

    async def work(store: Store) -> None:
        with progress_bar("Restoring") as progress:
            counts = await store.archive.restore(file, progress)
        say(f"Restored {listed(counts)}.")

    with_store(data_dir, mongo_url, work)


def forget(
    student_id: Annotated[str, typer.Argument(metavar="STUDENT", help="The student's id.")],
    data_dir: DataDir,
    meeting: Annotated[
        list[str] | None,
        typer.Option(
            "--meeting",
            "-m",
            help="Only in this meeting; can be repeated. Where two classes use the same ids, name "
            "those of the student.",
        ),
    ] = None,
    keep_statistics: Annotated[
        bool,
        typer.Option(
            "--keep-statistics", help="Keep the answers, under a random id that leads to nobody."
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    mongo_url: MongoUrl = None,
) -> None:
    """Erase all that belongs to a student. Stop the server first."""
    from livequiz.commands.questions import existing_database
    from livequiz.db.opening import lock

    if not student_id.strip():
        fail("Name the student's id.")
    folder = existing_database(data_dir, mongo_url)
    who = Person(student_id, [code.upper() for code in meeting or []])
    # Locked from the first look to the last file: a server that starts meanwhile would lose data.
    with lock(folder) if mongo_url is None else contextlib.nullcontext():
        run(_forget(who, folder, mongo_url, keep_statistics=keep_statistics, yes=yes))


class Person(NamedTuple):
    """A student id in some meetings; in all if there are none."""

    student_id: str
    meetings: list[str]


async def _forget(
    who: Person, folder: Path, mongo_url: str | None, *, keep_statistics: bool, yes: bool
) -> None:
    """Erase a student; whatever fails, the same command can be given again."""
    from livequiz.commands.output.results_tables import progress_bar
    from livequiz.db import rewriting
    from livequiz.db.erasure import pseudonym
    from livequiz.db.opening import open_store
    from livequiz.server.host.log_scrub import scrub
    from livequiz.server.quiz.service import utc_now

    private = mongo_url is None
    pending = private and rewriting.is_due(folder)
    async with open_store(folder, mongo_url, locked=private) as (store, _):
        await refuse_while_served(store)
        names = await store.erasure.names_of(*who)
        if not yes:
            _confirm(who.student_id, names)
        if private:
            rewriting.plan(folder)
        # The logs first: only the database knows the names. Another pseudonym than the answers',
        # because a line of the log may have an address.
        words = {who.student_id, *names.values()} - {""}
        lines = scrub(folder, words, pseudonym(), who.meetings)
        kept = pseudonym() if keep_statistics else None
        found = await store.erasure.forget(*who, kept)
    if private and (found or pending):
        with progress_bar("Rewriting the database's files") as progress:
            await rewriting.rewrite(folder, utc_now(), progress)
    elif private:
        rewriting.drop_plan(folder)
    if not (found or lines or pending):
        fail(f"Nothing of {who.student_id} was found.")
    done = "Erased or made anonymous" if keep_statistics else "Erased"
    say(f"{done}: {listed(found) or 'nothing in the database'}. Log lines changed: {lines}.")
    if not private:
        say(KEEPS_TRACES)
    say("Backups that you made before still have this student's data.")


async def refuse_while_served(store: Store) -> None:
    """Servers keep copies in memory, and would show or store them again."""
    if set(await store.nodes.others("")) - set(await store.nodes.ended("")):
        fail("A server uses this database: stop it first, wait 10 seconds, and try again.")


def _confirm(student_id: str, names: dict[str, str]) -> None:
    from livequiz.domain.text import printable

    for meeting_id, name in names.items():
        say(f"{student_id} in {meeting_id}: {printable(name)}")
    if not names:
        say(f"Nobody with the id {printable(student_id)} took part. The logs may still name it.")
    typer.confirm("Erase everything that belongs to this id?", abort=True, err=True)


def listed(counts: dict[str, int]) -> str:
    """Return counts of things in the plural as a list, such as `1 response, 2 rounds`."""
    return ", ".join(
        f"{count} {(what if count != 1 else what.removesuffix('s')).replace('_', ' ')}"
        for what, count in counts.items()
        if count
    )
