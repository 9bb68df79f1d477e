"""Aiken: a question on a line, options below it, then the right one's letter.

https://docs.moodle.org/en/Aiken_format
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase

from livequiz.bank.format import Format
from livequiz.bank.gift.blocks import decoded
from livequiz.bank.reading import Item, Kind, Place, Problem, Writing, beginning, item, tidy
from livequiz.bank.shared import not_written
from livequiz.domain.model import Draft, QuestionType
from livequiz.domain.text import one_line

_OPTION = re.compile(r"([A-Z])[).][ \t]+(.*)")
_ANSWER = re.compile(r"ANSWER:[ \t]*(.*)")
_LINE = re.compile(r"\r\n|\r|\n")
_LACKS = ("points", "time_limit", "source", "difficulty", "topics", "explanation", "weights")


@dataclass(slots=True)
class _Question:
    line: int
    text: str
    options: list[str] = field(default_factory=list)
    problem: Problem | None = None

    def refuse(self, line: int, message: str) -> None:
        """Note what is wrong with it; the first thing is what is told."""
        self.problem = self.problem or Problem(
            Kind.WRONG, Place(line, 1), message, beginning(self.text)
        )


def read(content: bytes) -> Iterator[Item]:
    """Read questions from Aiken.

    Raises:
        QuizError: `bad_request` if it is no UTF-8.
    """
    question: _Question | None = None
    for number, line in enumerate(_LINE.split(decoded(content)), start=1):
        text = line.strip()
        if not text:
            continue
        if answer := _ANSWER.match(text):
            if question is None:
                message = "There is no question before this ANSWER: write its line and its options."
                yield Problem(Kind.WRONG, Place(number, 1), message)
            else:
                yield _answered(question, answer[1], number)
            question = None
        elif question is None:
            question = _Question(number, tidy(text))
            if _OPTION.match(text):
                question.refuse(number, "There is no question before this option: write its line.")
        else:
            _more(question, text, number)
    if question is not None:
        message = "The question has no answer: end it with a line such as ANSWER: B."
        question.refuse(question.line, message)
        assert question.problem is not None  # noqa: S101
        yield question.problem


def _more(question: _Question, text: str, line: int) -> None:
    option = _OPTION.match(text)
    if option is None:
        what = "a second line of an option" if question.options else "a second line of the question"
        question.refuse(line, f"This is {what}: Aiken has one line for each; join them.")
        return
    expected = ascii_uppercase[len(question.options) % 26]
    if option[1] != expected:
        question.refuse(
            line, f"This option is {option[1]}, but {expected} comes next: mend the letters."
        )
    question.options.append(tidy(option[2]))


def _answered(question: _Question, answer: str, line: int) -> Item:
    letter = answer.strip()[:1].upper()
    place = ascii_uppercase.find(letter) if letter else -1
    if question.problem is None and not 0 <= place < len(question.options):
        known = f"one of A to {ascii_uppercase[len(question.options) - 1]}"
        wanted = known if question.options else "a letter, below options such as A) Paris"
        question.refuse(line, f"ANSWER is {answer.strip()[:20] or 'empty'}: give {wanted}.")
    if question.problem is not None:
        return question.problem
    fields = {"question": question.text, "options": question.options, "correct": place}
    return item(fields, Place(question.line, 1))


def write(drafts: Sequence[Draft]) -> Writing:
    """Return questions as Aiken; those with one right option only."""
    problems: list[Problem] = []
    blocks: list[str] = []
    for draft in drafts:
        if not isinstance(draft.correct, int):
            message = f"Left out: Aiken has no questions of type {draft.type.value}."
            problems.append(Problem(Kind.UNSUPPORTED, Place(), message, beginning(draft.text)))
            continue
        if one_line(draft.text) != draft.text:
            message = "Written on one line, as Aiken has it."
            problems.append(Problem(Kind.LOST, Place(), message, beginning(draft.text)))
        if draft.type is QuestionType.TRUE_FALSE:
            message = "Written as a choice of two, as Aiken has no other."
            problems.append(Problem(Kind.LOST, Place(), message, beginning(draft.text)))
        problems += not_written(draft, *_LACKS)
        options = [f"{ascii_uppercase[n]}) {one_line(o)}" for n, o in enumerate(draft.options)]
        answer = f"ANSWER: {ascii_uppercase[draft.correct]}"
        blocks.append("\n".join([one_line(draft.text), *options, answer]))
    return Writing("".join(f"{block}\n\n" for block in blocks).encode(), problems)


def _is_aiken(content: bytes, suffix: str) -> bool:
    start = content[:65_536].decode("utf-8-sig", errors="replace")
    found = re.search(r"^[A-Z][).][ \t].*$\s*^ANSWER:", start, re.MULTILINE) is not None
    return suffix == ".aiken" or (suffix in {".txt", ""} and found)


AIKEN = Format("aiken", "Aiken", (".txt", ".aiken"), _is_aiken, read, write)
