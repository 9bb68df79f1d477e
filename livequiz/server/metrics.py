"""Counters in the text format of Prometheus."""

from __future__ import annotations

from livequiz import __version__
from livequiz.server.service import QuizService


def exposition(service: QuizService) -> str:
    """Return what `/metrics` shows."""
    meetings = service.meetings.known()
    figures = (
        ("livequiz_info", "gauge", "The version.", f'{{version="{__version__}"}}', 1),
        ("livequiz_connections", "gauge", "Open connections.", "", len(service.connections())),
        ("livequiz_meetings", "gauge", "Meetings that this process serves.", "", len(meetings)),
        (
            "livequiz_open_rounds",
            "gauge",
            "Rounds that take answers.",
            "",
            sum(meeting.open is not None for meeting in meetings),
        ),
        (
            "livequiz_responses_total",
            "counter",
            "Responses stored since the start.",
            "",
            service.answers.stored_total,
        ),
    )
    return "".join(
        f"# HELP {name} {text}\n# TYPE {name} {kind}\n{name}{labels} {value}\n"
        for name, kind, text, labels, value in figures
    )
