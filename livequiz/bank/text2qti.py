"""text2qti's input format: lines that start with a mark, followed by Markdown.

https://github.com/gpoore/text2qti
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from textwrap import dedent

from livequiz.bank import foreign_question
from livequiz.bank.foreign_question import Choice, ForeignQuestion
from livequiz.bank.format_type import Format
from livequiz.bank.gift.blocks import beginning_of, decoded
from livequiz.bank.markdown_text import to_text
from livequiz.bank.reading import Item, Kind, Place, Problem, beginning, tidy
from livequiz.domain.model import Number
from livequiz.domain.typed_answers import read_number

# In the order they are tried.
_MARKS = {
    "question": r"\d+\.",
    "right": r"\*[a-zA-Z]\)",
    "wrong": r"[a-zA-Z]\)",
    "ticked": r"\[\*\]",
    "open": r"\[ ?\]",
    "typed": r"\*",
    "feedback": r"\.\.\.",
    "if_right": r"\+",
    "if_wrong": r"-",
    "solution": r"!",
    "number": r"=",
    "points": r"[Pp]oints:",
    "each": r"[Pp]oints per question:",
    "text": r"[Tt]ext:",
    # Titles only label questions in lists; settings apply to whole quizzes.
    "aside": r"(?:[Tt]itle|[Tt]ext [Tt]itle|[Qq]uiz [Tt]itle|[Qq]uiz [Dd]escription|[Pp]ick"
    r"|[Ss]huffle answers|[Ss]how correct answers|[Oo]ne question at a time|[Cc]an't go back"
    r"|[Ff]eedback is solution|[Ss]olutions [a-z ]+):",
}
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_ALONE = r"(?P<essay>_{3,})|(?P<upload>\^{3,})|(?P<group>(?:END_)?GROUP)|(?P<code>`{3,}.*)"
_START = re.compile(
    "|".join(rf"(?P<{name}>{mark})[ \t]+(?=\S)" for name, mark in _MARKS.items())
    + rf"|(?:{_ALONE})[ \t]*$"
)
_CHOICES, _TICKS = frozenset({"right", "wrong"}), frozenset({"ticked", "open"})
_ANSWERS = _CHOICES | _TICKS | {"typed", "number", "essay", "upload"}
_OF_A_QUESTION = _ANSWERS | {"feedback", "if_right", "if_wrong", "solution", "unknown"}
_RANGE = re.compile(r"\[([^,\]]+),([^,\]]+)\]")
_AROUND = re.compile(r"([^+]+?)\s*\+-\s*([^%]+?)\s*(%?)")
_INSTEAD = {
    "essay": "An essay has no answer key: ask for a few words, or for a choice.",
    "upload": "There are no files to hand in here: ask for a few words, or for a choice.",
}
_SURE = (
    re.compile(r"^\d+\.[ \t]+\S", re.MULTILINE),
    re.compile(r"^(?:\*[a-zA-Z]\)|\[\*\]|=[ \t]+[-+\d.\[])[ \t]*\S", re.MULTILINE),
)


@dataclass(slots=True)
class _Part:
    """A mark and the text after it, on one or more lines."""

    kind: str
    number: int
    lines: list[str]

    @property
    def text(self) -> str:
        return tidy(self.lines[0] + "\n" + dedent("\n".join(self.lines[1:])))


class _Wrong(Exception):  # noqa: N818 - private to this module
    def __init__(self, part: _Part, message: str, kind: Kind = Kind.WRONG) -> None:
        super().__init__(message)
        self.place = Place(part.number, 1)
        self.message = message
        self.kind = kind


@dataclass(slots=True)
class _Question:
    begun: _Part
    points: str
    parts: list[_Part] = field(default_factory=list)


def read(content: bytes) -> Iterator[Item]:
    """Read questions from text2qti's input.

    Raises:
        QuizError: `bad_request` if the file isn't valid UTF-8.
    """
    question: _Question | None = None
    points, each = "", ""
    for part in _parts(decoded(content)):
        if question and part.kind in _OF_A_QUESTION:
            question.parts.append(part)
            continue
        if question:
            yield from _items(question)
            question = None
        match part.kind:
            case "question":
                question, points = _Question(part, points or each), ""
            case "points":
                points = part.text
            case "each":
                each = part.text
            case "group":
                each = ""
            case "aside":
                pass
            case _:
                yield _stray(part)
    if question:
        yield from _items(question)


def _stray(part: _Part) -> Problem:
    place, text = Place(part.number, 1), beginning(part.text)
    if part.kind == "text":
        message = "Left out a text between questions: put it into the questions that need it."
        return Problem(Kind.LOST, place, message, text)
    if part.kind == "code":
        message = "Programs are not run: write the questions that it makes."
        return Problem(Kind.UNSUPPORTED, place, message, text)
    message = "This belongs to no question: begin one with a number, such as `1. `."
    return Problem(Kind.WRONG, place, message, text)


def _parts(text: str) -> Iterator[_Part]:
    part: _Part | None = None
    closing = ""  # the line that ends the skipped ones
    for number, written in enumerate(_LINE_ENDS.split(text), start=1):
        line = written.expandtabs(4).rstrip()
        if closing:
            closing = "" if line.startswith(closing) else closing
        elif line == "COMMENT":
            closing = "END_COMMENT"
        elif line.startswith("%"):
            continue
        elif part and (not line or line.startswith(" ")):
            part.lines.append(line)
        elif line:
            if part:
                yield part
            found = _START.match(line)
            kind = (found.lastgroup if found else None) or "unknown"
            part = _Part(kind, number, [line[found.end() :] if found else line.strip()])
            closing = "```" if kind == "code" else ""
    if part:
        yield part


def _items(question: _Question) -> Iterator[Item]:
    begun = question.begun
    found = ForeignQuestion(Place(begun.number, 1))
    found.fields["question"] = to_text(begun.text, found.lost)
    try:
        if question.points:
            found.fields["points"] = _points(question)
        _read_answers(question, found)
    except _Wrong as wrong:
        text = beginning(found.fields["question"])
        yield Problem(wrong.kind, wrong.place, wrong.message, text)
    else:
        yield from found.items()


def _points(question: _Question) -> float:
    points = read_number(question.points)
    if points is None:
        message = (
            f"`{question.points[:20]}` is not a number of points: write one, such as 2 or 0.5."
        )
        raise _Wrong(question.begun, message)
    return points


def _read_answers(question: _Question, found: ForeignQuestion) -> None:
    parts = question.parts
    for part in parts:
        if part.kind == "unknown":
            message = (
                "This line begins with none of text2qti's marks: indent it if it belongs to the "
                "one before, or write a space after its mark."
            )
            raise _Wrong(part, message)
        if part.kind in _INSTEAD:
            raise _Wrong(part, _INSTEAD[part.kind], Kind.UNSUPPORTED)
    choices = _choices(parts, found)
    answers = [part for part in parts if part.kind in _ANSWERS]
    kinds = {part.kind for part in answers}
    if not kinds:
        raise _Wrong(question.begun, "The question has no answers: write some below it.")
    if kinds <= _CHOICES:
        found.fields |= _one(answers, choices)
    elif kinds <= _TICKS:
        _check_right(answers, "ticked", "[*] ")
        found.fields |= {
            "type": "multiple",
            "options": [choice.text for choice in choices],
            "correct": [at for at, choice in enumerate(choices) if choice.weight],
        }
    elif kinds == {"typed"}:
        typed = [Choice(part.text.replace("*", "\\*"), 100) for part in answers]
        found.fields |= foreign_question.words(typed)
    elif kinds == {"number"} and len(answers) == 1:
        found.fields |= foreign_question.numbers([(_number(answers[0]), 100)])
    else:
        message = "The question has answers of several kinds: keep those of one."
        raise _Wrong(answers[1], message)


def _choices(parts: Sequence[_Part], found: ForeignQuestion) -> list[Choice]:
    """Return the answers with the feedback on each, and set the explanation."""
    choices: list[Choice] = []
    said: dict[str, list[str]] = {"feedback": [], "solution": [], "if_right": [], "if_wrong": []}
    for part in parts:
        if part.kind in _ANSWERS:
            right = part.kind not in {"wrong", "open"}
            choices.append(Choice(to_text(part.text, found.lost), 100 if right else 0))
        elif part.kind == "feedback" and choices:
            choices[-1].feedback = to_text(part.text, found.lost)
        else:
            said[part.kind].append(to_text(part.text, found.lost))
    to_right = Choice("", 100, "\n".join(said["if_right"]))
    found.explain("\n\n".join(said["feedback"] + said["solution"]), [*choices, to_right])
    for text in said["if_wrong"]:
        if not found.explain_by_correction(text):
            found.lost.append(foreign_question.FEEDBACK)
    return choices


def _one(answers: Sequence[_Part], choices: Sequence[Choice]) -> dict[str, object]:
    _check_right(answers, "right", "*a) ")
    if sum(part.kind == "right" for part in answers) > 1:
        message = "Several options are right: mark one with `*`, or write `[*] ` and `[ ] `."
        raise _Wrong(answers[0], message)
    right = next(choice.text for choice in choices if choice.weight)
    if sorted(choice.text.lower() for choice in choices) == ["false", "true"]:
        return {"type": "true_false", "correct": right.lower() == "true"}
    return foreign_question.one(choices)


def _check_right(answers: Sequence[_Part], kind: str, mark: str) -> None:
    if all(part.kind != kind for part in answers):
        raise _Wrong(answers[0], f"No option is right: begin the right one with `{mark}`.")


def _number(part: _Part) -> Number:
    if found := _RANGE.fullmatch(part.text):
        low, high = _exactly(found[1], part), _exactly(found[2], part)
        return Number(float((low + high) / 2), float(abs(high - low) / 2))
    if found := _AROUND.fullmatch(part.text):
        value, around = _exactly(found[1], part), _exactly(found[2], part)
        around *= abs(value) / 100 if found[3] else 1
        return Number(float(value), float(abs(around)))
    return Number(float(_exactly(part.text, part)), 0.0)


def _exactly(text: str, part: _Part) -> Fraction:
    plain = text.strip().replace("_", "")
    try:
        if read_number(plain) is not None:
            return Fraction(plain)
    except ValueError:
        pass
    message = f"`{text[:30]}` is not a number: write 5, 1.41 +- 0.01, 2 +- 5% or [1.2, 1.3]."
    raise _Wrong(part, message)


def _is_text2qti(content: bytes, suffix: str) -> bool:
    if suffix not in {".txt", ".md", ".markdown", ""}:
        return False
    start = beginning_of(content)
    return all(sure.search(start) for sure in _SURE)


TEXT2QTI = Format("text2qti", "text2qti", (".txt", ".md"), _is_text2qti, read)
