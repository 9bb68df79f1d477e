"""The findings of `questions check`, one per line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from livequiz.bank.lint.bank import check
from livequiz.bank.reading import Reading, beginning
from livequiz.commands.output.bank_files import print_problems
from livequiz.domain.text import printable


def print_findings(
    readings: Sequence[tuple[Path | None, Reading]], students: int, ignored: frozenset[str]
) -> int:
    """Print `file:line:column: sentence [rule] (question)` to stdout, and return how many.

    Several files are checked as one bank. Unreadable parts are counted, and printed to stderr.
    """
    console = Console(highlight=False, soft_wrap=True)
    entries = [(path, entry) for path, reading in readings for entry in reading.entries]
    findings = [
        finding
        for finding in check([entry.draft for _, entry in entries], students)
        if finding.rule not in ignored
    ]
    for finding in findings:
        line = f"{finding.message} [{finding.rule}]"
        if finding.question is not None:
            path, entry = entries[finding.question]
            where = [str(part) for part in (path, entry.place) if part is not None and str(part)]
            about = f'"{beginning(entry.draft.text)}"'
            line = f"{':'.join(where)}: {line} ({about})" if where else f"{about}: {line}"
        console.print(Text(printable(line)))
    for path, reading in readings:
        print_problems(path, reading.problems)
    return len(findings) + sum(len(reading.problems) for _, reading in readings)
