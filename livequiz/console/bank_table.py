"""The question bank as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from livequiz.domain.model import Draft
from livequiz.domain.text import one_line, printable
from livequiz.domain.wording import key_text


def print_bank(questions: Sequence[Draft]) -> None:
    """Print questions to stdout, and how many there are to stderr."""
    if questions:
        Console(highlight=False).print(bank_table(questions))
    count = len(questions)
    hint = "" if count else " Add some: livequiz questions import FILE, or livequiz questions seed."
    Console(stderr=True, highlight=False).print(Text(f"{count} questions.{hint}"))


def bank_table(questions: Sequence[Draft], *, short: bool = False) -> Table:
    """Return questions as a table.

    Args:
        short: Whether each may have one line only.
    """
    table = Table(expand=short)
    shape: dict[str, Any] = {"overflow": "ellipsis" if short else "fold", "no_wrap": short}
    table.add_column("Question", ratio=3 if short else None, **shape)
    table.add_column("Type", no_wrap=True)
    for heading in ("Right answer", "Topics"):
        table.add_column(heading, ratio=1 if short else None, **shape)
    table.add_column("Difficulty", no_wrap=True)
    for question in questions:
        text = printable(question.text, keep="\n")
        table.add_row(
            Text(one_line(text) if short else text),
            question.type.value,
            Text(printable(key_text(question))),
            Text(printable(", ".join(question.topics))),
            question.difficulty.value if question.difficulty else "",
        )
    return table
