"""Reads the key in a cell: letters, texts or numbers, as teachers write them."""

from __future__ import annotations

import re

from livequiz.bank.table.headers import as_name
from livequiz.bank.table.key_column import Key, KeyColumn, Unreadable, named_options
from livequiz.domain.model import QuestionType
from livequiz.domain.typed_answers import could_be_thousands, read_number

_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_AROUND = re.compile(r"±|\+-|\+/-")
_BAR = re.compile(r"(?<!\\)\|")
# Other programs' names for types; None if the key decides between two types.
_KINDS: dict[str, str | None] = {
    **dict.fromkeys(("multiple_choice", "multiplechoice", "mc", "mcq", "choice", "quiz")),
    **dict.fromkeys(("single_choice", "single_answer", "radio"), "single"),
    **dict.fromkeys(("multiple_answer", "multiple_answers", "multiple_select"), "multiple"),
    **dict.fromkeys(
        ("multiple_response", "multi_select", "checkbox", "checkboxes", "msq"), "multiple"
    ),
    **dict.fromkeys(("truefalse", "t_f", "tf", "boolean", "yes_no"), "true_false"),
    **dict.fromkeys(("short_answer", "shortanswer", "short", "text", "fill_in"), "short_text"),
    **dict.fromkeys(("fill_in_the_blank", "fill_in_the_blanks", "fill"), "short_text"),
    **dict.fromkeys(("number", "numerical"), "numeric"),
}
# Types without an equivalent here, such as those that need a human grader or have no key.
_UNSUPPORTED = frozenset({
    *("open_ended", "open", "essay_question", "poll", "draw", "survey", "word_cloud", "slide"),
    *("matching", "match", "ordering", "order", "reorder", "drag_and_drop", "puzzle", "jumble"),
    *("labeling", "hotspot", "audio_response", "video_response", "categorize"),
})  # fmt: skip


def kind_named(written: str) -> str | None:
    """Return the type for a name, itself if unknown; None if the key decides between two types."""
    name = as_name(written)
    return _KINDS.get(name, name)


def kind_of(written: str, key: Key, column: KeyColumn) -> str:
    """Return the type of a question: the written one, else inferred from its key.

    Raises:
        Unreadable: If the type isn't supported, or the key can't be read.
    """
    kind = kind_named(written)
    if kind in _UNSUPPORTED:
        message = f"There is no question of type {written[:40]} here."
        raise Unreadable("type", message, unsupported=True)
    if kind or not key.text or (written and not key.options):
        return kind or QuestionType.SINGLE
    if key.options:
        several = len(named_options(key, column)) > 1
        return QuestionType.MULTIPLE if several else QuestionType.SINGLE
    if key.text.lower() in _YES and not key.text.isdecimal():
        return QuestionType.TRUE_FALSE
    first = _AROUND.split(_BAR.split(key.text)[0])[0]
    return QuestionType.SHORT_TEXT if read_number(first) is None else QuestionType.NUMERIC


def key_of(kind: str, key: Key, column: KeyColumn) -> object:
    """Return `correct` in the form that this question type needs.

    Raises:
        Unreadable: If the cell is unusable or ambiguous.
    """
    match kind:
        case QuestionType.SINGLE:
            places = named_options(key, column, several=False)
            if len(places) > 1:
                message = f"`correct` is {key.text[:20]}: several options need the type multiple."
                raise Unreadable("correct", message)
            return places[0]
        case QuestionType.MULTIPLE:
            return named_options(key, column)
        case QuestionType.TRUE_FALSE:
            return _truth(key, column)
        case QuestionType.NUMERIC:
            return [_with_tolerance(part) for part in _BAR.split(key.text)]
        case _:
            return _accepted(key, column)


def _truth(key: Key, column: KeyColumn) -> bool | int:
    """Return whether a statement is true, or the index of the right option.

    A 1 can mean true or the first option; a 0 can mean false or, again, the first option.
    """
    digit = key.text in {"0", "1"}
    if not key.options:
        if digit and column.first != 1:
            raise Unreadable("correct", f"`correct` is {key.text}: write true or false.")
        return flag_of("correct", key.text)
    said = flag_of("correct", key.text) if key.text.lower() in _YES else None
    says = [_YES.get(option.lower()) for option in key.options]
    if said is not None and not digit:
        if (not said) in says:
            return 1 - says.index(not said)
        return says.index(said) if said in says else said
    if digit and (column.first != 1 or key.text == "0" or says[0] is False):
        message = f"`correct` is {key.text}: write the letter of the option that is right."
        raise Unreadable("correct", message)
    return named_options(key, column, several=False)[0]


def _accepted(key: Key, column: KeyColumn) -> list[str]:
    """Return the accepted texts: all options, or those in the cell if there are none."""
    options = [option for option in key.options if option]
    if options and key.text:
        named = named_options(key, column)
        if len(set(named)) < len(options):
            message = (
                f"`correct` is {key.text[:20]}, but every option of a question whose answer is "
                "typed counts as right: leave `correct` empty, or the options."
            )
            raise Unreadable("correct", message)
    if options:
        return options
    return [part.strip() for part in split(key.text, "|") if part.strip()]


def number_of(name: str, text: str) -> float:
    """Return the number in a cell.

    Raises:
        Unreadable: If it isn't a number, or is ambiguous, such as `1,000`.
    """
    value = read_number(text)
    if value is None:
        raise Unreadable(name, f"`{name}` is '{text.strip()[:20]}': write a number, such as 2.5.")
    if could_be_thousands(text):
        bare = text.strip().replace(",", "")
        point = text.strip().replace(",", ".")
        raise Unreadable(name, f"`{name}` is {text.strip()}: write {bare}, or {point}.")
    return value


def flag_of(name: str, text: str) -> bool:
    """Return the boolean in a cell.

    Raises:
        Unreadable: If it isn't one.
    """
    flag = _YES.get(text.strip().lower())
    if flag is None:
        raise Unreadable(name, f"`{name}` is {text.strip()[:20]}: write true or false.")
    return flag


def split(text: str, mark: str) -> list[str]:
    r"""Return the items of a list in a cell; a mark after `\` is text."""
    parts = re.split(rf"(?<!\\){re.escape(mark)}", text)
    return [part.replace(f"\\{mark}", mark) for part in parts]


def _with_tolerance(text: str) -> dict[str, float]:
    value, *around = _AROUND.split(text.strip(), maxsplit=1)
    tolerance = number_of("correct", around[0]) if around else 0.0
    if tolerance < 0:
        message = f"`correct` is {text.strip()[:20]}: give a tolerance of 0 or more."
        raise Unreadable("correct", message)
    return {"value": number_of("correct", value), "tolerance": tolerance}
