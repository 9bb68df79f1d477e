"""What reading and writing a bank file comes to, whatever its format."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from textwrap import shorten

from livequiz.bank.languages import in_one_language
from livequiz.domain.errors import QuizError
from livequiz.domain.model import Draft
from livequiz.protocol.codec import decode
from livequiz.protocol.questions import QuestionIn, to_draft

_FIELDS = QuestionIn.__struct_fields__
# What else people call some of them.
_MEANT = {
    **dict.fromkeys(("answer", "key", "solution", "correct_answer"), "correct"),
    **dict.fromkeys(("answers", "choices"), "options"),
    **dict.fromkeys(("text", "stem", "prompt"), "question"),
    **dict.fromkeys(("topic", "category", "tags"), "topics"),
    **dict.fromkeys(("level",), "difficulty"),
    **dict.fromkeys(("time", "seconds"), "time_limit"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file; what a format has no notion of is None.

    Attributes:
        line: 1-based.
        column: 1-based, in characters.
        cell: Of a spreadsheet: `B9`.
        member: The file in a package, or the sheet in a workbook.
    """

    line: int | None = None
    column: int | None = None
    cell: str | None = None
    member: str | None = None

    def __str__(self) -> str:
        """Return it as compilers write it, for editors to jump to: `member:line:column`."""
        parts = (self.member, self.cell, self.line, self.column)
        return ":".join(str(part) for part in parts if part is not None)


class Kind(StrEnum):
    """What a problem means for its question."""

    WRONG = "wrong"  # not imported: it can't be understood, or is no question that can be asked
    UNSUPPORTED = "unsupported"  # not imported: there is no such question type here
    LOST = "lost"  # imported without a part that there is no place for


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong in a file: a sentence that says what to do.

    Attributes:
        place: Where it is, as near as can be told.
        message: What is wrong, and what to do.
        text: The beginning of the question, for people to find it.
        field: Which field of `QuestionIn` is at fault, if one is.
    """

    kind: Kind
    place: Place
    message: str
    text: str = ""
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A question that can be used, and where it begins.

    Attributes:
        notes: Sentences on how it was read.
    """

    draft: Draft
    place: Place
    notes: tuple[str, ...] = ()


# Readers yield both, in the order of the file, as soon as they know.
Item = Entry | Problem


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds: the questions that are right, and what is wrong with the others."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def drafts(self) -> list[Draft]:
        """The questions that are right."""
        return [entry.draft for entry in self.entries]

    @property
    def left_out(self) -> int:
        """How many questions of the file are not among them."""
        return _left_out(self.problems)

    def take(self, item: Item) -> None:
        """Add what a reader yields."""
        if isinstance(item, Entry):
            self.entries.append(item)
        else:
            self.problems.append(item)


@dataclass(frozen=True, slots=True)
class Writing:
    """A bank file, and what of the bank is not in it (`Problem.place` is empty)."""

    content: bytes
    problems: list[Problem] = field(default_factory=list)

    @property
    def left_out(self) -> int:
        """How many questions are not in it."""
        return _left_out(self.problems)


def _left_out(problems: list[Problem]) -> int:
    return sum(problem.kind is not Kind.LOST for problem in problems)


def item(fields: Mapping[str, object], place: Place, *, as_it_stands: bool = False) -> Item:
    """Return a question from the fields of `QuestionIn`, or why it is none.

    Args:
        fields: What was read.
        place: Where.
        as_it_stands: Whether its texts are this program's own, in which marks of languages are
            only text.
    """
    kept, note = (dict(fields), None) if as_it_stands else in_one_language(dict(fields))
    try:
        return Entry(to_draft(decode(kept, QuestionIn)), place, (note,) if note else ())
    except QuizError as error:
        text = fields.get("question")
        message = error.message + _meant(error.field, fields)
        return Problem(Kind.WRONG, place, message, beginning(text), error.field)


def _meant(name: str | None, fields: Mapping[str, object]) -> str:
    """Return which field may be meant by one that there is not, as a further sentence."""
    if name is None or name in _FIELDS or name not in fields:
        return ""
    near = get_close_matches(name.lower(), _FIELDS, n=1)
    meant = _MEANT.get(name.lower()) or (near[0] if near else "")
    return f" Did you mean `{meant}`?" if meant else ""


def beginning(text: object) -> str:
    """Return the first words of a question's text; nothing if it is no text."""
    return (
        shorten(str(in_one_language(text)[0]), 50, placeholder="…") if isinstance(text, str) else ""
    )


def tidy(text: str) -> str:
    """Return text from another program without what only that one's screens need.

    Marks that nobody sees (soft hyphens, byte order and direction marks) are left out, line ends
    become newlines, other control characters and no-break spaces become spaces.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(_tidied(lines)).strip()


def _tidied(text: str) -> Iterator[str]:
    for character in text:
        category = unicodedata.category(character)
        if character in "\n\t\u200c\u200d":
            yield character
        elif category in {"Zl", "Zp"}:
            yield "\n"
        elif category in {"Cc", "Zs"}:
            yield " "
        elif category not in {"Cf", "Cs", "Co"}:
            yield character
