"""Files as such: what is no bank at all, or has no end."""

from __future__ import annotations

from pathlib import Path

import pytest

from livequiz.bank import formats
from livequiz.bank.reading import Kind
from livequiz.domain.errors import QuizError


def test_a_device_without_an_end_is_read_up_to_the_limit() -> None:
    with pytest.raises(QuizError) as refused:
        formats.contents(Path("/dev/zero"))
    assert refused.value.message == "/dev/zero is larger than 64 MiB; split it."


def test_a_file_of_very_many_questions_is_read_up_to_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "many.gift"
    path.write_text("Q {=a ~b}\n\n" * (formats.MOST_ITEMS + 1))
    reading = formats.read_whole(path)
    assert len(reading.entries) == formats.MOST_ITEMS
    (problem,) = reading.problems
    assert (problem.kind, problem.message) == (
        Kind.WRONG,
        "It has more than 100000 questions; the others were not read. Split it.",
    )


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(QuizError) as refused:
        formats.contents(tmp_path / "none.yaml")
    assert refused.value.message.endswith("none.yaml can't be read: No such file or directory.")


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("bank.xml", "Moodle XML"),
        ("bank.zip", "QTI 2.1"),
        ("bank.xlsx", "Excel workbook"),
        ("bank.JSON", "LiveQuiz JSON"),
        ("bank.yml", "LiveQuiz YAML"),
        ("bank.tsv", "CSV"),
        ("bank.txt", "Aiken"),
    ],
)
def test_a_name_says_what_is_written(name: str, title: str) -> None:
    assert formats.to_write(Path(name)).title == title
