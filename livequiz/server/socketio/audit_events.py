"""Audit log entries for Socket.IO events."""

from __future__ import annotations

from typing import Any

from livequiz.domain.errors import Code
from livequiz.protocol import events
from livequiz.server.quiz.audit_log import Entry, result
from livequiz.server.socketio.session import ConnectionSession

ACTIONS = {
    events.JOIN_INSTRUCTOR: "join",
    events.TRIGGER_QUESTIONS: "trigger",
    events.CLOSE_ROUND: "close",
    events.EXTEND_ROUND: "extend",
    events.REMOVE_STUDENT: "remove",
    events.LOCK_MEETING: "lock",
    events.SHOW_RESULTS: "show_results",
    events.SHOW_LEADERBOARD: "show_leaderboard",
    events.SET_STUDENT: "set_student",
    events.EDIT_QUESTION: "edit_question",
    events.RETIRE_QUESTION: "retire_question",
}
REMARKABLE = {*ACTIONS, events.JOIN_STUDENT}  # the events that can be audited


def of_event(
    event: str, session: ConnectionSession, request: Any, error: Exception | None = None
) -> Entry | None:
    """Return an event's audit entry: of an instructor's action, or a join refused for its id."""
    joined = session.instructor or session.student
    what, who, student = _action(event, request), joined[1] if joined else "", None
    if event == events.JOIN_INSTRUCTOR:
        who = request.instructor_id
    elif what is not None:
        student = getattr(request, "student_id", None)
    # The join was refused for its id: it is banned, in use, or not on the roster.
    elif event == events.JOIN_STUDENT and getattr(error, "field", None) == "student_id":
        what, who = event, request.student_id
    code, why = result(error)
    # Don't let a flood fill the disk.
    if what is None or code == Code.RATE_LIMITED:
        return None
    return Entry(session.address, request.meeting_id.upper(), who, what, code, why, student)


def _action(event: str, request: Any) -> str | None:
    if event == events.REMOVE_STUDENT and request.ban:
        return "ban"
    if event == events.LOCK_MEETING and not request.locked:
        return "unlock"
    if event == events.SHOW_RESULTS and not request.shown:
        return "hide_results"
    if event == events.SHOW_LEADERBOARD and not request.shown:
        return "hide_leaderboard"
    return ACTIONS.get(event)
