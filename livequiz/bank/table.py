"""Questions as rows of a table: CSV and XLSX have the same columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from string import ascii_lowercase, ascii_uppercase
from typing import cast

from livequiz.bank.reading import Item, Kind, Place, Problem, beginning, item
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Draft, Number, QuestionType, Scoring
from livequiz.domain.typed import read_number
from livequiz.domain.wording import number_in_words

FIRST_OPTIONS = 6  # columns that there are in any case
HEADER_WITHIN = 20  # rows
OPTIONS = tuple(f"option_{letter}" for letter in ascii_lowercase)
FIELDS = (
    *("type", "correct", "weights", "scoring", "points", "time_limit", "topics", "difficulty"),
    *("explanation", "source", "case_sensitive", "wildcards"),
)
_KNOWN = frozenset({"question", *OPTIONS, *FIELDS})
_NEEDED = ("question", "correct")
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_AROUND = re.compile(r"\s*(?:±|\+-|\+/-)\s*")
_BAR = re.compile(r"(?<!\\)\|")

Row = Sequence[str]  # a text for each cell


class Unreadable(Exception):  # noqa: N818 - caught in this module
    """A cell that says nothing that can be used."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column
        self.message = message


def read_rows(rows: Iterator[Row], sheet: str | None = None) -> Iterator[Item]:
    """Read questions from the rows of a table.

    Raises:
        QuizError: `bad_request` if there is no row with the columns' names.
    """
    columns, number = _header(rows)
    unknown = [name for name in columns if name and name not in _KNOWN]
    if unknown:
        names = ", ".join(name[:30] for name in unknown[:10])
        message = f"These columns mean nothing here and were left out: {names}."
        yield Problem(Kind.LOST, _cell(number, columns.index(unknown[0]), sheet), message)
    for at, row in enumerate(rows, start=number + 1):
        cells = {
            name: text.strip()
            for name, text in zip(columns, row, strict=False)
            if name in _KNOWN and text.strip()
        }
        if cells:
            yield _question(cells, columns, at, sheet)


def _header(rows: Iterator[Row]) -> tuple[list[str], int]:
    for number, row in enumerate(rows, start=1):
        names = [re.sub(r"[\s-]+", "_", text.strip().lower()) for text in row]
        if all(name in names for name in _NEEDED):
            return names, number
        if number >= HEADER_WITHIN:
            break
    message = 'There is no row with the columns\' names, of which "question" and "correct" are '
    raise QuizError(Code.BAD_REQUEST, f"{message}needed: `livequiz questions template` has them.")


def _question(cells: Mapping[str, str], columns: list[str], number: int, sheet: str | None) -> Item:
    try:
        fields = _fields(cells)
    except Unreadable as wrong:
        column = columns.index(wrong.column) if wrong.column in columns else 0
        text = beginning(cells.get("question"))
        place = _cell(number, column, sheet)
        return Problem(Kind.WRONG, place, wrong.message, text, wrong.column)
    found = item(fields, _cell(number, columns.index("question"), sheet))
    if isinstance(found, Problem) and found.field in columns:
        place = _cell(number, columns.index(found.field), sheet)
        return Problem(found.kind, place, found.message, found.text, found.field)
    return found


def _fields(cells: Mapping[str, str]) -> dict[str, object]:
    options = _options(cells)
    key = cells.get("correct", "")
    if not key:
        raise Unreadable("correct", "`correct` is empty: say which answer is right.")
    kind = cells.get("type", "").lower() or _guessed(key, options)
    return {
        "question": cells.get("question", ""),
        "type": kind,
        "correct": _key(kind, key, len(options)),
        **({"options": options} if options else {}),
        **{name: read(name, cells[name]) for name, read in _READERS.items() if name in cells},
    }


def _options(cells: Mapping[str, str]) -> list[str]:
    options = [cells.get(name, "") for name in OPTIONS]
    while options and not options[-1]:
        options.pop()
    if "" in options:
        name = OPTIONS[options.index("")]
        raise Unreadable(name, f"`{name}` is empty, but there are options after it: move them up.")
    return options


def _guessed(key: str, options: list[str]) -> str:
    """Return the type of a question that does not say it."""
    if options:
        return "multiple" if "," in key else "single"
    if key.lower() in _YES and not key.isdecimal():
        return "true_false"
    first = _AROUND.split(_BAR.split(key)[0])[0]
    return "numeric" if read_number(first) is not None else "short_text"


def _key(kind: str, text: str, options: int) -> object:
    match kind:
        case "single":
            return _letter(text, options)
        case "multiple":
            return [_letter(part, options) for part in text.split(",")]
        case "true_false":
            return _flag("correct", text)
        case "numeric":
            return [_with_tolerance(part) for part in _BAR.split(text)]
        case _:
            return [part.strip() for part in _split(text, "|") if part.strip()]


def _letter(text: str, options: int) -> int:
    letter = text.strip().upper()
    if len(letter) != 1 or letter not in ascii_uppercase:
        message = f"`correct` is {text.strip()[:20]}: give the letter of an option, such as B."
        raise Unreadable("correct", message)
    place = ascii_uppercase.index(letter)
    if place >= options > 0:
        last = ascii_uppercase[options - 1]
        raise Unreadable("correct", f"`correct` is {letter}, but the last option is {last}.")
    return place


def _with_tolerance(text: str) -> dict[str, float]:
    value, *around = _AROUND.split(text.strip(), maxsplit=1)
    tolerance = _number("correct", around[0]) if around else 0.0
    return {"value": _number("correct", value), "tolerance": tolerance}


def _number(name: str, text: str) -> float:
    value = read_number(text)
    if value is None:
        raise Unreadable(name, f"`{name}` is {text.strip()[:20]}: give a number, such as 2.5.")
    return value


def _short(name: str, text: str) -> int | float:
    value = _number(name, text)
    return int(value) if value.is_integer() else value


def _flag(name: str, text: str) -> bool:
    flag = _YES.get(text.strip().lower())
    if flag is None:
        raise Unreadable(name, f"`{name}` is {text.strip()[:20]}: write true or false.")
    return flag


def _topics(_: str, text: str) -> list[str]:
    return [part.strip() for part in _split(text, ";") if part.strip()]


def _weights(name: str, text: str) -> list[float]:
    return [_number(name, part) for part in text.split(";")]


_READERS: dict[str, Callable[[str, str], object]] = {
    "weights": _weights,
    "scoring": lambda _, text: text.lower(),
    "points": _short,
    "time_limit": _short,
    "topics": _topics,
    "difficulty": lambda _, text: text.lower(),
    "explanation": lambda _, text: text,
    "source": lambda _, text: text,
    "case_sensitive": _flag,
    "wildcards": _flag,
}


def _cell(row: int, column: int, sheet: str | None) -> Place:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = ascii_uppercase[rest] + letters
    return Place(cell=f"{letters}{row}", member=sheet)


def _split(text: str, mark: str) -> list[str]:
    r"""Return the parts of a list in a cell; `\` before a mark makes it text."""
    parts = re.split(rf"(?<!\\){re.escape(mark)}", text)
    return [part.replace(f"\\{mark}", mark) for part in parts]


def rows_of(drafts: Sequence[Draft]) -> Iterator[list[str]]:
    """Yield the row of the columns' names, and one for each question."""
    most = max([FIRST_OPTIONS, *(len(draft.options) for draft in drafts)])
    options = OPTIONS[:most]
    yield ["question", "type", *options, *FIELDS[1:]]
    for draft in drafts:
        shown = draft.options
        if draft.type is QuestionType.TRUE_FALSE and shown == ("True", "False"):
            shown = ()
        cells = [draft.text, draft.type.value, *shown, *[""] * (most - len(shown))]
        yield [*cells, *_written(draft)]


def _written(draft: Draft) -> Iterator[str]:
    yield _written_key(draft)
    yield ";".join(number_in_words(weight) for weight in draft.weights)
    yield "" if draft.scoring is Scoring.ALL else draft.scoring.value
    yield str(draft.points)
    yield "" if draft.time_limit is None else number_in_words(draft.time_limit)
    yield "; ".join(map(_written_topic, draft.topics))
    yield draft.difficulty.value if draft.difficulty else ""
    yield draft.explanation or ""
    yield draft.source or ""
    yield "true" if draft.case_sensitive else ""
    yield "true" if draft.wildcards else ""


def _written_key(draft: Draft) -> str:
    key = draft.correct
    if draft.type is QuestionType.TRUE_FALSE:
        return "true" if key == 0 else "false"
    if isinstance(key, int):
        return ascii_uppercase[key]
    if draft.type is QuestionType.MULTIPLE:
        return ",".join(ascii_uppercase[place] for place in cast("tuple[int, ...]", key))
    if draft.type is QuestionType.NUMERIC:
        return " | ".join(map(_written_number, cast("tuple[Number, ...]", key)))
    return " | ".join(text.replace("|", "\\|") for text in cast("tuple[str, ...]", key))


def _written_topic(topic: str) -> str:
    """Return a topic in which no mark means anything, nor the backslash at its end."""
    return topic.replace(";", "\\;") + (" " if topic.endswith("\\") else "")


def _written_number(number: Number) -> str:
    value = number_in_words(number.value)
    return f"{value} ± {number_in_words(number.tolerance)}" if number.tolerance else value
