"""The time left in a round, as a bar and seconds; the server's clock is authoritative."""

from __future__ import annotations

import math
from time import monotonic
from typing import ClassVar

from textual.app import ComposeResult, RenderResult
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Digits, Static

from livequiz.tui.base import Clock, say

LAST_SECONDS = 5.0
NOTE_SECONDS = 2.0  # how long an extension is announced
REPAINTS = 5  # a second


class TimeBar(Widget):
    """A bar whose thick part is the share of time left, so that it reads without colour."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"time-bar--left", "time-bar--gone"}
    share = 0.0

    def show(self, share: float) -> None:
        """Show a share; repaint only if that moves the end of the bar."""
        before, self.share = self._halves, share
        if self._halves != before:
            self.refresh()

    @property
    def _halves(self) -> int:
        """The length of the thick part, in half cells."""
        return round(2 * self.size.width * min(1.0, max(0.0, self.share)))

    def render(self) -> RenderResult:
        halves = self._halves
        left = "━" * (halves // 2) + "╸" * (halves % 2)
        gone = "─" * (self.size.width - len(left))
        return Content.assemble(
            (left, self.get_visual_style("time-bar--left")),
            (gone, self.get_visual_style("time-bar--gone")),
        )


class Countdown(Widget):
    """The seconds left, counted from when the server announced them.

    Every repaint computes them from the clock, so late ticks cause no drift.

    Args:
        large: Whether to use digits of three rows instead of one.
        clock: Returns the time, in seconds.
    """

    DEFAULT_CSS = """
    Countdown { height: 1; width: 1fr; layout: horizontal; }
    Countdown TimeBar { width: 1fr; height: 1; }
    Countdown TimeBar .time-bar--left { color: $primary; text-style: bold; }
    Countdown TimeBar .time-bar--gone { color: $rule; }
    Countdown .track { width: 1fr; height: 1; layout: horizontal; }
    Countdown .note { width: auto; height: 1; color: $success; text-style: bold; }
    Countdown .time { width: auto; min-width: 9; height: 1; padding: 0 1; text-style: bold; }
    Countdown .mark { display: none; width: 4; height: 3; padding: 1 0 0 2; }
    Countdown .digits { display: none; width: auto; min-width: 16; height: 3; }
    Countdown .digits { text-align: right; padding: 0 2; color: $foreground; }
    Countdown.-large { height: 3; }
    Countdown.-large .track { height: 3; padding: 1 2 0 0; layout: vertical; }
    Countdown.-large .time { display: none; }
    Countdown.-large .digits, Countdown.-large .mark { display: block; }
    Countdown.-last TimeBar .time-bar--left { color: $warning; }
    Countdown.-last .time, Countdown.-last .mark, Countdown.-last .digits {
        background: $warning; color: $background; text-style: bold;
    }
    """

    class Finished(Message):
        """The time is up by the local clock."""

    class LastSeconds(Message):
        """The last five seconds begin."""

    def __init__(
        self,
        *,
        large: bool = False,
        clock: Clock = monotonic,
        classes: str | None = None,
    ) -> None:
        super().__init__(classes=classes)
        self.set_class(large, "-large")
        self._clock = clock
        self._end: float | None = None  # clock time, in seconds
        self._duration = 1.0
        self._note_until = 0.0
        self._counting = False
        self._warned = False  # whether `LastSeconds` was posted
        self._ticks: Timer | None = None
        self._bar = TimeBar()
        self._shown, self._last = "", False  # what is painted: the digits, and whether they warn

    def compose(self) -> ComposeResult:
        yield Static("", classes="time", markup=False)
        with Container(classes="track"):
            yield self._bar
            yield Static("", classes="note", markup=False)
        yield Static("", classes="mark", markup=False)
        yield Digits("", classes="digits")

    def on_mount(self) -> None:
        self._ticks = self.set_interval(1 / REPAINTS, self._tick, pause=not self._counting)
        self._paint()

    @property
    def left(self) -> float:
        """Seconds left; 0 if it is not running."""
        return 0.0 if self._end is None else max(0.0, self._end - self._clock())

    def start(self, remaining: float, duration: float) -> None:
        """Start the countdown.

        Args:
            remaining: Seconds until the end.
            duration: Seconds from the beginning to the end: the length of the whole bar.
        """
        self._end = self._clock() + remaining
        self._note_until = min(self._note_until, self._clock())
        self._duration = max(duration, remaining, 0.001)
        self._warned = remaining <= LAST_SECONDS
        self._shown = ""  # the bar may be another one for the same digits
        self._run(True)

    def extend(self, remaining: float, duration: float, gained: float) -> None:
        """Extend the countdown, and announce by how much for two seconds.

        Args:
            remaining: As for `start`.
            duration: As for `start`.
            gained: Seconds by which the end was moved. What is left here may differ from what
                is left on the server by the time that messages take.
        """
        self.start(remaining, duration)
        self._note_until = self._clock() + NOTE_SECONDS
        say(self.query_one(".note", Static), f"+{gained:.0f} s more time" if gained > 0 else "")

    def stop(self) -> None:
        """Stop, keeping the display as it is."""
        self._run(False)

    def _run(self, running: bool) -> None:
        self._counting = running
        if self._ticks is not None:
            (self._ticks.resume if running else self._ticks.pause)()
            self._paint()

    def _tick(self) -> None:
        if not self._counting:  # this tick was already queued
            return
        self._paint()
        if self.left <= LAST_SECONDS and not self._warned:
            self._warned = True
            self.post_message(self.LastSeconds())
        if self.left == 0:
            self.stop()
            self.post_message(self.Finished())

    def _paint(self) -> None:
        """Paint once a second: a class has hundreds of ticks a second, and each paint costs."""
        left = self.left
        last = self._end is not None and left <= LAST_SECONDS
        shown = clock_face(left) if self._end is not None else "-:--"
        if shown != self._shown or last is not self._last:
            self._shown, self._last = shown, last
            self._bar.show(left / self._duration)
            self.set_class(last, "-last")
            say(self.query_one(".time", Static), f"!! {shown}" if last else shown)
            say(self.query_one(".mark", Static), "!!" if last else "")
            self.query_one(Digits).update(shown)
        if self._note_until and self._clock() >= self._note_until:
            self._note_until = 0.0
            say(self.query_one(".note", Static), "")


def clock_face(seconds: float) -> str:
    """Return seconds, rounded up, as `0:17`."""
    minutes, rest = divmod(math.ceil(seconds), 60)
    return f"{minutes}:{rest:02d}"
