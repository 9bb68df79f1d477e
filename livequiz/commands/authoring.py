"""`livequiz questions check | edit | new`: write good questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from livequiz.commands.options import DataDir, MongoUrl, fail, say
from livequiz.commands.questions import FormatName, add, in_words, with_store

if TYPE_CHECKING:
    from livequiz.bank.editing import Changes
    from livequiz.db.store import Store

FilesOrBank = Annotated[
    list[Path] | None,
    typer.Argument(metavar="FILE", help="Question files; leave out to check the question bank."),
]
Students = Annotated[
    int, typer.Option(min=1, help="Class size: each topic should have at least as many questions.")
]
Ignored = Annotated[
    list[str] | None,
    typer.Option("--ignore", metavar="RULE", help="Skip this rule. Can be repeated."),
]
Topics = Annotated[
    list[str] | None, typer.Option("--topic", "-t", help="Only questions on this topic.")
]


def check(
    data_dir: DataDir,
    files: FilesOrBank = None,
    mongo_url: MongoUrl = None,
    format_name: FormatName = None,
    students: Students = 30,
    ignored: Ignored = None,
) -> None:
    """Check questions for duplicates, give-away keys and missing parts."""
    from livequiz.bank.reading import Entry, Place, Reading
    from livequiz.commands.output.bank_files import read_files
    from livequiz.commands.output.findings import print_findings

    hidden = frozenset(ignored or ())
    if files:
        found = print_findings(read_files(files, format_name), students, hidden)
        _end_check(found)
        return

    async def work(store: Store) -> None:
        bank = Reading([Entry(q, Place()) async for q in store.questions.everything()])
        _end_check(print_findings([(None, bank)], students, hidden))

    with_store(data_dir, mongo_url, work)


def _end_check(found: int) -> None:
    if found:
        fail(f"Found {found} problems." if found > 1 else "Found 1 problem.")
    say("No problems found.")


def new(data_dir: DataDir, mongo_url: MongoUrl = None) -> None:
    """Write questions in your editor ($EDITOR) and add them to the bank."""
    from livequiz.bank.editing import TEMPLATE
    from livequiz.commands.output.editor import edit_until_right

    async def work(store: Store) -> None:
        found = edit_until_right(TEMPLATE.encode(), [])
        if found is None:
            say("Nothing was saved, so nothing was added.")
            return
        await add(store, found.added)

    with_store(data_dir, mongo_url, work)


def edit(data_dir: DataDir, topics: Topics = None, mongo_url: MongoUrl = None) -> None:
    """Edit the bank in your editor ($EDITOR): reword, correct, add or delete questions."""
    from livequiz.bank.editing import as_text
    from livequiz.commands.output.editor import edit_until_right

    async def work(store: Store) -> None:
        wanted = {topic.casefold() for topic in topics or ()}
        bank = [
            question
            async for question in store.questions.everything()
            if not wanted or wanted.intersection(map(str.casefold, question.topics))
        ]
        if not bank:
            fail("No question in the bank matches. `livequiz questions list` shows all of them.")
        found = edit_until_right(as_text(bank), bank)
        if not found:
            say("Nothing was changed.")
            return
        if found.removed:
            question = f"Remove {in_words(len(found.removed))} from the bank?"
            if not typer.confirm(question, err=True):
                found.removed.clear()
        await _store(store, found)

    with_store(data_dir, mongo_url, work)


async def _store(store: Store, found: Changes) -> None:
    """Store an author's changes."""
    from livequiz.server.quiz.service import utc_now

    now, same = utc_now(), 0
    for question_id, draft in found.revised.items():
        same += not await store.questions.revise(question_id, draft, now)
    for question_id, draft in found.replaced.items():
        same += await store.questions.replace(question_id, draft, now) is None
    added = await store.questions.add(found.added, now)
    removed = await store.questions.retire(found.removed, now)
    changed = len(found.revised) + len(found.replaced) - same
    say(f"Changed {in_words(changed)}, added {added}, removed {removed}.")
    if same:
        say(f"Left {in_words(same)} unchanged: the new version is already in the bank.")
