"""Output while bank files are read: progress, a preview and problems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from livequiz.bank.formats import read_file
from livequiz.bank.reading import Kind, Problem, Reading
from livequiz.bank.template import without_examples
from livequiz.commands.output.bank_table import bank_table
from livequiz.domain.model import Draft
from livequiz.domain.text import printable

PREVIEWED = 10  # questions
TOLD = 200  # problems listed; the rest are only counted


def read_files(paths: Sequence[Path], format_name: str | None) -> list[tuple[Path, Reading]]:
    """Read bank files; on a terminal, show a running count of the questions.

    Raises:
        QuizError: If one of them can't be read at all.
    """
    readings = []
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        TextColumn("{task.completed} questions"),
        console=Console(stderr=True),
        transient=True,
    ) as progress:
        for path in paths:
            task = progress.add_task(f"Reading {printable(path.name)}", total=None)
            reading = Reading()
            for item in read_file(path, format_name):
                reading.take(item)
                progress.update(task, completed=len(reading.entries))
            readings.append((path, without_examples(reading)))
    return readings


def in_batches(drafts: Sequence[Draft], size: int) -> Iterator[Sequence[Draft]]:
    """Yield questions in batches; on a terminal, show a progress bar of those stored."""
    with Progress(
        TextColumn("Storing"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as progress:
        task = progress.add_task("", total=len(drafts))
        for start in range(0, len(drafts), size):
            yield drafts[start : start + size]
            progress.update(task, completed=start + size)


def print_preview(drafts: Sequence[Draft]) -> None:
    """Print the first questions as a table to stdout, and the number of the rest."""
    if not drafts:
        return
    console = Console(highlight=False)
    console.print(bank_table(drafts[:PREVIEWED], short=True))
    if len(drafts) > PREVIEWED:
        console.print(Text(f"... and {len(drafts) - PREVIEWED} more."))


def print_problems(path: Path | None, problems: Iterable[Problem]) -> None:
    """Print problems to stderr, one per line: `file:line:column: sentence (question)`."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    listed = list(problems)
    for problem in listed[:TOLD]:
        places = [str(path) if path else "", str(problem.place)]
        where = ":".join(place for place in places if place)
        what = {Kind.LOST: "note: ", Kind.UNSUPPORTED: "left out: ", Kind.WRONG: ""}[problem.kind]
        about = f' ("{problem.text}")' if problem.text else ""
        line = f"{where}: {what}{problem.message}{about}" if where else f"{problem.message}{about}"
        console.print(Text(printable(line)))
    if len(listed) > TOLD:
        console.print(Text(f"... and {len(listed) - TOLD} more like these."))
