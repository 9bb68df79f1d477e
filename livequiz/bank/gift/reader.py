"""Reads GIFT: each block is decided by what stands in its braces, in the order of the format."""

from __future__ import annotations

import re
from collections.abc import Iterator

from livequiz.bank.gift import answers
from livequiz.bank.gift.blocks import Block, blocks
from livequiz.bank.gift.marks import Wrong, find, find_last, may_be_tex, unescape
from livequiz.bank.gift.texts import FORMAT, Texts
from livequiz.bank.reading import Item, Kind, Problem, beginning, tidy
from livequiz.bank.shared import Found, split_path, topics_of

GAP = "_____"
# https://docs.moodle.org/en/Embedded_Answers_(Cloze)_question_type
_CLOZE = re.compile(r"\s*\d*\s*\\?:\s*[A-Z_]+\s*\\?:", re.IGNORECASE)
_MARKED = re.compile(r"\s*(?:[=~#]|$)")
_TRUE_FALSE = re.compile(r"(T|TRUE|F|FALSE)\s*(?:#|$)", re.IGNORECASE)


def read(content: bytes) -> Iterator[Item]:
    """Read questions from GIFT.

    Raises:
        QuizError: `bad_request` if it is no UTF-8.
    """
    for block in blocks(content):
        try:
            yield from _question(block).items()
        except Wrong as wrong:
            text = beginning(tidy(unescape(_without_name(block.text))))
            yield Problem(wrong.kind, block.place(wrong.offset), wrong.message, text)


def _question(block: Block) -> Found:
    start = _after_name(block.text)
    opened, closed = _braces(block.text, start)
    before, after = block.text[start:opened], block.text[closed + 1 :]
    found = Found(block.place(len(block.text) - len(block.text.lstrip())))
    texts = Texts(lost=found.lost, notes=found.notes)
    text = texts.question(f"{before}{GAP}{after}" if after.strip() else before)
    if not text:
        message = f"There is nothing but {found.lost[0]}" if found.lost else "There is no text"
        raise Wrong(f"{message} before the braces: write the question in words.", opened)
    found.fields["question"] = text
    found.fields |= topics_of(split_path(block.category), block.tags)
    inside = block.text[opened + 1 : closed]
    if _is_amid_words(before, after) and not (_MARKED.match(inside) or _CLOZE.match(inside)):
        message = (
            "Do these braces hold an answer? Write `{=...}` if they do, and `\\{` and `\\}` "
            "if they are text."
        )
        raise Wrong(message, opened)
    body, general = _without_general(inside)
    _answers(answers.Body(body, opened + 1, texts), found, texts.shown(general))
    return found


def _is_amid_words(before: str, after: str) -> bool:
    return all(any(map(str.isalnum, part)) for part in (before, after))


def _answers(body: answers.Body, found: Found, general: str) -> None:
    kind = body.text.strip()
    if not kind:
        raise Wrong(
            "An essay has no key: there is no such question here.",
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
        message = "Matching has no equal here: ask for each pair by itself."
        raise Wrong(message, body.offset - 1, Kind.UNSUPPORTED)
    elif _TRUE_FALSE.match(kind):
        choices = answers.true_false(body, found)
    else:
        choices = answers.short_answer(body, found)
    found.explain(general, choices)


def _after_name(text: str) -> int:
    """Return where the text begins after `::name::`, which is for lists of questions alone."""
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
        message = (
            "There is a second `{`: several gaps have no equal here; write `\\{` if it is text."
        )
        if "\n" in text[closed:more]:
            message = "There is a second `{`: leave an empty line between two questions."
        raise Wrong(message, more, Kind.UNSUPPORTED)
    return opened, closed


def _without_general(body: str) -> tuple[str, str]:
    at = find_last(body, "####")
    return (body, "") if at < 0 else (body[:at], body[at + 4 :])
