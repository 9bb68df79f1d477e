"""The lines of the figures: what stands in their columns."""

from __future__ import annotations

import pytest

from livequiz.domain.model import Difficulty
from livequiz.domain.statistics import Tally
from livequiz.tui.instructor.figures import WIDE, _topic, _topic_heading

CELLS: dict[Difficulty | None, Tally] = {
    Difficulty.EASY: Tally(2, 2),
    Difficulty.HARD: Tally(1_500, 1_500),
}


@pytest.mark.parametrize("room", range(30, 90))
def test_shares_stand_under_their_headings_and_never_touch(room: int) -> None:
    """A full share and the number before it were one word: "100%   2100%"."""
    heading, line = _topic_heading(room), _topic("Über a topic with a long name", CELLS, room)
    assert heading.cell_length == line.cell_length == room
    wide = room >= WIDE
    words = ["Topic", "easy", "medium" if wide else "med.", "hard", "all"]
    assert heading.plain.split() == words
    ends = [heading.plain.index(word) + len(word) for word in words[1:]]
    shares = [line.plain[end - 4 : end].strip() for end in ends]
    assert shares == ["100%", "-", "100%", "100%"]
    numbers = line.plain[ends[0] - 4 :].split()
    narrow = ["100%", "-", "100%", "100%", "1k"]
    assert numbers == (["100%", "2", "-", "100%", "1k", "100%", "1k"] if wide else narrow)
