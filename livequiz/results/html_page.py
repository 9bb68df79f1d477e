"""A report as one HTML file: charts are inline SVG, and it needs no script and no other file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import jinja2

from livequiz.domain.key_wording import letter
from livequiz.results.report import Report, ResponseLine

MOST_COLUMNS = 40  # rounds in the table of students, so that it fits the page in landscape


@dataclass(frozen=True, slots=True)
class _Cell:
    """A student's round: a mark, and its sentence for those who point at it or hear it."""

    mark: str
    kind: str
    title: str


def write(report: Report) -> bytes:
    """Return the page."""
    rounds = report.rounds[-MOST_COLUMNS:]
    page = _TEMPLATES.get_template("page.html.jinja").render(
        report=report,
        rounds=rounds,
        left_out=len(report.rounds) - len(rounds),
        cells=_cells(report.responses),
        flagged=[line for line in report.questions if line.flags],
        several=len(report.meetings) > 1,
        classes=len({line.class_name for line in report.students}) > 1,
        totals=_totals(report),
    )
    return page.encode()


def _cells(responses: list[ResponseLine]) -> Mapping[tuple[str, str, str, int], _Cell]:
    """Return what each student did in each round, by class, student id, meeting and number."""
    found = {}
    for line in responses:
        mark, kind = "–", "none"
        if line.answered:
            partly = 0 < (line.share or 0) < 100
            mark, kind = ("✓", "right") if line.correct else ("✗", "wrong")
            mark, kind = ("½", "partly") if partly and not line.correct else (mark, kind)
        said = {"none": "no answer", "right": "right", "wrong": "wrong", "partly": "partly right"}
        title = f"Round {line.round}, {said[kind]}: {line.question}"
        key = line.class_name, line.student_id, line.meeting_id, line.round
        found[key] = _Cell(mark, kind, title)
    return found


def _totals(report: Report) -> dict[str, int]:
    return {
        name: sum(getattr(line, name) for line in report.meetings)
        for name in ("assigned", "answered", "correct")
    }


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} %"


def _number(value: float | None, places: int = 0) -> str:
    return "–" if value is None else f"{value:.{places}f}"


_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("livequiz.results", "."),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
_TEMPLATES.filters.update(percent=_percent, number=_number, letter=letter)
