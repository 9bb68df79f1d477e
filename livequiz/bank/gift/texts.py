"""GIFT's texts: each can name its format, which defaults to that of the question's text.

The formats are Moodle's (https://docs.moodle.org/en/GIFT_format); `[moodle]`, `[plain]` and
`[markdown]` are shown as written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from livequiz.bank.gift.marks import unescape
from livequiz.bank.html_text import html_to_text
from livequiz.bank.reading import tidy

FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)\]")


@dataclass(slots=True)
class Texts:
    """Reads the texts of one question.

    Attributes:
        usual: The format of texts that don't name one.
        lost: Parts of HTML that can't be shown.
        notes: Sentences on what was converted to something else.
    """

    usual: str = "moodle"
    lost: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def question(self, written: str) -> str:
        """Return the question's text; if it names a format, the other texts default to it."""
        if mark := FORMAT.match(written):
            self.usual = mark[1]
        return self.shown(written)

    def shown(self, written: str) -> str:
        """Return a text as students see it."""
        mark = FORMAT.match(written)
        kind = mark[1] if mark else self.usual
        text = unescape(written[mark.end() :] if mark else written)
        if kind != "html":
            return tidy(text)
        read = html_to_text(text)
        self.lost.extend(read.lost)
        self.notes.extend(read.notes)
        return read.text

    @staticmethod
    def typed(written: str) -> str:
        """Return a text that answers are compared with; never HTML, whatever the question is in."""
        mark = FORMAT.match(written)
        return tidy(unescape(written[mark.end() :] if mark else written))
