"""The payloads of `docs/protocol.md` section 2, written down a second time, by hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Check = Callable[[Any], bool]
Shape = dict[str, Any]

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ID = re.compile(r"[0-9a-f]{24}")


def text(value: Any) -> bool:
    return isinstance(value, str)


def whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def flag(value: Any) -> bool:
    return isinstance(value, bool)


def texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(text, value))


def any_answer(value: Any) -> bool:
    return text(value) or number(value) or isinstance(value, list)


def counts(value: Any) -> bool:
    return isinstance(value, dict) and all(map(text, value)) and all(map(whole, value.values()))


def time(value: Any) -> bool:
    """ISO 8601, UTC, milliseconds."""
    return text(value) and TIME.fullmatch(value) is not None


def oid(value: Any) -> bool:
    return text(value) and ID.fullmatch(value) is not None


def one_of(*words: str) -> Check:
    return lambda value: value in words


@dataclass(frozen=True)
class Maybe:
    """A field that may be left out."""

    check: Any


@dataclass(frozen=True)
class OrNull:
    """A field that may be null."""

    check: Any


@dataclass(frozen=True)
class Each:
    """An array of these."""

    check: Any


def assert_shape(value: Any, shape: Any, where: str = "$") -> None:
    """Fail unless a JSON value has exactly these fields, of these types."""
    if isinstance(shape, OrNull):
        if value is not None:
            assert_shape(value, shape.check, where)
    elif isinstance(shape, Each):
        assert isinstance(value, list), f"{where} is {value!r}"
        for place, item in enumerate(value):
            assert_shape(item, shape.check, f"{where}[{place}]")
    elif isinstance(shape, dict):
        _assert_fields(value, shape, where)
    elif callable(shape):
        assert shape(value), f"{where} is {value!r}"
    else:
        assert value == shape, f"{where} is {value!r}"
        assert type(value) is type(shape)


def _assert_fields(value: Any, shape: Shape, where: str) -> None:
    assert isinstance(value, dict), f"{where} is {value!r}"
    required = {name for name, check in shape.items() if not isinstance(check, Maybe)}
    assert value.keys() >= required, f"{where} lacks {sorted(required - value.keys())}"
    assert value.keys() <= shape.keys(), f"{where} has {sorted(value.keys() - shape.keys())} too"
    for name, item in value.items():
        check = shape[name]
        assert_shape(item, check.check if isinstance(check, Maybe) else check, f"{where}.{name}")


ERROR: Shape = {
    **{"code": text, "message": text, "event": text},
    **{"field": Maybe(text), "in_doubt": Maybe(flag)},
}

# --- to students -------------------------------------------------------------------------------

CONNECTED: Shape = {"socket_id": text}
PLACE: Shape = {
    "rank": whole,
    "name": text,
    "points": number,
    "move": Maybe(whole),
    "own": Maybe(True),
}
LEADERBOARD: Shape = {"round_id": oid, "places": Each(PLACE), "of": whole}
LEADERBOARD_SHOWN: Shape = {
    "round_id": text,
    "places": Each(PLACE),
    "of": Maybe(whole),
    "top": whole,
    "names": one_of("names", "initials", "nicknames"),
}
HISTORY_ITEM: Shape = {
    "round_number": whole,
    "question": text,
    "correct": OrNull(flag),
    "answered": flag,
    "response_time": Maybe(number),
    "correct_option": Maybe(text),
}
JOINED: Shape = {
    "success": True,
    "student_id": text,
    "meeting_id": text,
    "socket_id": text,
    "resume_token": text,
    "server_time": time,
    "round": OrNull({"round_id": oid, "round_number": whole, "remaining": number}),
    "name": text,
    "total_points": whole,
    "streak": whole,
    "history": Each(HISTORY_ITEM),
    "leaderboard": Maybe(LEADERBOARD),
    "practice": Maybe(True),
}
NEW_QUESTION: Shape = {
    "question_id": oid,
    "question": text,
    "options": texts,
    "sent_time": time,
    "round_id": oid,
    "round_number": whole,
    "type": "single",
    "duration": number,
    "deadline": time,
    "remaining": number,
    "server_time": time,
    "points": number,
    "topic": Maybe(text),
}
ANSWER_RESULT: Shape = {
    "correct": OrNull(flag),
    "correct_answer": OrNull(whole),
    "your_answer": OrNull(whole),
    "question_id": oid,
    "round_id": oid,
    "response_time": OrNull(number),
    "points": OrNull(number),
    "total_points": whole,
    "streak": whole,
    "explanation": Maybe(text),
    "duplicate": flag,
}
REASON = one_of("time", "instructor", "complete")
STUDENT_ROUND_CLOSED: Shape = {"round_id": oid, "reason": REASON, "result": Maybe(ANSWER_RESULT)}
ROUND_EXTENDED: Shape = {
    "round_id": oid,
    "deadline": time,
    "remaining": number,
    "server_time": time,
    "extra_time": Maybe(number),
}
PRESENCE_UPDATED: Shape = {"meeting_id": text, "here": whole}
REMOVED: Shape = {"reason": one_of("removed", "banned", "replaced"), "message": text}
ASKED: Shape = {
    "question_id": oid,
    "question": text,
    "options": texts,
    "type": text,
    "round_number": whole,
    "points": number,
    "topic": Maybe(text),
}
OWN_HISTORY: Shape = {
    "items": Each(
        {
            **ASKED,
            "your_answer": OrNull(any_answer),
            "correct": flag,
            "earned": number,
            "correct_answer": any_answer,
            "correct_text": Maybe(text),
            "explanation": Maybe(text),
            "response_time": Maybe(number),
        }
    ),
    "left_out": Maybe(whole),
}
PRACTICE: Shape = {"questions": Each(ASKED)}
PRACTICE_RESULT: Shape = {
    "question_id": oid,
    "your_answer": any_answer,
    "correct": flag,
    "earned": number,
    "correct_answer": any_answer,
    "correct_text": Maybe(text),
    "explanation": Maybe(text),
}
TIME_SYNCED: Shape = {"client_time": OrNull(number), "server_time": time}

# --- to instructors ----------------------------------------------------------------------------

INSTRUCTOR_JOINED: Shape = {"success": True, "instructor_id": text, "meeting_id": text}
TYPES = Maybe(Each(one_of("single", "true_false", "multiple", "numeric", "short_text")))
WAY = Maybe(one_of("page", "ssh", "terminal", "plain"))
STUDENT_JOINED: Shape = {
    "student_id": text,
    "name": text,
    "meeting_id": text,
    "rejoined": flag,
    "question_types": TYPES,
    "way": WAY,
}
STUDENT_LEFT: Shape = {
    "student_id": text,
    "name": text,
    "meeting_id": text,
    "reason": one_of("left", "disconnected", "removed", "banned"),
}
QUESTIONS_SENT: Shape = {
    "success": True,
    "count": whole,
    "assignments": Each({"student_id": text, "name": text, "question_id": oid, "question": text}),
    "round_id": oid,
    "round_number": whole,
    "duration": number,
    "deadline": time,
    "distinct": flag,
    "draw_seed": whole,
    "warnings": texts,
    "late": Maybe(True),
    "extra_time": Maybe(number),
}
QUESTION_STATS: Shape = {
    "question_id": oid,
    "responses": whole,
    "correct": whole,
    "accuracy": OrNull(number),
}
ROUND_STATS: Shape = {
    "assigned": whole,
    "answered": whole,
    "correct": whole,
    "accuracy": OrNull(number),
    "mean_response_time": OrNull(number),
}
STATS: Shape = {"question": QUESTION_STATS, "round": ROUND_STATS}
ANSWER_UPDATE: Shape = {
    "student_id": text,
    "student_name": text,
    "question_id": oid,
    "answer": whole,
    "correct": flag,
    "stats": STATS,
    "timestamp": time,
    "round_id": oid,
    "response_time": number,
    "points": number,
}
ANSWER_UPDATES: Shape = {"updates": Each(ANSWER_UPDATE), "stats": STATS, "dropped": 0}
SUMMARY: Shape = {
    "stats": ROUND_STATS,
    "questions": Each(QUESTION_STATS),
    "unanswered": texts,
    "hardest": OrNull(
        {
            "question_id": oid,
            "question": text,
            "responses": whole,
            "correct": whole,
            "accuracy": number,
        }
    ),
    "slowest": OrNull({"student_id": text, "name": text, "response_time": number}),
}
ROUND_CLOSED: Shape = {"round_id": oid, "reason": REASON, "summary": SUMMARY}
MEETING_UPDATED: Shape = {
    "meeting_id": text,
    "locked": flag,
    "student_id": Maybe(text),
    "time_factor": Maybe(number),
    "database_away": Maybe(number),
    "moved": Maybe(number),
    "banned": Maybe(texts),
    "results_of": Maybe(text),
    "leaderboard": Maybe(LEADERBOARD_SHOWN),
    "practised": Maybe(counts),
}
PREVIEW: Shape = {
    "students": whole,
    "matching": whole,
    "sharing": whole,
    "bank": whole,
    "topics": texts,
    "warnings": texts,
    "left_out": Maybe(whole),
}
BANK_QUESTION: Shape = {
    "question_id": oid,
    "question": text,
    "options": texts,
    "correct": lambda value: whole(value) or isinstance(value, list),
    "type": text,
    "points": number,
    "time_limit": OrNull(number),
    "topics": texts,
    "difficulty": OrNull(one_of("easy", "medium", "hard")),
    "explanation": OrNull(text),
    "source": OrNull(text),
}
BANK_PAGE: Shape = {"questions": Each(BANK_QUESTION), "next": OrNull(oid)}
SNAPSHOT: Shape = {
    "meeting_id": text,
    "locked": flag,
    "server_time": time,
    "bank": whole,
    "topics": texts,
    "banned": Maybe(texts),
    "unreadable": Maybe(texts),
    "ssh_port": Maybe(whole),
    "address": Maybe(text),
    "results_of": Maybe(text),
    "leaderboard": Maybe(LEADERBOARD_SHOWN),
    "students": Each(
        {
            "student_id": text,
            "name": text,
            "status": one_of("active", "inactive"),
            "joined_at": time,
            "total_points": whole,
            "streak": whole,
            "time_factor": number,
            "question_types": TYPES,
            "way": WAY,
            "asked": Maybe(whole),
            "answered": Maybe(whole),
            "correct": Maybe(whole),
            "missed": Maybe(whole),
            "away_since": Maybe(time),
            "practised": Maybe(whole),
        }
    ),
    "round": OrNull(
        {
            "round_id": oid,
            "round_number": whole,
            "state": one_of("open", "closed"),
            "reason": OrNull(REASON),
            "opened_at": time,
            "deadline": time,
            "duration": number,
            "remaining": number,
            "draw_seed": whole,
            "distinct": flag,
            "reveal": one_of("at_once", "after_round"),
            "points_for": Maybe(one_of("speed", "off")),
            "warnings": texts,
            "stats": ROUND_STATS,
            "summary": OrNull(SUMMARY),
            "extra_time": Maybe(number),
        }
    ),
    "assignments": Each(
        {
            "student_id": text,
            "name": text,
            "question_id": oid,
            "status": one_of("sent", "answered", "expired"),
            "answer": Maybe(whole),
            "correct": Maybe(flag),
            "response_time": Maybe(number),
            "points": Maybe(number),
            "timestamp": Maybe(time),
        }
    ),
    "questions": Each(
        {
            "question_id": oid,
            "question": text,
            "options": texts,
            "correct": whole,
            "type": "single",
            "points": number,
            "topics": texts,
            "difficulty": OrNull(text),
            "explanation": OrNull(text),
            "stats": QUESTION_STATS,
        }
    ),
}
