"""Writes GIFT that Moodle reads, a question a block, each on lines of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from livequiz.bank.gift.blocks import CATEGORY
from livequiz.bank.gift.marks import escape
from livequiz.bank.reading import Problem, Writing
from livequiz.bank.shared import accepted, join_path, not_written, weights_of
from livequiz.domain.model import Draft, Number, QuestionType
from livequiz.domain.wording import number_in_words

_LACKS = ("points", "time_limit", "source", "case_sensitive", "scoring", "options")
# What would be taken for something else at the beginning of a text.
_MISREAD = ("[", "//", "::", "$")


def write(drafts: Sequence[Draft]) -> Writing:
    """Return questions as GIFT."""
    problems: list[Problem] = []
    parts: list[str] = []
    category = ""
    for draft in drafts:
        path = join_path(draft.topics)
        if path != category:
            parts.append(f"{CATEGORY} {path or 'top'}")
            category = path
        problems += not_written(draft, *_LACKS)
        parts.append(_block(draft))
    return Writing("".join(f"{part}\n\n" for part in parts).encode(), problems)


def _block(draft: Draft) -> str:
    tag = f"// [tag:{draft.difficulty.value}]\n" if draft.difficulty else ""
    marked = "`" in draft.text or "**" in draft.text or draft.text.startswith(_MISREAD)
    text = ("[markdown]" if marked else "") + escape(draft.text)
    return f"{tag}{text} {{{''.join(_answers(draft))}{_explanation(draft)}}}"


def _answers(draft: Draft) -> Iterator[str]:
    weights = weights_of(draft)
    match draft.type:
        case QuestionType.TRUE_FALSE:
            yield "TRUE" if draft.correct == 0 else "FALSE"
        case QuestionType.NUMERIC:
            yield "#"
            for number, weight in zip(
                cast("tuple[Number, ...]", draft.correct), weights, strict=True
            ):
                value, around = number_in_words(number.value), number_in_words(number.tolerance)
                yield f"\n={_mark(weight, 100)}{value}:{around}"
        case QuestionType.SHORT_TEXT:
            for text, weight in zip(accepted(draft), weights, strict=True):
                yield f"\n={_mark(weight, 100)}{escape(text)}"
        case QuestionType.SINGLE | QuestionType.MULTIPLE:
            for place, (text, weight) in enumerate(zip(draft.options, weights, strict=True)):
                if place == draft.correct:
                    yield f"\n={escape(text)}"
                else:
                    yield f"\n~{_mark(weight, 0)}{escape(text)}"
    if draft.type is not QuestionType.TRUE_FALSE:
        yield "\n"


def _explanation(draft: Draft) -> str:
    return f"####{escape(draft.explanation)}\n" if draft.explanation else ""


def _mark(weight: float, usual: float) -> str:
    return "" if weight == usual else f"%{weight:.7g}%"
