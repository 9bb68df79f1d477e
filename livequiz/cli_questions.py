"""`livequiz questions`: look after the question bank."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from livequiz.cli_options import DataDir, MongoUrl, fail, run

if TYPE_CHECKING:
    from livequiz.bank.json_bank import Reading
    from livequiz.db.store import Store

questions_app = typer.Typer(no_args_is_help=True, help="Look after the question bank.")


def _with_store(
    data_dir: Path, mongo_url: str | None, work: Callable[[Store], Coroutine[Any, Any, None]]
) -> None:
    from livequiz.server.bank_store import bank_store

    folder = data_dir.expanduser().resolve()

    async def inner() -> None:
        async with bank_store(folder, mongo_url) as store:
            await work(store)

    run(inner())


@questions_app.command(epilog="Example: [bold]livequiz questions seed[/bold]")
def seed(data_dir: DataDir, mongo_url: MongoUrl = None) -> None:
    """Add the sample questions that come with LiveQuiz."""
    from livequiz.bank.json_bank import sample

    async def work(store: Store) -> None:
        await _add(store, sample())

    _with_store(data_dir, mongo_url, work)


@questions_app.command("import", epilog="Example: [bold]livequiz questions import bank.json[/bold]")
def import_(
    file: Annotated[Path, typer.Argument(help="A JSON array of questions.")],
    data_dir: DataDir,
    mongo_url: MongoUrl = None,
) -> None:
    """Add the questions of a file; what is in the bank already is left as it is."""
    from livequiz.bank.json_bank import read_file

    reading = read_file(file)
    _report(reading)
    if not reading.drafts:
        fail(f"{file} holds no question that can be used.")

    async def work(store: Store) -> None:
        await _add(store, reading.drafts)

    _with_store(data_dir, mongo_url, work)
    if reading.problems:
        fail(f"Left out {_questions(len(reading.problems))}; see above.")


@questions_app.command("list", epilog="Example: [bold]livequiz questions list[/bold]")
def list_(data_dir: DataDir, mongo_url: MongoUrl = None) -> None:
    """List the bank."""

    async def work(store: Store) -> None:
        from livequiz.console.bank_table import print_bank

        print_bank([question async for question in store.questions.everything()])

    _with_store(data_dir, mongo_url, work)


@questions_app.command(epilog="Example: [bold]livequiz questions export bank.json[/bold]")
def export(
    file: Annotated[Path, typer.Argument(help="Where to; - for standard output.")],
    data_dir: DataDir,
    mongo_url: MongoUrl = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
) -> None:
    """Write the bank as JSON, in the form that `import` reads."""
    from livequiz.bank.json_bank import write

    if file.exists() and not force and str(file) != "-":
        fail(f"{file} exists; --force replaces it.")

    async def work(store: Store) -> None:
        questions = [question async for question in store.questions.everything()]
        content = write(questions)
        if str(file) == "-":
            sys.stdout.buffer.write(content)
            return
        try:
            file.write_bytes(content)
        except OSError as error:
            fail(f"{file} can't be written: {error.strerror}.")
        typer.echo(f"Wrote {_questions(len(questions))} to {file}.", err=True)

    _with_store(data_dir, mongo_url, work)


async def _add(store: Store, drafts: list[Any]) -> None:
    from livequiz.server.service import utc_now

    added = await store.questions.add(drafts, utc_now())
    known = len(drafts) - added
    typer.echo(f"Added {_questions(added)}; {known} in the bank already.", err=True)


def _report(reading: Reading) -> None:
    from livequiz.domain.text import printable

    for problem in reading.problems:
        text = f' "{printable(problem.text)}"' if problem.text else ""
        typer.echo(f"Question {problem.place}{text}: {printable(problem.message)}", err=True)


def _questions(count: int) -> str:
    return "1 question" if count == 1 else f"{count} questions"
