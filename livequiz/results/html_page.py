"""A report as one HTML file: charts are inline SVG, and it needs no script and no other file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten

import jinja2

from livequiz.domain.key_wording import letter
from livequiz.results.report import ADJUSTED, Report, ResponseLine, StudentLine

MOST_COLUMNS = 10  # rounds of a table: as many as fit beside names and ids on A4 and Letter upright
_LONGEST_TITLE = 60  # characters of a question that each of its cells repeats


@dataclass(frozen=True, slots=True)
class _Cell:
    """A student's round: a mark, and its sentence for those who point at it or hear it."""

    mark: str
    kind: str
    title: str


_NOTHING = _Cell("", "", "")
_MARKS = {"none": "–", "right": "✓", "wrong": "✗", "partly": "½"}
_SAID = {"none": "no answer", "right": "right", "wrong": "wrong", "partly": "partly right"}


@dataclass(frozen=True, slots=True)
class _Table:
    """Rounds of a meeting, with the students who had a question in any of the meeting."""

    heading: str
    rounds: Sequence[int]
    rows: Sequence[tuple[StudentLine, Sequence[_Cell]]]


def write(report: Report) -> bytes:
    """Return the page."""
    page = _TEMPLATES.get_template("page.html.jinja").render(
        report=report,
        tables=list(_tables(report)),
        flagged=[line for line in report.questions if line.flags],
        several=len(report.meetings) > 1,
        classes=len({line.class_name for line in report.students}) > 1,
        grouped=report.has_groups,
        adjusted=ADJUSTED,
        totals=_totals(report),
    )
    return page.encode()


def _tables(report: Report) -> Iterator[_Table]:
    """Yield the rounds of each meeting, as many at a time as fit on a page."""
    marked = _cells(report.responses)
    for meeting in report.meetings:
        rounds = [line.round for line in report.rounds if line.meeting_id == meeting.meeting_id]
        had = marked.get(meeting.meeting_id, {})
        rows = [
            (student, own)
            for student in report.students
            if (own := had.get((student.class_name, student.student_id)))
        ]
        name = f"{meeting.title} ({meeting.meeting_id})" if meeting.title else meeting.meeting_id
        for first in range(0, len(rounds), MOST_COLUMNS):
            some = rounds[first : first + MOST_COLUMNS]
            heading = _numbered(some)
            heading = f"{name}: {heading}" if len(report.meetings) > 1 else heading.capitalize()
            shown = [(student, [own.get(n, _NOTHING) for n in some]) for student, own in rows]
            yield _Table(heading, some, shown)


def _numbered(rounds: Sequence[int]) -> str:
    match rounds:
        case [only]:
            return f"round {only}"
        case [first, last]:
            return f"rounds {first} and {last}"
    return f"rounds {rounds[0]} to {rounds[-1]}"


def _cells(
    responses: Sequence[ResponseLine],
) -> Mapping[str, Mapping[tuple[str, str], Mapping[int, _Cell]]]:
    """Return what each student did, by meeting, then class and id, then round."""
    questions = {line.question for line in responses}
    short = {text: shorten(text, _LONGEST_TITLE, placeholder="...") for text in questions}
    found: dict[str, dict[tuple[str, str], dict[int, _Cell]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for line in responses:
        kind = "none"
        if line.answered:
            partly = 0 < (line.share or 0) < 100
            kind = "right" if line.correct else "partly" if partly else "wrong"
        title = f"Round {line.round}, {_SAID[kind]}: {short[line.question]}"
        student = line.class_name, line.student_id
        found[line.meeting_id][student][line.round] = _Cell(_MARKS[kind], kind, title)
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
