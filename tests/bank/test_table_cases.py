"""Small tables, made after what real ones hold, that were refused or read with a wrong key."""

from __future__ import annotations

from pathlib import Path

import pytest

from livequiz.bank.formats import read_whole
from livequiz.bank.reading import Kind, Reading
from livequiz.domain.model import Draft

FOLDER = Path(__file__).parent / "cases"


def read(name: str) -> Reading:
    return read_whole(FOLDER / name)


def key(draft: Draft) -> str:
    assert isinstance(draft.correct, int)
    return draft.options[draft.correct]


def test_keys_that_are_letters_and_texts_are_texts_where_the_column_can_be_nothing_else() -> None:
    """`a` was taken for the first of `an,a,the,no article`: the last row shows that it is none."""
    reading = read("letters_as_texts.csv")
    assert not reading.problems
    assert [key(draft) for draft in reading.drafts] == ["a", "C", "D", "Earth"]


def test_blookets_template_has_one_question_and_empty_numbered_rows() -> None:
    reading = read("blooket.xlsx")
    (draft,) = reading.drafts
    assert (draft.text, draft.options, key(draft)) == ("Which number is even?", ("7", "8"), "8")
    assert draft.time_limit == 20
    assert reading.left_out == 0


def test_gimkits_right_and_wrong_answers_become_options() -> None:
    reading = read("gimkit.csv")
    assert not reading.problems
    even, planet = reading.drafts
    assert (sorted(even.options), key(even)) == (["11", "7", "8", "9"], "8")
    assert (sorted(planet.options), key(planet)) == (["Earth", "Mars"], "Earth")


def test_an_optional_cell_that_can_not_be_used_costs_a_note_and_no_question() -> None:
    reading = read("optional_cells.csv")
    assert [key(draft) for draft in reading.drafts] == ["8", "7", "7", "8", "7"]
    assert [draft.points for draft in reading.drafts] == [1, 1, 1, 1.5, 1]
    assert [str(problem.place) for problem in reading.problems] == ["E2", "F3", "F4", "E6"]
    assert {problem.kind for problem in reading.problems} == {Kind.LOST}
    for problem, said in zip(reading.problems, ("medium", "2", "fácil", "20s"), strict=True):
        assert problem.message.startswith("Imported without this cell: ")
        assert said in problem.message


@pytest.mark.parametrize(
    ("name", "text", "right", "points"),
    [
        ("camel.csv", "Which planet is third?", "Earth", 1),
        ("points_half.yaml", "Is water wet?", "True", 0.5),
    ],
)
def test_one_question_is_read(name: str, text: str, right: str, points: float) -> None:
    reading = read(name)
    assert not reading.problems
    (draft,) = reading.drafts
    assert (draft.text, key(draft), draft.points) == (text, right, points)
