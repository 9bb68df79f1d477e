"""The notice line above the table: latest news, errors, and database outages."""

from __future__ import annotations

from textual.widgets import Static

from livequiz.tui.base import Clock, plain
from livequiz.tui.instructor import labels


class News(Static):
    """Shows one notice at a time. A database outage has priority over everything else.

    Args:
        clock: Returns the time, in seconds.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__("", id="news", markup=False)
        self._clock = clock
        self._said = ("", False)  # the last notice, and whether it is urgent
        self._refusal = ""  # an error, shown instead for a while
        self._away_since: float | None = None  # clock time when MongoDB stopped answering

    def on_mount(self) -> None:
        self.set_interval(1, self._grow_older)

    def say(self, sentence: str, *, urgent: bool = False) -> None:
        """Show a notice until the next one."""
        self._said, self._refusal = (sentence, urgent), ""
        self._show()

    def refuse(self, sentence: str) -> None:
        """Show an error for a while, then the previous notice again."""
        self._refusal = sentence
        self._show()

    def withdraw(self, sentence: str | None = None) -> None:
        """Clear the error if it is this one; without an argument, clear any."""
        if sentence in {None, self._refusal}:
            self._refusal = ""
            self._show()

    def database(self, away: float | None) -> None:
        """Show or clear the notice that MongoDB does not answer.

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
            sentence, urgent = labels.database_away(self._clock() - self._away_since), True
        self.update(plain(sentence, keep=""))
        self.set_class(urgent, "-urgent")
