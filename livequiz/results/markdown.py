"""A report as Markdown, for a wiki."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from livequiz.results.report import ADJUSTED, Report

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def write(report: Report) -> bytes:
    """Return the report: figures, topics, questions to look at, students."""
    parts = [f"# {_text(report.title)}", _table(["", ""], _facts(report))]
    if report.topics:
        rows = [[t.topic, t.answered, _figure(t.accuracy)] for t in report.topics]
        parts += ["## Topics", _table(["Topic", "Answers", "Right %"], rows)]
    flagged = [(line.question, flag) for line in report.questions for flag in line.flags]
    if flagged:
        parts += ["## Questions to look at", _table(["Question", "Why"], flagged)]
    parts += ["## Questions", _table(["Question", "Answers", "Right %", "Key"], _questions(report))]
    if report.students:
        heads = [
            "Student",
            *["Group"] * report.has_groups,
            "Answered",
            "Right",
            "Right %",
            "Points",
            "Adjusted %",
        ]
        parts += ["## Students", _table(heads, _students(report)), ADJUSTED]
    return ("\n\n".join(parts) + "\n").encode()


def _facts(report: Report) -> Iterable[Sequence[object]]:
    for line in report.meetings:
        title = f"Meeting {line.meeting_id}" if not line.title else line.title
        when = f"{line.created_at:%Y-%m-%d}"
        rounds = "1 round" if line.rounds == 1 else f"{line.rounds} rounds"
        right = "" if line.accuracy is None else f", {line.accuracy:.0f} % right"
        answered = f"{line.answered} of {line.assigned} questions answered"
        yield [title, f"{when}: {rounds}, {answered}{right}"]


def _questions(report: Report) -> Iterable[Sequence[object]]:
    for line in report.questions:
        yield [line.question, line.n, _figure(line.facility), line.key]


def _students(report: Report) -> Iterable[Sequence[object]]:
    grouped = report.has_groups
    for line in report.students:
        yield [
            *(
                line.name,
                *[line.group] * grouped,
                f"{line.answered} of {line.assigned}",
                line.correct,
            ),
            *(_figure(line.accuracy), f"{line.points:g} of {line.possible:g}"),
            _figure(line.adjusted),
        ]


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *([_text(str(cell)) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _text(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"
