"""`livequiz questions`: manage the question bank."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from livequiz.commands.help import App
from livequiz.commands.options import DataDir, MongoUrl, fail, run, say

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

questions_app = App(help="Manage the question bank.")

FormatName = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="NAME",
        help="The file's format, if its name and content don't show it; see "
        "`livequiz questions formats`.",
    ),
]
Files = Annotated[list[Path], typer.Argument(metavar="FILE", help=f"Question files: {FORMATS}.")]


def with_store(
    data_dir: Path, mongo_url: str | None, work: Callable[[Store], Coroutine[Any, Any, None]]
) -> None:
    """Run work on the bank of a running server, a MongoDB, or a data folder."""
    from livequiz.server.host.offline_bank import open_bank_store

    folder = data_dir.expanduser().resolve()

    async def inner() -> None:
        async with open_bank_store(folder, mongo_url) as store:
            await work(store)

    run(inner())


def existing_database(data_dir: Path, mongo_url: str | None, code: int = 1) -> Path:
    """Return a data folder's absolute path; fail if neither it nor the URL has a database.

    Otherwise a mistyped folder would be created, and found to be empty.
    """
    from livequiz.server.host.offline_bank import has_bank

    folder = data_dir.expanduser().resolve()
    if mongo_url is None and not has_bank(folder):
        fail(f"There is no database in {data_dir}; name another folder with --data-dir.", code)
    return folder


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
        bool, typer.Option("--strict", help="Store nothing if any question can't be used.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be imported; store nothing.")
    ] = False,
    lang: Annotated[
        str | None,
        typer.Option(
            "--lang",
            metavar="CODE",
            help="Preferred language for texts in several languages, such as de. Default: yours, "
            "then English.",
        ),
    ] = None,
) -> None:
    """Add questions from files; questions already in the bank stay as they are."""
    from livequiz.bank import languages
    from livequiz.bank.lint.bank import key_positions
    from livequiz.commands.output.bank_files import print_preview, print_problems, read_files

    languages.PREFERRED.set(languages.preferred(lang))
    readings = read_files(files, format_name)
    drafts = [draft for _, reading in readings for draft in reading.drafts]
    print_preview(drafts)
    _note_repeats(readings)
    for path, reading in readings:
        print_problems(path, reading.problems)
    for finding in key_positions(drafts):
        say(finding.message)
    left_out = sum(reading.left_out for _, reading in readings)
    if not drafts:
        fail(f"{', '.join(map(str, files))}: no usable question found.")
    if strict and left_out:
        fail(f"Stored nothing: {in_words(left_out)} can't be used; see above.")
    if dry_run:
        _preview_import(drafts, data_dir, mongo_url)
    else:
        with_store(data_dir, mongo_url, lambda store: add(store, drafts))
    if left_out:
        fail(f"Left out {in_words(left_out)}; see above.")


def _note_repeats(readings: Sequence[tuple[Path, Reading]]) -> None:
    """Report duplicate questions: only the first of each is stored."""
    from livequiz.bank.reading import Kind, Problem, beginning
    from livequiz.db.documents import content_hash

    first: dict[str, str] = {}
    for path, reading in readings:
        for entry in reading.entries:
            here = f"{path}:{entry.place}".rstrip(":")
            key = content_hash(entry.draft)
            if key in first:
                earlier = f"an earlier one in {path}" if first[key] == here else first[key]
                message = f"This is the same question as {earlier}; it is stored only once."
                text = beginning(entry.draft.text)
                reading.problems.append(Problem(Kind.LOST, entry.place, message, text))
            first.setdefault(key, here)


def _preview_import(drafts: Sequence[Draft], data_dir: Path, mongo_url: str | None) -> None:
    """Print what an import would add, without creating a bank if there is none."""
    from livequiz.server.host.offline_bank import has_bank

    distinct = _without_repeats(drafts)

    def tell(known: int) -> None:
        already = f", {known} already in the bank" if known else ""
        say(f"{in_words(len(distinct) - known)} can be imported{already}; nothing was stored.")

    async def work(store: Store) -> None:
        tell(await store.questions.count_known(distinct))

    if mongo_url or has_bank(data_dir.expanduser()):
        with_store(data_dir, mongo_url, work)
    else:
        tell(0)


def _without_repeats(drafts: Sequence[Draft]) -> list[Draft]:
    from livequiz.db.documents import content_hash

    first: dict[str, Draft] = {}
    for draft in drafts:
        first.setdefault(content_hash(draft), draft)
    return list(first.values())


@questions_app.command("list", epilog="Example: [bold]livequiz questions list[/bold]")
def list_(data_dir: DataDir, mongo_url: MongoUrl = None) -> None:
    """List the questions in the bank."""

    async def work(store: Store) -> None:
        from livequiz.commands.output.bank_table import print_bank

        print_bank([question async for question in store.questions.everything()])

    with_store(data_dir, mongo_url, work)


@questions_app.command(epilog="Example: [bold]livequiz questions export bank.yaml[/bold]")
def export(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The file to write; - for standard output.")
    ],
    data_dir: DataDir,
    mongo_url: MongoUrl = None,
    format_name: FormatName = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Write the bank to a file, in the format given by its name or --format."""
    from livequiz.bank import formats
    from livequiz.commands.output.bank_files import print_problems

    to_stdout = str(file) == "-"
    known = formats.to_write(file, format_name or ("json" if to_stdout else None))
    if file.exists() and not force and not to_stdout:
        fail(f"{file} already exists; use --force to overwrite it.")

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
    """List the file formats you can import and export."""
    from livequiz.commands.output.formats_table import print_formats

    print_formats()


@questions_app.command(epilog="Example: [bold]livequiz questions template class.xlsx[/bold]")
def template(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The table to create: .xlsx or .csv.")
    ],
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Create a table to fill in with questions in a spreadsheet program."""
    from livequiz.bank.template import template as table

    content = table(file)
    if file.exists() and not force:
        fail(f"{file} already exists; use --force to overwrite it.")
    try:
        file.write_bytes(content)
    except OSError as error:
        fail(f"{file} can't be written: {error.strerror}.")
    say(f"Wrote {file}. Fill it in, then run: livequiz questions import {file}")


@questions_app.command(epilog="Example: [bold]livequiz questions schema > bank.schema.json[/bold]")
def schema() -> None:
    """Print the JSON Schema of LiveQuiz's YAML and JSON, for editors that validate."""
    import msgspec

    from livequiz.bank.json_schema import json_schema

    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(json_schema()), indent=2))
    sys.stdout.buffer.write(b"\n")


async def add(store: Store, drafts: Sequence[Draft]) -> None:
    """Add questions to the bank, and print how many were new."""
    from livequiz.commands.output.bank_files import in_batches
    from livequiz.server.quiz.service import utc_now

    now = utc_now()
    added = 0
    distinct = _without_repeats(drafts)
    for batch in in_batches(distinct, STORED_AT_ONCE):
        added += await store.questions.add(batch, now)
    known = len(distinct) - added
    say(f"Added {in_words(added)}; {known} already in the bank.")


def in_words(count: int) -> str:
    """Return a number of questions as a phrase."""
    return "1 question" if count == 1 else f"{count} questions"
