"""Reads GIFT: what is in a block's braces decides its type, checked in the format's own order."""

from __future__ import annotations

import re
from collections.abc import Iterator

from livequiz.bank.foreign_question import ForeignQuestion, split_path, topics_of
from livequiz.bank.gift import answers
from livequiz.bank.gift.blocks import Block, blocks
from livequiz.bank.gift.marks import Wrong, find, find_last, may_be_tex, unescape
from livequiz.bank.gift.texts import FORMAT, Texts
from livequiz.bank.reading import Item, Kind, Problem, beginning, tidy

GAP = "_____"
# https://docs.moodle.org/en/Embedded_Answers_(Cloze)_question_type
_CLOZE = re.compile(r"\s*\d*\s*\\?:\s*[A-Z_]+\s*\\?:", re.IGNORECASE)
_MARKED = re.compile(r"\s*(?:[=~#]|$)")
_TRUE_FALSE = re.compile(r"(T|TRUE|F|FALSE)\s*(?:#|$)", re.IGNORECASE)


def read(content: bytes) -> Iterator[Item]:
    """Read questions from GIFT.

    Raises:
        QuizError: `bad_request` if the file isn't valid UTF-8.
    """
    for block in blocks(content):
        try:
            yield from _question(block).items()
        except Wrong as wrong:
            text = beginning(tidy(unescape(_without_name(block.text))))
            yield Problem(wrong.kind, block.place(wrong.offset), wrong.message, text)


def _question(block: Block) -> ForeignQuestion:
    start = _after_name(block.text)
    opened, closed = _braces(block.text, start)
    before, after = block.text[start:opened], block.text[closed + 1 :]
    found = ForeignQuestion(block.place(len(block.text) - len(block.text.lstrip())))
    texts = Texts(lost=found.lost, notes=found.notes)
    text = texts.question(f"{before}{GAP}{after}" if after.strip() else before)
    if not text:
        message = f"There is nothing but {found.lost[0]}" if found.lost else "There is no text"
        raise Wrong(f"{message} before the braces: write the question in words.", opened)
    found.fields["question"] = text
    found.fields |= topics_of(split_path(block.category), block.tags)
    inside = block.text[opened + 1 : closed]
    amid_words = all(any(map(str.isalnum, part)) for part in (before, after))
    if amid_words and not (_MARKED.match(inside) or _CLOZE.match(inside)):
        message = (
            "Do these braces hold an answer? Write `{=...}` if they do, and `\\{` and `\\}` "
            "if they are text."
        )
        raise Wrong(message, opened)
    at = find_last(inside, "####")
    body, general = (inside, "") if at < 0 else (inside[:at], inside[at + 4 :])
    _answers(answers.Body(body, opened + 1, texts), found, texts.shown(general))
    return found


def _answers(body: answers.Body, found: ForeignQuestion, general: str) -> None:
    kind = body.text.strip()
    if not kind:
        raise Wrong(
            "An essay has no answer key: LiveQuiz has no such questions.",
            body.offset - 1,
            Kind.UNSUPPORTED,
        )
    if _CLOZE.match(kind):
        message = "This is a cloze gap, not GIFT: ask for each gap in a question of its own."
        raise Wrong(message, body.offset - 1, Kind.UNSUPPORTED)
    if kind.startswith("#"):
        choices = answers.numeric(body, found)
    elif find(body.text, "~") >= 0:
        choices = answers.multiple_choice(body, found)
    elif "->" in kind and find(body.text, "=") >= 0:
        message = "Matching has no equivalent in LiveQuiz: ask for each pair by itself."
        raise Wrong(message, body.offset - 1, Kind.UNSUPPORTED)
    elif _TRUE_FALSE.match(kind):
        choices = answers.true_false(body, found)
    else:
        choices = answers.short_answer(body, found)
    found.explain(general, choices)


def _after_name(text: str) -> int:
    """Return the index after `::name::`, which is only shown in lists of questions."""
    start = len(text) - len(text.lstrip())
    if not text.startswith("::", start):
        return start
    end = find(text, "::", start + 2)
    if end < 0:
        raise Wrong("The name is not closed: write `::` after it.", start)
    return end + 2


def _without_name(text: str) -> str:
    try:
        start = _after_name(text)
    except Wrong:
        start = 0
    mark = FORMAT.match(text, start)
    return text[mark.end() if mark else start :]


def _braces(text: str, start: int) -> tuple[int, int]:
    opened = find(text, "{", start)
    if opened < 0:
        if (closed := find(text, "}", start)) >= 0:
            raise Wrong("This `}` closes nothing: write `\\}` if it is text.", closed)
        message = "There are no answers in braces: a description asks nothing."
        raise Wrong(message, start, Kind.UNSUPPORTED)
    if may_be_tex(text, opened):
        message = (
            "This `{` may belong to a formula: write `\\{` and `\\}` in formulas, and leave a "
            "space before the answers."
        )
        raise Wrong(message, opened)
    closed = find(text, "}", opened)
    again = find(text, "{", opened + 1)
    if 0 <= again < closed:
        raise Wrong("There is a `{` in the braces: write `\\{` if it is text.", again)
    if closed < 0:
        raise Wrong("This `{` is never closed: write `}` after the answers.", opened)
    if (more := find(text, "{", closed)) >= 0:
        message = "There is a second `{`, but only one gap is supported; write `\\{` if it is text."
        if "\n" in text[closed:more]:
            message = "There is a second `{`: leave an empty line between two questions."
        raise Wrong(message, more, Kind.UNSUPPORTED)
    return opened, closed
