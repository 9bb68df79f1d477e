"""A table to fill in: the columns, an example of each question type, and instructions."""

from __future__ import annotations

from pathlib import Path

from livequiz.bank import csv_file, xlsx_file
from livequiz.bank.reading import Entry, Kind, Place, Problem, Reading, beginning, item
from livequiz.bank.table.writer import rows_of
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Draft

EXAMPLES: tuple[dict[str, object], ...] = (
    {
        "question": "Which planet is the largest?",
        "options": ["Mars", "Jupiter", "Venus", "Saturn"],
        "correct": 1,
        "topics": ["Astronomy"],
        "difficulty": "easy",
        "time_limit": 20,
        "explanation": "Jupiter has more than twice the mass of all other planets together.",
    },
    {
        "question": "Sound travels faster in water than in air.",
        "type": "true_false",
        "correct": True,
        "topics": ["Physics", "Waves"],
    },
    {
        "question": "Which of these are prime numbers?",
        "type": "multiple",
        "options": ["2", "9", "11", "15"],
        "correct": [0, 2],
        "scoring": "partial",
        "points": 2,
    },
    {
        "question": "What is the standard acceleration of gravity, in m/s², to two decimals?",
        "type": "numeric",
        "correct": {"value": 9.81, "tolerance": 0.01},
    },
    {
        "question": "What is the chemical symbol of gold?",
        "type": "short_text",
        "correct": ["Au", "Aurum"],
    },
)
NOTES = (
    "One question in a row. Needed are `question` and `correct`. The examples are left out when "
    "there are other questions.",
    "type: single (one option is right), true_false, multiple (several are), numeric, short_text.",
    "correct: the option's letter (B), letters (A,C), true or false, a number (9.81 or "
    "9.81 ± 0.01), or texts with | between them (Au | Aurum).",
    "option_a, option_b ...: for single and multiple only; option_g and so on may be added.",
    "scoring, for multiple: all (all or nothing) or partial (each right one counts).",
    "weights: per cent of the points for each option, with ; between them. Seldom needed.",
    "points: 1 if empty. time_limit: in seconds. topics: with ; or , between them.",
    "difficulty: easy, medium or hard.",
    "case_sensitive, wildcards: true or empty, for short_text; * then stands for any characters.",
    "Code stands between ``` lines, or between ` marks in a line; **words** are bold.",
    "Then: livequiz questions import FILE",
)


def template(path: Path) -> bytes:
    """Return a table to fill in, as CSV or XLSX.

    Raises:
        QuizError: `bad_request` if the file's suffix is neither.
    """
    if path.suffix.lower() == ".csv":
        return template_csv()
    if path.suffix.lower() == ".xlsx":
        return template_xlsx()
    raise QuizError(Code.BAD_REQUEST, f"Call it {path.stem}.xlsx or {path.stem}.csv.")


def template_csv() -> bytes:
    """Return the header and an example of each question type, as CSV."""
    return csv_file.write(_examples()).content


def template_xlsx() -> bytes:
    """Return the same as a workbook, with a sheet of instructions."""
    return xlsx_file.book_of(rows_of(_examples()), NOTES)


def without_examples(reading: Reading) -> Reading:
    """Leave out the template's examples if the file has other questions too."""
    examples = _examples()
    others = [entry for entry in reading.entries if entry.draft not in examples]
    if not others:
        return reading
    message = "This example of the template was left out."
    notes = [
        Problem(Kind.LOST, entry.place, message, beginning(entry.draft.text))
        for entry in reading.entries
        if entry.draft in examples
    ]
    return Reading(others, [*reading.problems, *notes])


def _examples() -> list[Draft]:
    made = (item(fields, Place()) for fields in EXAMPLES)
    return [entry.draft for entry in made if isinstance(entry, Entry)]
