"""LiveQuiz's own bank files, in JSON and YAML: the fields of `QuestionIn`, without loss."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

import msgspec

from livequiz.bank import strict_yaml
from livequiz.bank.format_type import Format
from livequiz.bank.reading import Item, Kind, Place, Problem, Writing, item
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Draft
from livequiz.protocol.questions import from_draft

# A database export contains these; an import sets its own.
STORED_FIELDS = frozenset({"_id", "id", "created_at", "content_hash"})
TEXTS = frozenset({"question", "options", "topics", "explanation", "source"})
NOT_A_LIST = "A bank is a list of questions, or an object with the list as its `questions`."
_BOM = b"\xef\xbb\xbf"
_SPACE = " \t\r\n"
# Text can start with such brackets too, but not with what follows them in JSON.
_JSON_START = re.compile(rb"\s*(?:\[\s*(?:\{\s*[\"}]|\]\s*\Z)|\{\s*[\"}])")
_OTHERS = frozenset({".yaml", ".yml", ".gift", ".aiken", ".md", ".markdown"})


def read_json(content: bytes) -> Iterator[Item]:
    """Read a bank from JSON.

    Raises:
        QuizError: `bad_request` if it isn't valid JSON, or not a list of questions.
    """
    try:
        text = content.removeprefix(_BOM).decode()
        bank = json.loads(text, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise QuizError(Code.BAD_REQUEST, "This is not UTF-8 text.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise QuizError(
            Code.BAD_REQUEST, f"This is not valid JSON: {error.msg} at {where}."
        ) from None
    except RecursionError:
        raise QuizError(Code.BAD_REQUEST, "This JSON is nested too deeply.") from None
    except ValueError as error:  # NaN or infinity, or a number with more digits than Python parses
        reason = "a number is too long" if "digits" in str(error) else str(error)
        raise QuizError(Code.BAD_REQUEST, f"This is not valid JSON: {reason}.") from None
    entries = _entries(bank)
    places = places_in(text, "questions" if isinstance(bank, dict) else None)
    for entry, place in zip(entries, places, strict=True):
        yield read_entry(entry, place)


def read_yaml(content: bytes) -> Iterator[Item]:
    """Read a bank from YAML.

    Raises:
        QuizError: `bad_request` if it isn't valid YAML, or not a list of questions.
    """
    for entry, place in zip(*yaml_entries(content), strict=True):
        yield read_entry(entry, place)


def yaml_entries(content: bytes) -> tuple[list[object], list[Place]]:
    """Return the raw entries of a YAML bank, and where each begins.

    Raises:
        QuizError: `bad_request` if it isn't valid YAML, or not a list of questions.
    """
    bank, places = strict_yaml.load(content.removeprefix(_BOM), TEXTS)
    return _entries([] if bank is None else bank), [Place(*place) for place in places]


def read_entry(entry: object, place: Place) -> Item:
    """Convert a bank's raw entry to a question, or to the problem with it."""
    if not isinstance(entry, dict) or not all(isinstance(key, str) for key in entry):
        return Problem(Kind.WRONG, place, "A question is an object with named fields.")
    fields = {key: entry[key] for key in entry if key not in STORED_FIELDS}
    return item(fields, place, as_it_stands=True)


def write_json(drafts: Sequence[Draft]) -> Writing:
    """Write questions as JSON that `read_json` reads back unchanged."""
    content = msgspec.json.encode([from_draft(draft) for draft in drafts])
    return Writing(msgspec.json.format(content, indent=2) + b"\n")


def write_yaml(drafts: Sequence[Draft]) -> Writing:
    """Write questions as YAML that `read_yaml` reads back unchanged."""
    return Writing(strict_yaml.dump([msgspec.to_builtins(from_draft(draft)) for draft in drafts]))


def _entries(bank: object) -> list[object]:
    if isinstance(bank, dict):
        bank = bank.get("questions")
    if not isinstance(bank, list):
        raise QuizError(Code.BAD_REQUEST, NOT_A_LIST)
    return bank


def places_in(text: str, name: str | None) -> Iterator[Place]:
    """Yield where each entry of a list begins, in valid JSON.

    Args:
        text: JSON that is a list, or an object containing one.
        name: The object's field that has the list; None if the JSON itself is the list.
    """
    decoder = json.JSONDecoder()
    at = _skip(text, 0) if name is None else _list_in(text, name, decoder)
    line, line_start, seen = 1, 0, 0
    at = _skip(text, at + 1)
    while text[at] != "]":
        line += text.count("\n", seen, at)
        line_start = max(line_start, text.rfind("\n", seen, at) + 1)
        seen = at
        yield Place(line, at - line_start + 1)
        at = _skip(text, decoder.raw_decode(text, at)[1])
        at = _skip(text, at + 1) if text[at] == "," else at


def _list_in(text: str, wanted: str, decoder: json.JSONDecoder) -> int:
    """Return the offset of the field's value; of duplicates the last one's, as `json` keeps it."""
    found = 0
    at = _skip(text, _skip(text, 0) + 1)
    while text[at] != "}":
        name, at = decoder.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)
        found = at if name == wanted else found
        at = _skip(text, decoder.raw_decode(text, at)[1])
        at = _skip(text, at + 1) if text[at] == "," else at
    return found


def _skip(text: str, at: int) -> int:
    while text[at] in _SPACE:
        at += 1
    return at


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not a number")


def _is_json(content: bytes, suffix: str) -> bool:
    started = _JSON_START.match(content.removeprefix(_BOM)) is not None
    return suffix == ".json" or (started and suffix not in _OTHERS)


def _is_yaml(content: bytes, suffix: str) -> bool:
    return suffix in {".yaml", ".yml"}


JSON = Format("json", "LiveQuiz JSON", (".json",), _is_json, read_json, write_json)
YAML = Format("yaml", "LiveQuiz YAML", (".yaml", ".yml"), _is_yaml, read_yaml, write_yaml)
