"""The accuracy of each question, as numbers and as bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from livequiz.domain.text import one_line
from livequiz.tui.base import plain
from livequiz.tui.widgets.line_list import Lines

BAR = 8  # columns
NUMBERS = 7 + BAR + 7  # columns beside the question's text


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A question's statistics; `accuracy` in per cent, None before the first answer."""

    text: str
    correct: int
    responses: int
    accuracy: float | None


class QuestionBars(Vertical):
    """One line per question, with the number of answers beside each percentage."""

    DEFAULT_CSS = """
    QuestionBars { height: 1fr; }
    QuestionBars .bars-title { color: $muted; text-style: bold; height: 1; padding: 0 1; }
    QuestionBars Lines { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    """

    def compose(self) -> ComposeResult:
        yield Static("Questions, all rounds", classes="bars-title", markup=False)
        yield Lines()

    @property
    def lines(self) -> Lines:
        """The list, which takes the focus."""
        return self.query_one(Lines)

    def show(self, questions: Sequence[str], line: Callable[[str], QuestionLine]) -> None:
        """Show questions.

        Args:
            questions: Their ids.
            line: Returns the statistics of a question by id.
        """
        self.lines.show(questions, lambda key, room: _drawn(line(key), room))


def _drawn(line: QuestionLine, room: int) -> Content:
    words = max(8, room - NUMBERS)
    text = plain(one_line(line.text), keep="").truncate(words, ellipsis=True, pad=True)
    count = f"{line.correct}/{line.responses}"
    share = line.accuracy or 0.0
    bar = "█" * round(share * BAR / 100)
    percent = "" if line.accuracy is None else f"{line.accuracy:.0f} %"
    return Content.assemble(text, f"{count:>6} ", (f"{bar:─<{BAR}}", "$primary"), f"{percent:>6}")
