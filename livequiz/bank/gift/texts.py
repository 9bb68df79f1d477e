"""GIFT's texts: each may say which format it is in, or it is in that of the question's text.

Formats are those of Moodle (https://docs.moodle.org/en/GIFT_format); `[moodle]`, `[plain]` and
`[markdown]` are shown as they stand.
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
        usual: The format of those that do not say theirs.
        lost: What was in HTML and can't be shown.
        notes: On what was read as something else.
    """

    usual: str = "moodle"
    lost: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def question(self, written: str) -> str:
        """Return the text of the question; its format is the usual one from then on."""
        if mark := FORMAT.match(written):
            self.usual = mark[1]
        return self.shown(written)

    def shown(self, written: str) -> str:
        """Return a text that people read."""
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
        """Return a text that answers are compared with: it is no HTML, whatever the question is."""
        mark = FORMAT.match(written)
        return tidy(unescape(written[mark.end() :] if mark else written))
