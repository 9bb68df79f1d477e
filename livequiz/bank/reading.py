"""The results of reading and writing a bank file, in any format."""

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
# Other names that people use for some fields.
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
    """A location in a file; parts that don't apply to its format are None.

    Attributes:
        line: Line number, 1-based.
        column: Column in characters, 1-based.
        cell: Spreadsheet cell, such as `B9`.
        member: The file in a package, or the sheet in a workbook.
    """

    line: int | None = None
    column: int | None = None
    cell: str | None = None
    member: str | None = None

    def __str__(self) -> str:
        """Return it as compilers print it, so that editors can jump to it: `member:line:column`."""
        parts = (self.member, self.cell, self.line, self.column)
        return ":".join(str(part) for part in parts if part is not None)


class Kind(StrEnum):
    """What a problem means for its question."""

    WRONG = "wrong"  # not imported: it can't be parsed, or isn't a valid question
    UNSUPPORTED = "unsupported"  # not imported: LiveQuiz has no such question type
    LOST = "lost"  # imported, but some part was lost or changed


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file.

    Attributes:
        kind: What it means for the question.
        place: Where it is, as precisely as is known.
        message: What is wrong, and what to do about it.
        text: The beginning of the question, to help people find it.
        field: The field of `QuestionIn` at fault, if any.
    """

    kind: Kind
    place: Place
    message: str
    text: str = ""
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A valid question, and where it begins.

    Attributes:
        draft: The question.
        place: Where it begins.
        notes: Sentences on how it was read.
    """

    draft: Draft
    place: Place
    notes: tuple[str, ...] = ()


# Readers yield both, in file order, as soon as possible.
Item = Entry | Problem


@dataclass(frozen=True, slots=True)
class Reading:
    """The content of a file: its valid questions, and the problems with the rest."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def drafts(self) -> list[Draft]:
        """The valid questions."""
        return [entry.draft for entry in self.entries]

    @property
    def left_out(self) -> int:
        """How many questions in the file were left out."""
        return _left_out(self.problems)

    def take(self, item: Item) -> None:
        """Add an item yielded by a reader."""
        if isinstance(item, Entry):
            self.entries.append(item)
        else:
            self.problems.append(item)


@dataclass(frozen=True, slots=True)
class Writing:
    """A written bank file, and what couldn't be written (`Problem.place` is empty)."""

    content: bytes
    problems: list[Problem] = field(default_factory=list)

    @property
    def left_out(self) -> int:
        """How many questions were left out."""
        return _left_out(self.problems)


def _left_out(problems: list[Problem]) -> int:
    return sum(problem.kind is not Kind.LOST for problem in problems)


def item(fields: Mapping[str, object], place: Place, *, as_it_stands: bool = False) -> Item:
    """Build a question from the fields of `QuestionIn`, or return the problem with them.

    Args:
        fields: The fields as read.
        place: Where the question begins.
        as_it_stands: Whether to keep language marks as text, as in LiveQuiz's own formats.
    """
    kept, note = (dict(fields), None) if as_it_stands else in_one_language(dict(fields))
    try:
        return Entry(to_draft(decode(kept, QuestionIn)), place, (note,) if note else ())
    except QuizError as error:
        text = fields.get("question")
        message = error.message + _meant(error.field, fields)
        return Problem(Kind.WRONG, place, message, beginning(text), error.field)


def _meant(name: str | None, fields: Mapping[str, object]) -> str:
    """Suggest the field that an unknown name may mean, as a sentence to append; empty if none."""
    if name is None or name in _FIELDS or name not in fields:
        return ""
    near = get_close_matches(name.lower(), _FIELDS, n=1)
    meant = _MEANT.get(name.lower()) or (near[0] if near else "")
    return f" Did you mean `{meant}`?" if meant else ""


def beginning(text: object) -> str:
    """Return the first words of a question's text; empty if it isn't a string."""
    return (
        shorten(str(in_one_language(text)[0]), 50, placeholder="…") if isinstance(text, str) else ""
    )


def tidy(text: str) -> str:
    """Clean up text from another program.

    Invisible characters (soft hyphens, byte order and direction marks) are removed, line ends
    become newlines, and other control characters and no-break spaces become spaces.
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
