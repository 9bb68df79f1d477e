"""The question bank as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from livequiz.domain.key_wording import key_text
from livequiz.domain.model import Draft
from livequiz.domain.text import one_line, printable

_SHARES = {"Question": 6, "Right answer": 4, "Topics": 2}  # of the width left by the other columns


def print_bank(questions: Sequence[Draft]) -> None:
    """Print questions to stdout, and their number to stderr."""
    if questions:
        Console(highlight=False).print(bank_table(questions))
    count = len(questions)
    hint = (
        "" if count else " Add some: `livequiz questions import FILE` or `livequiz questions seed`."
    )
    Console(stderr=True, highlight=False).print(
        Text(f"{count} question{'' if count == 1 else 's'}.{hint}")
    )


def bank_table(questions: Sequence[Draft], *, short: bool = False) -> Table:
    """Return questions as a table without empty columns.

    Args:
        short: Whether to limit each question to one line.
    """
    texts = [printable(question.text, keep="\n") for question in questions]
    columns = {
        "Question": [one_line(text) if short else text for text in texts],
        "Type": [question.type.value for question in questions],
        "Right answer": [printable(key_text(question)) for question in questions],
        "Topics": [printable(", ".join(question.topics)) for question in questions],
        "Difficulty": [q.difficulty.value if q.difficulty else "" for q in questions],
    }
    filled = {heading: cells for heading, cells in columns.items() if any(cells)}
    table = Table(expand=short)
    for heading in filled:
        share = _SHARES.get(heading)
        table.add_column(
            heading,
            ratio=share if short else None,
            overflow="ellipsis" if short else "fold",
            no_wrap=short or share is None,
        )
    for row in zip(*filled.values(), strict=True):
        table.add_row(*map(Text, row))
    return table
