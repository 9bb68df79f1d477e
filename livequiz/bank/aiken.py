"""Aiken: a question on one line, lettered options below it, then `ANSWER:` and a letter.

https://docs.moodle.org/en/Aiken_format
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from string import ascii_uppercase
from typing import NamedTuple

from livequiz.bank.foreign_question import not_written
from livequiz.bank.format_type import Format
from livequiz.bank.gift.blocks import beginning_of, decoded
from livequiz.bank.reading import Item, Kind, Place, Problem, Writing, beginning, item, tidy
from livequiz.domain.model import Draft, QuestionType
from livequiz.domain.text import one_line

# `a)text` is an option only if its letter comes next; with a capital and a space, it always is.
_OPTION = re.compile(r"([A-Za-z])[).][ \t]*(\S.*)")
_SURE_OPTION = re.compile(r"[A-Z][).][ \t]+\S")
_NEARLY_OPTION = re.compile(r"\(?([A-Za-z])[).:]")
# ANSWER in capitals, or in any case if only a letter follows.
_ANSWER = re.compile(r"ANSWER:[ \t]*(.*)|(?i:answer)[ \t]*:[ \t]*([A-Za-z][).]?)$")
# A letter, optionally followed by the option's text or a remark.
_KEY = re.compile(r"([A-Z])(?:[).:]|(?=\s)|$)\s*(?:-\s+)?(.*)", re.IGNORECASE)
_SEVERAL = re.compile(
    r"[A-Z][).]?(?:\s*[,;&/+|]|\s+(?:and|or)\b|(?=\s))\s*[A-Z]\b|.*\b[A-Z]\)", re.IGNORECASE
)
_LINE = re.compile(r"\r\n|\r|\n")
_IS_AIKEN = re.compile(r"^[ \t]*ANSWER:[ \t]*(?:[A-Z]\b|[a-z][).]?[ \t]*$)", re.MULTILINE)
_LACKS = ("points", "time_limit", "source", "difficulty", "topics", "explanation", "weights")


class _Line(NamedTuple):
    place: Place
    text: str
    indent: str
    after_blank: bool
    option: re.Match[str] | None
    answer: re.Match[str] | None


class _Wrong(Exception):  # noqa: N818 - private to this module
    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place
        self.message = message


def read(content: bytes) -> Iterator[Item]:
    """Read questions from Aiken.

    Raises:
        QuizError: `bad_request` if the file isn't valid UTF-8.
    """
    for lines in _questions(_lines(decoded(content))):
        try:
            yield item(_fields(lines), lines[0].place)
        except _Wrong as wrong:
            text = "" if lines[0].answer else beginning(tidy(lines[0].text))
            yield Problem(Kind.WRONG, wrong.place, wrong.message, text)


def _lines(text: str) -> Iterator[_Line]:
    blank = False
    for number, line in enumerate(_LINE.split(text), start=1):
        if stripped := line.strip():
            indent = line[: len(line) - len(line.lstrip())]
            option, answer = _OPTION.match(stripped), _ANSWER.match(stripped)
            yield _Line(Place(number, len(indent) + 1), stripped, indent, blank, option, answer)
        blank = not stripped


def _questions(lines: Iterable[_Line]) -> Iterator[list[_Line]]:
    """Yield the lines of each question.

    A question ends with its ANSWER line. If that is missing, the next one starts after a blank
    line below the options, or at the first line below them if options start again at A.
    """
    taken: list[_Line] = []
    options, stray = 0, 0  # number of options, and index of the first line after them
    for found in lines:
        again = bool(stray and _letter(found) == "A")
        line = found if again or _is_option(found, options, taken) else found._replace(option=None)
        if again:
            yield taken[:stray]
            taken, options, stray = taken[stray:], 0, 0
        elif options and not line.option and not line.answer:
            if line.after_blank:
                yield taken
                taken, options, stray = [], 0, 0
            else:
                stray = stray or len(taken)
        taken.append(line)
        options += line.option is not None
        if line.answer:
            yield taken
            taken, options, stray = [], 0, 0
    if taken:
        yield taken


def _letter(line: _Line) -> str:
    return line.option[1].upper() if line.option else ""


def _is_option(line: _Line, before: int, taken: Sequence[_Line]) -> bool:
    """Return whether a line is an option, given how many came `before` it."""
    if line.option is None or line.answer:
        return False
    comes_next = bool(taken) and _letter(line) == ascii_uppercase[before % 26]
    return comes_next or _SURE_OPTION.match(line.text) is not None


def _fields(lines: Sequence[_Line]) -> dict[str, object]:
    first, last = lines[0], lines[-1]
    if first.answer:
        message = "There is no question before this ANSWER: write its line and its options."
        raise _Wrong(first.place, message)
    if first.option:
        message = "There is no question before this option: write its line."
        raise _Wrong(first.place, message)
    question = list(takewhile(lambda line: not line.option and not line.answer, lines))
    for line in question[1:]:
        if line.after_blank:
            message = (
                "An empty line stands in the question: take it out, or end the question before it "
                "with its options and a line such as ANSWER: B."
            )
            raise _Wrong(line.place, message)
    options: list[str] = []
    for line in lines[len(question) :]:
        if not line.answer:
            options.append(_option(line, options))
    if not last.answer:
        message = "The question has no answer: end it with a line such as ANSWER: B."
        raise _Wrong(first.place, message)
    return {
        "question": tidy("\n".join(line.indent + line.text for line in question)),
        "options": options,
        "correct": _key(last.place, (last.answer[1] or last.answer[2] or "").strip(), options),
    }


def _option(line: _Line, before: Sequence[str]) -> str:
    expected = ascii_uppercase[len(before) % 26]
    if line.option is None:
        nearly = _NEARLY_OPTION.match(line.text)
        if nearly and nearly[1].upper() == expected:
            message = f"An option begins with a letter, a bracket and text: write `{expected}) `."
            raise _Wrong(line.place, message)
        message = "This is a second line of an option: Aiken has one line for each; join them."
        raise _Wrong(line.place, message)
    if _letter(line) != expected:
        message = f"This option is {line.option[1]}, but {expected} comes next: mend the letters."
        raise _Wrong(line.place, message)
    return tidy(line.option[2])


def _key(place: Place, answer: str, options: Sequence[str]) -> int:
    """Return the 0-based index of the key: a letter, maybe with its option's text or a remark."""
    letters = ascii_uppercase[: len(options)]
    texts = [option.casefold() for option in options]
    found = _KEY.match(answer)
    letter, rest = (found[1].upper(), found[2].casefold()) if found else ("", answer.casefold())
    if letter in letters and letter and (not rest or rest == texts[letters.index(letter)]):
        return letters.index(letter)
    if rest in texts:
        message = "is that the option with this letter, or the one with this text? Give one letter."
    elif _SEVERAL.match(answer):
        message = "Aiken has one right option; give one letter."
    elif letter and letter in letters:
        return letters.index(letter)
    elif letters:
        message = f"give one of A to {letters[-1]}."
    else:
        message = "give a letter, below options such as A) Paris."
    raise _Wrong(place, f"ANSWER is {answer[:20] or 'empty'}: {message}")


def write(drafts: Sequence[Draft]) -> Writing:
    """Write questions as Aiken, which only has questions with one right option."""
    problems: list[Problem] = []
    blocks: list[str] = []
    for draft in drafts:
        if why := _why_left_out(draft):
            message = f"Left out: {why}"
            problems.append(Problem(Kind.UNSUPPORTED, Place(), message, beginning(draft.text)))
        else:
            problems += _lost(draft)
            blocks.append(_block(draft))
    return Writing("".join(f"{block}\n\n" for block in blocks).encode(), problems)


def _block(draft: Draft) -> str:
    assert isinstance(draft.correct, int)  # noqa: S101
    options = [f"{ascii_uppercase[n]}) {one_line(o)}" for n, o in enumerate(draft.options)]
    return "\n".join([one_line(draft.text), *options, f"ANSWER: {ascii_uppercase[draft.correct]}"])


def _why_left_out(draft: Draft) -> str | None:
    if not isinstance(draft.correct, int):
        return f"Aiken has no questions of type {draft.type.value}; choose another format."
    if any("```" in text for text in (draft.text, *draft.options)):
        return "its code needs lines of its own, which Aiken does not allow; choose another format."
    begun = one_line(draft.text)
    if _SURE_OPTION.match(begun) or _ANSWER.match(begun):
        return "Aiken would take its text for an option or an answer; begin it with another word."
    if len({one_line(option) for option in draft.options}) < len(draft.options):
        return "two options are the same once each is on one line; change one of them."
    return None


def _lost(draft: Draft) -> Iterator[Problem]:
    text = beginning(draft.text)
    if any(one_line(part) != part for part in (draft.text, *draft.options)):
        yield Problem(Kind.LOST, Place(), "Written on one line, as Aiken needs it.", text)
    if draft.type is QuestionType.TRUE_FALSE:
        message = "Written as a choice of two: Aiken has only choices."
        yield Problem(Kind.LOST, Place(), message, text)
    yield from not_written(draft, *_LACKS)


def _is_aiken(content: bytes, suffix: str) -> bool:
    found = suffix in {".txt", ""} and _IS_AIKEN.search(beginning_of(content)) is not None
    return suffix == ".aiken" or found


AIKEN = Format("aiken", "Aiken", (".txt", ".aiken"), _is_aiken, read, write)
