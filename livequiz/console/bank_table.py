"""The question bank as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from livequiz.domain.model import Question
from livequiz.domain.text import printable
from livequiz.domain.wording import key_text


def print_bank(questions: Sequence[Question]) -> None:
    """Print questions to stdout, and how many there are to stderr."""
    if questions:
        Console(highlight=False).print(_table(questions))
    count = len(questions)
    hint = "" if count else " Add some: livequiz questions import FILE, or livequiz questions seed."
    Console(stderr=True, highlight=False).print(Text(f"{count} questions.{hint}"))


def _table(questions: Sequence[Question]) -> Table:
    table = Table()
    for heading in ("Question", "Right answer", "Topics", "Difficulty"):
        table.add_column(heading, overflow="fold")
    for question in questions:
        table.add_row(
            Text(printable(question.text, keep="\n")),
            Text(printable(key_text(question))),
            Text(printable(", ".join(question.topics))),
            question.difficulty.value if question.difficulty else "",
        )
    return table
