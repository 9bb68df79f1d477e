"""The accuracy of each question, as numbers and as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from livequiz.tui.base import plain

BAR = 8  # columns
NUMBERS = 7 + BAR + 7  # columns beside the question's text


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """How one question goes; `accuracy` in per cent, None before the first answer."""

    text: str
    correct: int
    responses: int
    accuracy: float | None


class QuestionBars(VerticalScroll):
    """One line for each question, with n beside every percentage."""

    DEFAULT_CSS = """
    QuestionBars { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    QuestionBars .bars-title { color: $muted; text-style: bold; height: 1; }
    QuestionBars .bars-lines { height: auto; text-wrap: nowrap; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[QuestionLine] = ()

    def compose(self) -> ComposeResult:
        yield Static("Questions, all rounds", classes="bars-title", markup=False)
        yield Static("", classes="bars-lines", markup=False)

    def show(self, lines: Sequence[QuestionLine]) -> None:
        """Show these questions."""
        self._lines = lines
        self._draw()

    def on_resize(self, _event: Resize) -> None:
        self._draw()

    def _draw(self) -> None:
        room = max(8, self.scrollable_content_region.width - NUMBERS)
        drawn = [_line(line, room) for line in self._lines]
        self.query_one(".bars-lines", Static).update(Content("\n").join(drawn))


def _line(line: QuestionLine, room: int) -> Content:
    text = plain(" ".join(line.text.split()), keep="").truncate(room, ellipsis=True, pad=True)
    count = f"{line.correct}/{line.responses}"
    share = line.accuracy or 0.0
    bar = "█" * round(share * BAR / 100)
    percent = "" if line.accuracy is None else f"{line.accuracy:.0f} %"
    return Content.assemble(text, f"{count:>6} ", (f"{bar:─<{BAR}}", "$primary"), f"{percent:>6}")
