"""The audit log: what instructors did and who was refused, a line of JSON each; never a token."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from io import FileIO
from pathlib import Path
from typing import Any

from livequiz.domain.buckets import Bucket, Rate
from livequiz.domain.errors import Code, QuizError
from livequiz.protocol import events
from livequiz.protocol.fields import to_timestamp
from livequiz.server.peers import Peer

log = logging.getLogger(__name__)

REST = "(rest)"  # no id may have parentheses
REFUSALS = Rate(burst=500, per_second=1)
ACTIONS = {
    events.JOIN_INSTRUCTOR: "join",
    events.TRIGGER_QUESTIONS: "trigger",
    events.CLOSE_ROUND: "close",
    events.EXTEND_ROUND: "extend",
    events.REMOVE_STUDENT: "remove",
    events.LOCK_MEETING: "lock",
    events.SET_STUDENT: "set_student",
}
REMARKABLE = {*ACTIONS, events.JOIN_STUDENT}  # events of which anything is ever kept


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done or refused.

    Attributes:
        address: The IP address that it came from.
        meeting: The code of the meeting, as it was asked for.
        who: The id of an instructor or a student, empty before a join; `REST` for a script.
        what: One of `ACTIONS`, `ban`, `unlock`, `join_student`, or method and path of a route.
        code: `ok`, the code of the refusal, or `failed` for an error of the server.
        why: The sentence of the refusal.
        student: Whom it was done to, if it was done to somebody.
    """

    address: str
    meeting: str
    who: str
    what: str
    code: str
    why: str | None = None
    student: str | None = None


Audit = Callable[[Entry], None]


def nowhere(_: Entry) -> None:
    """Keep no log."""


class AuditLog:
    """A file that grows by a line for each entry, readable by its owner alone.

    Args:
        path: Where.
        token: The instructor token; it is blotted out, since people paste it into wrong fields.
        now: The clock: aware UTC.

    Refusals over `REFUSALS` are left out and counted, so that nobody can fill the disk.

    Raises:
        QuizError: `bad_request` if the file can't be written.
    """

    def __init__(self, path: Path, token: str, now: Callable[[], datetime]) -> None:
        self._token = re.compile(re.escape(token), re.IGNORECASE)  # a meeting's code is upper-cased
        self._now = now
        self._refusals = Bucket(REFUSALS, time.monotonic())
        self._left_out = 0
        try:
            self._file = FileIO(path, "a", opener=_private)
            path.chmod(0o600)  # it may be there already, with another mode
        except OSError as error:
            message = f"The audit log {path} can't be written ({error.strerror}); move it away."
            raise QuizError(Code.BAD_REQUEST, message, "data_dir") from None

    def __call__(self, entry: Entry) -> None:
        """Write an entry; a class goes on if that fails."""
        if entry.code != "ok" and not self._refusals.take(REFUSALS, time.monotonic()):
            self._left_out += 1
            return
        fields: dict[str, str | int] = {"time": to_timestamp(self._now())}
        if self._left_out:
            fields["left_out"], self._left_out = self._left_out, 0
        for name, text in asdict(entry).items():
            if text is not None:
                fields[name] = self._token.sub("(token)", text)
        # ASCII alone: nothing that ends a line or steers a terminal is left of what was typed.
        line = json.dumps(fields, ensure_ascii=True)
        try:
            self._file.write(f"{line}\n".encode())
        except OSError as error:
            log.error("The audit log can't be written: %s", error.strerror)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@contextlib.contextmanager
def audited(audit: Audit, entry: Callable[[Exception | None], Entry | None]) -> Iterator[None]:
    """Audit how the block ends; `entry` says what is kept of it, given the error if one came."""
    try:
        yield
    except Exception as error:
        _write(audit, entry(error))
        raise
    _write(audit, entry(None))


def of_event(event: str, peer: Peer, request: Any, error: Exception | None = None) -> Entry | None:
    """Return what is kept of an event: all that instructors do, and ids that were kept out."""
    what, who, student = _action(event, request), _id_of(peer), None
    if event == events.JOIN_INSTRUCTOR:
        who = request.instructor_id
    elif what is not None:
        student = getattr(request, "student_id", None)
    # Banned, in use, not on the roster: a join is refused for its id in these cases alone.
    elif event == events.JOIN_STUDENT and getattr(error, "field", None) == "student_id":
        what, who = event, request.student_id
    code, why = result(error)
    # Who floods the server is not given a disk to fill.
    if what is None or code == Code.RATE_LIMITED:
        return None
    return Entry(peer.address, request.meeting_id.upper(), who, what, code, why, student)


def _action(event: str, request: Any) -> str | None:
    if event == events.REMOVE_STUDENT and request.ban:
        return "ban"
    if event == events.LOCK_MEETING and not request.locked:
        return "unlock"
    return ACTIONS.get(event)


def _id_of(peer: Peer) -> str:
    joined = peer.instructor or peer.student
    return joined[1] if joined else ""


def result(error: Exception | None) -> tuple[str, str | None]:
    """Return the code with which something ended, and why."""
    if isinstance(error, QuizError):
        return error.code.value, error.message
    return ("failed" if error else "ok"), None


def _write(audit: Audit, entry: Entry | None) -> None:
    if entry is not None:
        audit(entry)


def _private(path: str, flags: int) -> int:
    """Open a file that nobody else could read even while it is made."""
    return os.open(path, flags, 0o600)
