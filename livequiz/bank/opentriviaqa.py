"""OpenTriviaQA's text files: `#Q` question, `^` right answer's text, then lettered options.

https://github.com/uberspot/OpenTriviaQA; its questions are CC BY-SA 4.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from string import ascii_uppercase

from livequiz.bank.foreign_question import ForeignQuestion
from livequiz.bank.format_type import Format
from livequiz.bank.gift.blocks import beginning_of
from livequiz.bank.reading import Item, Kind, Place, Problem, beginning, tidy

_IS_QUESTION = re.compile(r"^#Q[ \t]", re.MULTILINE)
_IS_KEY = re.compile(r"^\^[ \t].*\n+A[ \t]", re.MULTILINE)
_GUESSED = "It is not in UTF-8 and was read as Windows-1252: check its accents."
_Line = tuple[int, str]


def read(content: bytes) -> Iterator[Item]:
    """Read questions from an OpenTriviaQA text file."""
    taken: list[_Line] = []
    doubtful = False
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        line, guessed = _decoded(raw)
        if line.startswith("#Q"):
            yield from _question(taken, doubtful)
            taken, doubtful = [], False
        if taken or line.strip():
            taken.append((number, line))
            doubtful = doubtful or guessed
    yield from _question(taken, doubtful)


def _decoded(raw: bytes) -> tuple[str, bool]:
    """Decode a line, and return whether its encoding was guessed; files mix several encodings."""
    try:
        return raw.decode().rstrip(), False
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace").rstrip(), True


def _question(lines: Sequence[_Line], doubtful: bool) -> Iterator[Item]:
    if not lines:
        return
    found = ForeignQuestion(Place(lines[0][0]), notes=[_GUESSED] if doubtful else [])
    text = tidy(lines[0][1].removeprefix("#Q"))
    try:
        found.fields = _fields(lines)
    except _Wrong as wrong:
        yield Problem(Kind.WRONG, wrong.place, wrong.message, beginning(text))
    else:
        yield from found.items()


class _Wrong(Exception):  # noqa: N818 - private to this module
    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.place = Place(number)
        self.message = message


def _fields(lines: Sequence[_Line]) -> dict[str, object]:
    first = lines[0][0]
    if not lines[0][1].startswith("#Q"):
        raise _Wrong(first, "There is no question before this line: begin one with `#Q`.")
    keys = [at for at, (_, line) in enumerate(lines) if line.startswith("^")]
    if len(keys) != 1:
        message = (
            f"The question has {len(keys)} lines with `^`: give it one, with its right answer."
        )
        raise _Wrong(first, message)
    at = keys[0]
    question = tidy("\n".join(line for _, line in lines[:at]).removeprefix("#Q"))
    start = next((n for n in range(at + 1, len(lines)) if _is_option(lines[n][1], "A")), len(lines))
    right = tidy("\n".join(line for _, line in lines[at:start]).removeprefix("^"))
    options = _options(lines[start:])
    return {"question": question, "options": options, "correct": _key(right, options, lines[at][0])}


def _is_option(line: str, letter: str) -> bool:
    return line.startswith((f"{letter} ", f"{letter}\t"))


def _options(lines: Sequence[_Line]) -> list[str]:
    options: list[str] = []
    for number, line in lines:
        letter = ascii_uppercase[len(options) % 26]
        if _is_option(line, letter):
            options.append(line[2:])
        elif line and line[0] in ascii_uppercase[: len(options) + 4] and line[1:2] in {" ", "\t"}:
            message = f"Is this option {line[0]}, or does it belong to the one before? "
            raise _Wrong(number, f"{message}Write the options in order, each on one line.")
        elif line and options[-1].endswith("\n"):
            message = (
                f"Does this line belong to option {ascii_uppercase[(len(options) - 1) % 26]}? "
            )
            raise _Wrong(number, f"{message}Join it to the option, or begin a question with `#Q`.")
        else:
            options[-1] += f"\n{line}"
    return [tidy(option) for option in options]


def _key(right: str, options: Sequence[str], number: int) -> int:
    """Return the 0-based index of the only option whose text is the right answer."""
    same = [place for place, option in enumerate(options) if option == right]
    if len(same) == 1:
        return same[0]
    said = f"`{beginning(right)}`"
    if same:
        letters = " and ".join(ascii_uppercase[place % 26] for place in same)
        raise _Wrong(number, f"Options {letters} both say {said}: which of them is right?")
    message = (
        f"The right answer {said} is not one of the options: write it as its option is written."
    )
    raise _Wrong(number, message)


def _is_trivia(content: bytes, suffix: str) -> bool:
    if suffix not in {".txt", ""}:
        return False
    start = beginning_of(content)
    return _IS_QUESTION.search(start) is not None and _IS_KEY.search(start) is not None


OPENTRIVIAQA = Format("opentriviaqa", "OpenTriviaQA", (".txt",), _is_trivia, read)
