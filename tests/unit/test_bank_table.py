"""The question bank as a table on a terminal of 80 columns."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from livequiz.commands.output.bank_table import bank_table
from livequiz.domain.model import Difficulty, Draft

KEY = "the second law of motion"
BARE = [
    Draft(
        text="Which law says that force is mass times acceleration?", options=("a", KEY), correct=1
    ),
    Draft(text="Which one?", options=("a", "b"), correct=0),
]


def shown(questions: list[Draft], *, short: bool) -> str:
    console = Console(file=io.StringIO(), width=80)
    console.print(bank_table(questions, short=short))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("short", [True, False])
def test_a_column_that_is_empty_in_all_rows_gives_its_room_to_others(short: bool) -> None:
    table = shown(BARE, short=short)
    assert "Topics" not in table
    assert "Difficulty" not in table
    assert "Right answer" in table
    assert KEY in table


def test_the_key_has_more_room_than_the_topics() -> None:
    full = Draft(
        text="Q?",
        options=("a", "A herbivore"),
        correct=1,
        topics=("Biology", "Chemistry", "Physics"),
        difficulty=Difficulty.EASY,
    )
    table = shown([full], short=True)
    assert "Right answer" in table
    assert "A herbivore" in table


def test_a_column_that_is_filled_once_is_shown() -> None:
    table = shown(
        [*BARE, Draft(text="Q?", options=("a", "b"), correct=0, topics=("Rare",))], short=True
    )
    assert "Rare" in table
