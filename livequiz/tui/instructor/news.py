"""The line above the table: what happened last, what was refused, that the database is away."""

from __future__ import annotations

from textual.widgets import Static

from livequiz.tui.base import Clock, plain
from livequiz.tui.instructor import words


class News(Static):
    """One sentence at a time. That MongoDB does not answer covers everything else.

    Args:
        clock: Where time is read, in seconds.
    """

    DEFAULT_CSS = """
    News { height: auto; min-height: 1; max-height: 2; padding: 0 2; color: $secondary; }
    News.-urgent { background: $warning; color: $background; text-style: bold; }
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__("", id="news", markup=False)
        self._clock = clock
        self._said = ("", False)  # the last sentence, and whether it is urgent
        self._refusal = ""  # covers it for a while
        self._away_since: float | None = None  # by the clock, when MongoDB stopped answering

    def on_mount(self) -> None:
        self.set_interval(1, self._grow_older)

    def say(self, sentence: str, *, urgent: bool = False) -> None:
        """Show a sentence until the next one."""
        self._said, self._refusal = (sentence, urgent), ""
        self._show()

    def refuse(self, sentence: str) -> None:
        """Say why something was not done, until that is over; what was said then comes back."""
        self._refusal = sentence
        self._show()

    def withdraw(self, sentence: str | None = None) -> None:
        """Take a refusal back: this one, or whichever there is."""
        if sentence in {None, self._refusal}:
            self._refusal = ""
            self._show()

    def database(self, away: float | None) -> None:
        """Say that MongoDB does not answer, or no longer say it.

        Args:
            away: For how many seconds it has not answered; None if it does.
        """
        if away is None:
            self._away_since = None
        elif self._away_since is None:
            self._away_since = self._clock() - away
        self._show()

    def _grow_older(self) -> None:
        if self._away_since is not None:
            self._show()

    def _show(self) -> None:
        sentence, urgent = (self._refusal, True) if self._refusal else self._said
        if self._away_since is not None:
            sentence, urgent = words.database_away(self._clock() - self._away_since), True
        self.update(plain(sentence, keep=""))
        self.set_class(urgent, "-urgent")
