"""The live response table: a row per assignment, redrawn as answers arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from livequiz.tui.base import plain, say
from livequiz.tui.widgets.list_chooser import Chooser

HIGHLIGHT = 1.2  # seconds for which a changed row is highlighted
HEADINGS = ("", "Student", "Question", "Answer", "Time")
VERDICT, TIME = 7, 7  # columns of text
NARROW = 82  # columns; in a narrower table, names and answers are shortened
LONGEST_NAME, SHORT_NAME = 28, 16
ANSWER, SHORT_ANSWER = 18, 12
SHORTEST_QUESTION = 10


@dataclass(frozen=True, slots=True)
class Shown:
    """The cell texts of one row."""

    student_id: str
    verdict: str
    name: str
    question: str
    answer: str
    time: str


@dataclass(frozen=True, slots=True)
class Widths:
    """The widths of the columns."""

    student: int
    question: int
    answer: int

    def line(self, texts: Sequence[str], verdict_style: str = "") -> Content:
        """Return five texts laid out in columns, each padded with a space on both sides."""
        verdict, student, question, answer, time = (plain(text, keep="") for text in texts)
        if verdict_style:
            verdict = verdict.stylize(verdict_style)
        cells = (
            _filled(verdict, VERDICT),
            _filled(student, self.student),
            _filled(question, self.question),
            _filled(answer, self.answer),
        )
        blank = " " * max(0, TIME - time.cell_length)
        return Content.assemble(" ", Content("  ").join(cells), "  ", blank, time)


class ResponseTable(Vertical):
    """Rows are keyed by student id; user input is shown as plain text only."""

    DEFAULT_CSS = """
    ResponseTable { height: 1fr; padding: 0 1; background: $background; }
    ResponseTable .table-head { height: 1; background: $surface; color: $muted; }
    ResponseTable .table-head { text-style: bold; text-wrap: nowrap; }
    ResponseTable Chooser { height: 1fr; background: $background; scrollbar-size-vertical: 2; }
    ResponseTable Chooser > .lines--chosen { background: $surface; color: $foreground; }
    ResponseTable Chooser:focus > .lines--chosen { background: $panel; text-style: bold; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown: Callable[[str], Shown | None] = lambda _: None
        self._longest_name = self._longest_question = 10  # width in columns
        self._widths = Widths(10, 10, 10)
        self._bright: set[str] = set()  # the highlighted rows

    def compose(self) -> ComposeResult:
        yield Static("", classes="table-head", markup=False)
        yield Chooser()

    @property
    def rows(self) -> Chooser:
        """The rows, which take the focus."""
        return self.query_one(Chooser)

    @property
    def selected(self) -> str | None:
        """The student id of the selected row."""
        return self.rows.selected

    def on_resize(self, _event: Resize) -> None:
        self._fit()
        self.rows.redraw()

    def show(self, student_ids: Sequence[str], shown: Callable[[str], Shown | None]) -> None:
        """Show rows in the given order.

        Args:
            student_ids: The students whose rows to show.
            shown: Returns a row's cell texts; None if the row no longer exists.
        """
        self._shown = shown
        self._measure(student_ids)
        self.rows.show(student_ids, self._line)  # only now are there no lines of other students
        self.rows.redraw()

    def reorder(self, order: Callable[[str], Any]) -> None:
        """Sort the rows by a key of their student ids; the selection stays with its row."""
        self.rows.show(sorted(self.rows.keys, key=order), self._line)

    def change(self, student_ids: Iterable[str]) -> None:
        """Redraw changed rows, and highlight them for a moment."""
        changed = set(student_ids)
        self._measure(changed)
        self._bright |= changed
        self.rows.redraw()
        if changed:
            self.set_timer(HIGHLIGHT, lambda: self._calm(changed))

    def words(self, student_id: str) -> Shown | None:
        """Return a row's cell texts; None if there is no such row."""
        return self._shown(student_id)

    def _calm(self, student_ids: set[str]) -> None:
        self._bright -= student_ids
        self.rows.redraw()

    def _line(self, student_id: str, _room: int) -> Content:
        row = self.words(student_id)
        if row is None:
            return Content()
        texts = (row.verdict, row.name, row.question, row.answer, row.time)
        return self._widths.line(texts, "reverse bold" if student_id in self._bright else "")

    def _measure(self, student_ids: Iterable[str]) -> None:
        """Track the widths that rows need.

        They never shrink, so that columns don't move while someone types a filter.
        """
        rows = [row for row in map(self.words, student_ids) if row is not None]
        name = max((cell_len(row.name) for row in rows), default=0)
        question = max((cell_len(row.question) for row in rows), default=0)
        if name > self._longest_name or question > self._longest_question:
            self._longest_name = max(name, self._longest_name)
            self._longest_question = max(question, self._longest_question)
            self._fit()

    def _fit(self) -> None:
        """Fit the columns to their texts, and give the rest to the answers."""
        self._widths = self._fitting(self.size.width)
        say(self.query_one(".table-head", Static), self._widths.line(HEADINGS))

    def _fitting(self, width: int) -> Widths:
        narrow = width < NARROW
        # Two spaces of padding per column, two columns for the scroll bar.
        room = width - 2 * len(HEADINGS) - 2 - VERDICT - TIME
        student = min(self._longest_name, SHORT_NAME if narrow else LONGEST_NAME)
        at_most = max(SHORTEST_QUESTION, room - student - (SHORT_ANSWER if narrow else ANSWER))
        question = min(self._longest_question, at_most)
        return Widths(student, question, max(SHORT_ANSWER, room - student - question))


def _filled(text: Content, width: int) -> Content:
    return text.truncate(width, ellipsis=True, pad=True)
