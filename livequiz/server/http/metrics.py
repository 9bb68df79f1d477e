"""Metrics in the Prometheus text format."""

from __future__ import annotations

from collections.abc import Collection

from livequiz import __version__
from livequiz.server.quiz.service import QuizService


def exposition(service: QuizService, connected: Collection[str]) -> str:
    """Return the body of `/metrics`; `connected` holds the ids of the open sockets."""
    meetings = service.meetings.known()
    figures = (
        ("livequiz_info", "gauge", "The version.", f'{{version="{__version__}"}}', 1),
        ("livequiz_connections", "gauge", "Open connections.", "", len(connected)),
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
