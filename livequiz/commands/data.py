"""`livequiz backup`, `restore` and `forget`: what a data folder holds."""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    from livequiz.commands.questions import with_store
    from livequiz.server.host.offline_bank import has_bank
    from livequiz.server.quiz.service import utc_now

    if mongo_url is None and not has_bank(data_dir.expanduser()):
        fail(f"There is no database in {data_dir}; name another folder with --data-dir.")

    async def work(store: Store) -> None:
        written = file.with_name(f"{file.name}.part")
        try:
            written.unlink(missing_ok=True)
            with progress_bar("Copying") as progress:
                counts = await store.archive.back_up(
                    written, utc_now(), progress, consistent=store.transactions
                )
            written.chmod(0o600)
            written.replace(file)
        except OSError as error:
            fail(f"{file} can't be written: {error.strerror}.")
        finally:
            with contextlib.suppress(OSError):
                written.unlink(missing_ok=True)
        say(f"Wrote {file}: {_listed(counts)}. It holds names and answers: keep it safe.")

    if file.exists():
        fail(f"{file} already exists; choose another name.")
    with_store(data_dir, mongo_url, work)


def restore(file: File, data_dir: DataDir, mongo_url: MongoUrl = None) -> None:
    """Put a backup into an empty data folder or database."""
    from livequiz.commands.output.results_tables import progress_bar
    from livequiz.commands.questions import with_store

    if not file.exists():
        fail(f"There is no file {file}.")

    async def work(store: Store) -> None:
        with progress_bar("Restoring") as progress:
            counts = await store.archive.restore(file, progress)
        say(f"Restored {_listed(counts)}.")

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
    from livequiz.commands.output.results_tables import progress_bar
    from livequiz.db.opening import open_store
    from livequiz.db.rewriting import rewrite, was_interrupted
    from livequiz.server.host.log_scrub import scrub
    from livequiz.server.host.offline_bank import has_bank
    from livequiz.server.quiz.service import utc_now

    folder = data_dir.expanduser().resolve()
    meetings = [code.upper() for code in meeting or []]
    pseudonym = f"forgotten-{secrets.token_hex(4)}"
    if mongo_url is None and not has_bank(folder):
        fail(f"There is no database in {data_dir}; name another folder with --data-dir.")

    async def work() -> None:
        async with open_store(folder, mongo_url) as (store, _):
            await refuse_while_served(store)
            names = await store.erasure.names_of(student_id, meetings)
            if not yes:
                _confirm(student_id, names)
            kept = pseudonym if keep_statistics else None
            found = await store.erasure.forget(student_id, meetings, kept)
        if mongo_url is None and (found or was_interrupted(folder)):
            with progress_bar("Rewriting the database's files") as progress:
                await rewrite(folder, utc_now(), progress)
        lines = scrub(folder, {student_id, *names.values()} - {""}, pseudonym)
        if not found and not lines:
            fail(f"Nothing of {student_id} was found.")
        done = "Erased or made anonymous" if keep_statistics else "Erased"
        say(f"{done}: {_listed(found) or 'nothing in the database'}; {lines} lines of the logs.")
        if mongo_url is not None:
            say(KEEPS_TRACES)
        say("Backups that you made before still have this student's data.")

    run(work())


async def refuse_while_served(store: Store) -> None:
    """Servers keep copies in memory, and would show or store them again."""
    if set(await store.nodes.others("")) - set(await store.nodes.ended("")):
        fail("A server uses this database: stop it first, wait 10 seconds, and try again.")


def _confirm(student_id: str, names: dict[str, str]) -> None:
    from livequiz.domain.text import printable

    for meeting_id, name in names.items():
        say(f"{student_id} in {meeting_id}: {printable(name)}")
    typer.confirm("Erase all that belongs to this id?", abort=True, err=True)


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in counts.items() if count)
