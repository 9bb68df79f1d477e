"""Writes GIFT that Moodle can read: a block per question, each text on one line.

Everything is written so that Moodle's own reader understands it as intended:
https://github.com/moodle/moodle/blob/main/question/format/gift/format.php
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import cast

from livequiz.bank.foreign_question import accepted, join_path, not_written, renamed, weights_of
from livequiz.bank.gift.blocks import CATEGORY
from livequiz.bank.gift.marks import WEIGHT, escape
from livequiz.bank.gift.texts import FORMAT
from livequiz.bank.html_text import html_to_text, text_to_html
from livequiz.bank.reading import Kind, Place, Problem, Writing, beginning
from livequiz.domain.key_wording import number_in_words
from livequiz.domain.model import Draft, Number, QuestionType

_LACKS = ("points", "time_limit", "source", "case_sensitive", "scoring", "options")
_ARROW = "->"

AsWritten = Callable[[str], str]


def write(drafts: Sequence[Draft]) -> Writing:
    """Return questions as GIFT."""
    problems: list[Problem] = []
    parts: list[str] = []
    category = ""
    for draft in drafts:
        if _is_taken_for_matching(draft):
            problems.append(_left_out(draft))
            continue
        path = join_path(draft.topics)
        if path != category:
            parts.append(f"{CATEGORY} {path or 'top'}")
            category = path
        problems += not_written(draft, *_LACKS)
        problems += renamed(draft)
        parts.append(_block(draft))
    return Writing("".join(f"{part}\n\n" for part in parts).encode(), problems)


def _block(draft: Draft) -> str:
    tag = f"// [tag:{draft.difficulty.value}]\n" if draft.difficulty else ""
    mark, as_written = _format(draft)
    explanation = f"####{as_written(draft.explanation)}\n" if draft.explanation else ""
    answers = "".join(_answers(draft, as_written))
    return f"{tag}{mark}{as_written(draft.text)} {{{answers}{explanation}}}"


def _format(draft: Draft) -> tuple[str, AsWritten]:
    """Return the mark of a format that preserves a question's texts, and a function to write them.

    Without a mark, Moodle takes `<` for HTML. Markdown has more syntax than is supported here, so
    texts with code or bold words are written as HTML.
    """
    texts = [text for text in (draft.text, *_shown_options(draft), draft.explanation) if text]
    if any(_needs_html(text) for text in texts):
        if all(html_to_text(text_to_html(text)).text == text for text in texts):
            return "[html]", lambda text: escape(text_to_html(text))
        return "[markdown]", _guarded("[markdown]")
    if any("<" in text or "&" in text for text in texts) or draft.text.startswith("//"):
        return "[plain]", escape
    return "", escape


def _guarded(mark: str) -> AsWritten:
    """Return a function that writes texts which may begin with a format's mark or a weight."""
    return lambda text: (mark if _is_misread(text) else "") + escape(text)


def _needs_html(text: str) -> bool:
    return "`" in text or "**" in text or _is_misread(text)


def _is_misread(text: str) -> bool:
    return FORMAT.match(text) is not None or WEIGHT.match(text) is not None


def _shown_options(draft: Draft) -> tuple[str, ...]:
    return () if draft.type is QuestionType.TRUE_FALSE else draft.options


def _answers(draft: Draft, as_written: AsWritten) -> Iterator[str]:
    weights = weights_of(draft)
    match draft.type:
        case QuestionType.TRUE_FALSE:
            yield "TRUE" if draft.correct == 0 else "FALSE"
            return
        case QuestionType.NUMERIC:
            yield "#"
            for number, weight in zip(
                cast("tuple[Number, ...]", draft.correct), weights, strict=True
            ):
                value, around = number_in_words(number.value), number_in_words(number.tolerance)
                yield f"\n={_per_cent(weight, 100)}{value}:{around}"
        case QuestionType.SHORT_TEXT:
            yield from _typed(accepted(draft), weights)
        case QuestionType.SINGLE | QuestionType.MULTIPLE:
            for place, (text, weight) in enumerate(zip(draft.options, weights, strict=True)):
                mark = "=" if place == draft.correct else f"~{_per_cent(weight, 0)}"
                yield f"\n{mark}{as_written(text)}"
    yield "\n"


def _typed(texts: Sequence[str], weights: Sequence[float]) -> Iterator[str]:
    """Yield accepted texts, which have no format: Moodle compares them literally."""
    mark = "" if any(_ARROW in text for text in texts) else "="
    for text, weight in zip(texts, weights, strict=True):
        misread = WEIGHT.match(text) is not None
        share = _per_cent(weight, None if misread else 100)
        yield f"\n{mark}{share}{'[plain]' if FORMAT.match(text) else ''}{escape(text)}"


def _is_taken_for_matching(draft: Draft) -> bool:
    """Whether an arrow would turn accepted texts into pairs; in a single text, it doesn't."""
    texts = accepted(draft) if draft.type is QuestionType.SHORT_TEXT else []
    return len(texts) > 1 and any(_ARROW in text for text in texts)


def _left_out(draft: Draft) -> Problem:
    message = (
        f"Left out: GIFT takes `{_ARROW}` in one of several accepted texts for a pair to match; "
        "keep one accepted text, or choose another format."
    )
    return Problem(Kind.UNSUPPORTED, Place(), message, beginning(draft.text))


def _per_cent(weight: float, usual: float | None) -> str:
    """Return a weight as Moodle reads it, without an exponent; empty if it is the usual one."""
    return "" if weight == usual else f"%{f'{weight:.7f}'.rstrip('0').rstrip('.')}%"
