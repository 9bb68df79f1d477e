"""Meetings and reports as tables, and a progress bar."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Timer

from rich.console import Console
from rich.markdown import Markdown
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from livequiz.domain.model import Meeting, Round
from livequiz.domain.text import printable
from livequiz.results import markdown
from livequiz.results.lesson import Progress, Source
from livequiz.results.report import Report


async def list_meetings(source: Source, *, archived: bool = False) -> None:
    """Print the meetings, archived ones too if wanted."""
    everything = await source.meetings()
    found = [one for one in everything if archived or not one.archived]
    print_meetings(
        [(m, await source.rounds(m.id), len(await source.students(m.id))) for m in found],
        left_out=len(everything) - len(found),
    )


def print_meetings(
    meetings: Sequence[tuple[Meeting, Sequence[Round], int]], left_out: int = 0
) -> None:
    """Print meetings to stdout, the newest first.

    Args:
        meetings: Each with its rounds and the number of students who ever joined.
        left_out: How many archived ones are not among them.
    """
    table = Table()
    for heading in ("Meeting", "Date", "Title", "Class"):
        table.add_column(heading, overflow="fold", no_wrap=heading in {"Meeting", "Date"})
    for heading in ("Rounds", "Students", "Answers", "Right"):
        table.add_column(heading, justify="right")
    for meeting, rounds, students in reversed(meetings):
        answered = sum(one.counts.answered for one in rounds)
        correct = sum(one.counts.correct for one in rounds)
        table.add_row(
            meeting.id,
            f"{meeting.created_at:%Y-%m-%d}",
            Text(printable(meeting.title)),
            Text(printable(meeting.class_name)),
            *(str(len(rounds)), str(students), str(answered)),
            f"{100 * correct / answered:.0f} %" if answered else "",
        )
    if meetings:
        Console(highlight=False).print(table)
    hints = ["livequiz results MEETING shows one of them."] if meetings else []
    if left_out:
        archived = "1 archived meeting is" if left_out == 1 else f"{left_out} archived meetings are"
        hints.append(f"{archived} left out; livequiz meetings list --all shows them, too.")
    Console(stderr=True, highlight=False).print(
        " ".join(hints) or "No class has taken place.", soft_wrap=True
    )


def print_report(report: Report) -> None:
    """Print a report to stdout: as tables, or as Markdown where that is no terminal."""
    text = printable(markdown.write(report).decode(), keep="\n")
    console = Console(highlight=False)
    if console.is_terminal:
        console.print(Markdown(text))
    else:
        sys.stdout.write(text)


@contextmanager
def progress_bar(what: str, *, after: float = 0.0) -> Iterator[Progress]:
    """Show how far work is, on stderr where that is a terminal; yield what to call.

    Args:
        what: The work.
        after: Seconds that it may take without a bar, which then comes by itself.
    """
    console = Console(stderr=True)
    bar = Bar(console=console, transient=True, disable=not console.is_terminal)
    task = bar.add_task(what, total=None)
    timer = Timer(after, bar.start)
    timer.daemon = True
    if after:
        timer.start()
    else:
        bar.start()
    try:
        yield lambda done, total: bar.update(task, completed=done, total=total)
    finally:
        if after:
            timer.cancel()
            timer.join()  # it may just have started the bar
        bar.stop()
