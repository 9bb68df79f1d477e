"""The lines of the figures: what stands in their columns."""

from __future__ import annotations

from livequiz.domain.model import Difficulty
from livequiz.domain.statistics import Tally
from livequiz.tui.instructor.figures import _topic, _topic_heading

CELLS: dict[Difficulty | None, Tally] = {
    Difficulty.EASY: Tally(2, 2),
    Difficulty.HARD: Tally(1_500, 1_500),
}


def test_shares_stand_under_their_headings_and_never_touch() -> None:
    """A full share and the number before it were one word: "100%   2100%"."""
    assert _topic_heading(50).plain.split() == ["Topic", "easy", "medium", "hard", "all"]
    line = _topic("A topic with a very long name", CELLS, 50).plain
    assert len(line) == len(_topic_heading(50).plain) == 50
    assert line[14:].split() == ["100%", "2", "-", "100%", "1k", "100%", "1k"]
