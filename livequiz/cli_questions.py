"""`livequiz questions`: look after the question bank."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from livequiz.cli_options import DataDir, MongoUrl, fail, run, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livequiz.bank.reading import Reading
    from livequiz.db.store import Store
    from livequiz.domain.model import Draft

STORED_AT_ONCE = 500  # questions
FORMATS = (
    "YAML, JSON, CSV, XLSX, GIFT, Aiken, Markdown, text2qti, Moodle XML, QTI, "
    "Kahoot's spreadsheet, Open Trivia DB and OpenTriviaQA"
)

questions_app = typer.Typer(no_args_is_help=True, help="Look after the question bank.")

FormatName = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="NAME",
        help="Of the file, where it can't be told from its content or name: see "
        "`livequiz questions formats`.",
    ),
]
Files = Annotated[list[Path], typer.Argument(help=f"Question banks: {FORMATS}.")]


def with_store(
    data_dir: Path, mongo_url: str | None, work: Callable[[Store], Coroutine[Any, Any, None]]
) -> None:
    """Do something with the bank of a running server, of a MongoDB, or of a data folder."""
    from livequiz.server.bank_store import bank_store

    folder = data_dir.expanduser().resolve()

    async def inner() -> None:
        async with bank_store(folder, mongo_url) as store:
            await work(store)

    run(inner())


@questions_app.command(epilog="Example: [bold]livequiz questions seed[/bold]")
def seed(data_dir: DataDir, mongo_url: MongoUrl = None) -> None:
    """Add the sample questions that come with LiveQuiz."""
    from livequiz.bank.sample_bank import sample

    async def work(store: Store) -> None:
        await add(store, sample())

    with_store(data_dir, mongo_url, work)


@questions_app.command(
    "import",
    epilog="Example: [bold]livequiz questions import moodle-export.xml quiz.gift --dry-run[/bold]",
)
def import_(
    files: Files,
    data_dir: DataDir,
    mongo_url: MongoUrl = None,
    format_name: FormatName = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Store nothing if a question has to be left out.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be imported, and store nothing.")
    ] = False,
    lang: Annotated[
        str | None,
        typer.Option(
            "--lang",
            metavar="CODE",
            help="The language to take where a text is in several, such as de; yours or English "
            "if left out.",
        ),
    ] = None,
) -> None:
    """Add the questions of files; what is in the bank already is left as it is."""
    from livequiz.bank import languages
    from livequiz.console.bank_files import print_preview, print_problems, read_files

    languages.PREFERRED.set(languages.preferred(lang))
    readings = read_files(files, format_name)
    drafts = [draft for _, reading in readings for draft in reading.drafts]
    print_preview(drafts)
    for path, reading in readings:
        print_problems(path, reading.problems)
    left_out = sum(reading.left_out for _, reading in readings)
    if dry_run:
        _end_dry_run(readings, left_out)
        return
    if not drafts:
        fail(f"{', '.join(map(str, files))}: no question here can be used.")
    if strict and left_out:
        fail(f"Stored nothing, because {in_words(left_out)} can't be used; see above.")

    async def work(store: Store) -> None:
        await add(store, drafts)

    with_store(data_dir, mongo_url, work)
    if left_out:
        fail(f"Left out {in_words(left_out)}; see above.")


def _end_dry_run(readings: Sequence[tuple[Path, Reading]], left_out: int) -> None:
    usable = sum(len(reading.entries) for _, reading in readings)
    say(f"{in_words(usable)} can be imported; nothing was stored.")
    if left_out:
        fail(f"{in_words(left_out)} can't; see above.")


@questions_app.command("list", epilog="Example: [bold]livequiz questions list[/bold]")
def list_(data_dir: DataDir, mongo_url: MongoUrl = None) -> None:
    """List the bank."""

    async def work(store: Store) -> None:
        from livequiz.console.bank_table import print_bank

        print_bank([question async for question in store.questions.everything()])

    with_store(data_dir, mongo_url, work)


@questions_app.command(epilog="Example: [bold]livequiz questions export bank.yaml[/bold]")
def export(
    file: Annotated[Path, typer.Argument(help="Where to; - for standard output.")],
    data_dir: DataDir,
    mongo_url: MongoUrl = None,
    format_name: FormatName = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
) -> None:
    """Write the bank to a file, in the format that its name or --format says."""
    from livequiz.bank import formats
    from livequiz.console.bank_files import print_problems

    to_stdout = str(file) == "-"
    known = formats.to_write(file, format_name or ("json" if to_stdout else None))
    if file.exists() and not force and not to_stdout:
        fail(f"{file} exists; --force replaces it.")

    async def work(store: Store) -> None:
        questions = [question async for question in store.questions.everything()]
        writing = known.write(questions)
        print_problems(None, writing.problems)
        if to_stdout:
            sys.stdout.buffer.write(writing.content)
            return
        try:
            file.write_bytes(writing.content)
        except OSError as error:
            fail(f"{file} can't be written: {error.strerror}.")
        written = len(questions) - writing.left_out
        say(f"Wrote {in_words(written)} to {file} ({known.title}).")

    with_store(data_dir, mongo_url, work)


@questions_app.command(epilog="Example: [bold]livequiz questions formats[/bold]")
def formats() -> None:
    """List the file formats that can be read and written."""
    from livequiz.console.formats_table import print_formats

    print_formats()


@questions_app.command(epilog="Example: [bold]livequiz questions template class.xlsx[/bold]")
def template(
    file: Annotated[Path, typer.Argument(help="A table to write: .xlsx or .csv.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
) -> None:
    """Write a table to fill in with questions, for spreadsheet programs."""
    from livequiz.bank.template import template as table

    content = table(file)
    if file.exists() and not force:
        fail(f"{file} exists; --force replaces it.")
    try:
        file.write_bytes(content)
    except OSError as error:
        fail(f"{file} can't be written: {error.strerror}.")
    say(f"Wrote {file}: fill it in, then livequiz questions import {file}")


@questions_app.command(epilog="Example: [bold]livequiz questions schema > bank.schema.json[/bold]")
def schema() -> None:
    """Print the JSON Schema of LiveQuiz's own YAML and JSON, for editors that check."""
    import msgspec

    from livequiz.bank.json_schema import json_schema

    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(json_schema()), indent=2))
    sys.stdout.buffer.write(b"\n")


async def add(store: Store, drafts: Sequence[Draft]) -> None:
    """Add questions to the bank, and say how many were new."""
    from livequiz.console.bank_files import in_batches
    from livequiz.server.service import utc_now

    now = utc_now()
    added = 0
    for batch in in_batches(drafts, STORED_AT_ONCE):
        added += await store.questions.add(batch, now)
    known = len(drafts) - added
    say(f"Added {in_words(added)}; {known} in the bank already.")


def in_words(count: int) -> str:
    """Return a number of questions in words."""
    return "1 question" if count == 1 else f"{count} questions"
