"""What came of a round, to be understood in five seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from livequiz.domain.key_wording import answer_in_words, letter
from livequiz.domain.statistics import ENOUGH, TELLING, Tally
from livequiz.domain.text import one_line
from livequiz.protocol.answers import key_from, option_indexes
from livequiz.protocol.snapshot import QuestionDetail
from livequiz.tui.base import Dialog, plain
from livequiz.tui.instructor import labels
from livequiz.tui.instructor.board import Board, Row
from livequiz.tui.instructor.figures import totals
from livequiz.tui.widgets.footer import Footer
from livequiz.tui.widgets.rich_text import RichText
from livequiz.tui.widgets.stat_figure import Figure

WEAK = 60.0  # per cent right: topics below are named


@dataclass(frozen=True, slots=True)
class TalkAbout:
    """The question to talk about.

    Attributes:
        detail: The question.
        facts: How many were right, and the wrong answer given most.
    """

    detail: QuestionDetail
    facts: str


class SummaryScreen(Dialog[str | None]):
    """The summary of a closed round; dismissed with the id of a question to open, or None.

    Args:
        board: The meeting, with its newest round closed.
    """

    CSS_PATH = "summary.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open the question", key_display="Enter"),
        Binding("escape,u,q,space", "dismiss(None)", "Back", key_display="Esc"),
    ]

    def __init__(self, board: Board) -> None:
        super().__init__()
        self._board = board
        self._talk_about = talk_about(board)

    def compose(self) -> ComposeResult:
        info = self._board.round
        with VerticalScroll(id="box", classes="-reading"):
            over = "" if info is None else labels.over(info)
            yield Static(plain(over, keep=""), id="question")
            with Horizontal(id="figures"):
                for key in labels.figures(self._board):
                    yield Figure(key, id=key)
            if self._talk_about is not None:
                yield Static("Talk about this one", classes="label", markup=False)
                yield RichText(self._talk_about.detail.question, id="hardest")
                yield Static(plain(self._talk_about.facts, keep=""), id="facts")
                yield RichText(self._talk_about.detail.explanation or "", id="explanation")
            if weak := list(weak_topics(self._board)):
                yield Static(f"Topics below {WEAK:.0f} %", classes="label", markup=False)
                for topic, tally in weak:
                    words = f"{topic}   {tally.accuracy:.0f} % of {tally.responses} answers right"
                    yield Static(plain(words, keep=""), classes="topic")
            elif not any(tally.responses >= ENOUGH for _, tally in round_topics(self._board)):
                few = f"No topic has {ENOUGH} answers: see the figures (3), and f for all rounds."
                yield Static(few, classes="label", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        for key, (value, words) in labels.figures(self._board).items():
            self.query_one(f"#{key}", Figure).show(value, words)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "open" or self._talk_about is not None

    def action_open(self) -> None:
        """Open the question to talk about, with its record."""
        assert self._talk_about is not None  # noqa: S101
        self.dismiss(self._talk_about.detail.question_id)


def weak_topics(board: Board) -> Iterator[tuple[str, Tally]]:
    """Yield the round's topics with enough answers and too few right ones, the weakest first."""
    for topic, tally in sorted(round_topics(board), key=lambda item: item[1].accuracy or 0.0):
        if tally.responses >= ENOUGH and (tally.accuracy or 0.0) < WEAK:
            yield topic, tally


def round_topics(board: Board) -> list[tuple[str, Tally]]:
    """Return the topics of the newest round with their answers."""
    found = totals(board, None).topics
    return [(topic, sum(cells.values(), Tally())) for topic, cells in found.items()]


def talk_about(board: Board) -> TalkAbout | None:
    """Return the hardest question of a closed round; None if all answers were right."""
    summary = board.round.summary if board.round is not None else None
    hardest = summary.hardest if summary is not None else None
    detail = board.details.get(hardest.question_id) if hardest is not None else None
    if hardest is None or detail is None:
        return None
    rows = [row for row in board.rows.values() if row.question_id == hardest.question_id]
    facts = []
    if hardest.responses >= TELLING:
        facts.append(f"{hardest.correct} of {hardest.responses} right.")
    if wrong := _most_chosen(detail, [row for row in rows if row.arrived and not row.correct]):
        words, count = wrong
        often = f" ({count} times)" if count > 1 else ""
        facts.append(
            f"Wrong answer{' given most' if hardest.responses > 1 else ''}: {words}{often}."
        )
    facts.append(f"Right: {_right(detail)}.")
    return TalkAbout(detail, " ".join(facts))


def _most_chosen(detail: QuestionDetail, wrong: list[Row]) -> tuple[str, int] | None:
    """Return the wrong option or text that was given most, and how often."""
    key = key_from(detail.type, detail.correct)
    right = set(key) if isinstance(key, tuple) else {key}
    given: Counter[str] = Counter()
    for row in wrong:
        if detail.options:
            chosen = (index for index in option_indexes(row.answer) if index not in right)
            given.update(_option(detail, index) for index in chosen if isinstance(index, int))
        elif isinstance(row.answer, float | int | str):
            given[answer_in_words(row.answer, ())] += 1
    return given.most_common(1)[0] if given else None


def _right(detail: QuestionDetail) -> str:
    key = key_from(detail.type, detail.correct)
    if detail.options:
        indexes = key if isinstance(key, tuple) else (key,)
        return ", ".join(_option(detail, index) for index in indexes if isinstance(index, int))
    return labels.key_words(detail)


def _option(detail: QuestionDetail, index: int) -> str:
    return f"{letter(index)} {one_line(detail.options[index])}"
