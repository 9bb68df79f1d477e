"""The audit log: one JSON line for each instructor action or refusal, without tokens."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from io import FileIO
from pathlib import Path

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.token_bucket import Bucket, Rate
from livequiz.protocol.fields import to_timestamp

log = logging.getLogger(__name__)

REST = "(rest)"  # can't clash with an id: ids have no parentheses
REFUSALS = Rate(burst=500, per_second=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One action or refusal.

    Attributes:
        address: The client's IP address.
        meeting: The meeting's code, as requested.
        who: The instructor's or student's id; empty before a join; `REST` for a REST call.
        what: An action such as `trigger` or `ban`, `join_student`, or a route's method and path.
        code: `ok`, the refusal's error code, or `failed` for a server error.
        why: The refusal's message, or what the server did by itself.
        student: The student affected, if any.
    """

    address: str
    meeting: str
    who: str
    what: str
    code: str
    why: str | None = None
    student: str | None = None


Audit = Callable[[Entry], None]


def no_audit(_: Entry) -> None:
    """Discard the entry."""


class AuditLog:
    """An append-only log file, one line for each entry, readable only by its owner.

    Args:
        path: The log file.
        tokens: What is redacted: people paste tokens into the wrong fields.
        now: The clock: aware UTC.

    Refusals above the rate `REFUSALS` are only counted, so that nobody can fill the disk.

    Raises:
        QuizError: `bad_request` if the file can't be written.
    """

    def __init__(self, path: Path, tokens: Iterable[str], now: Callable[[], datetime]) -> None:
        # Ignoring case: meeting codes get upper-cased.
        self._token = re.compile("|".join(map(re.escape, tokens)), re.IGNORECASE)
        self._now = now
        self._refusals = Bucket(REFUSALS, time.monotonic())
        self._left_out = 0
        self._path = path
        try:
            self._file = FileIO(path, "a", opener=_private)
            path.chmod(0o600)  # an existing file may have another mode
        except OSError as error:
            message = (
                f"The audit log {path} can't be written ({error.strerror}); move it somewhere else."
            )
            raise QuizError(Code.BAD_REQUEST, message, "data_dir") from None

    def __call__(self, entry: Entry) -> None:
        """Write an entry. A failed write is logged, so that the class can go on."""
        if entry.code != "ok" and not self._refusals.take(REFUSALS, time.monotonic()):
            self._left_out += 1
            return
        fields: dict[str, str | int] = {"time": to_timestamp(self._now())}
        if self._left_out:
            fields["left_out"], self._left_out = self._left_out, 0
        for name, text in asdict(entry).items():
            if text is not None:
                fields[name] = self._token.sub("(token)", text)
        # ASCII only, so that user input can't inject line breaks or terminal control codes.
        line = json.dumps(fields, ensure_ascii=True)
        try:
            self._file.write(f"{line}\n".encode())
        except (OSError, ValueError) as error:  # ValueError: it could not be opened again
            log.error("The audit log can't be written: %s", getattr(error, "strerror", error))

    @contextlib.contextmanager
    def closed(self) -> Iterator[Path]:
        """Close the file while the block runs, which may replace it; yield its path."""
        self._file.close()
        try:
            yield self._path
        finally:
            self._file = FileIO(self._path, "a", opener=_private)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@contextlib.contextmanager
def audited(audit: Audit, entry: Callable[[Exception | None], Entry | None]) -> Iterator[None]:
    """Audit how the block ends. `entry` gets its error, if any, and returns what to write."""
    try:
        yield
    except Exception as error:
        _write(audit, entry(error))
        raise
    _write(audit, entry(None))


def result(error: Exception | None) -> tuple[str, str | None]:
    """Return the audit code of an outcome, and the message of a refusal."""
    if isinstance(error, QuizError):
        return error.code.value, error.message
    return ("failed" if error else "ok"), None


def _write(audit: Audit, entry: Entry | None) -> None:
    if entry is not None:
        audit(entry)


def _private(path: str, flags: int) -> int:
    """Open a file that is private to its owner from the moment it is created."""
    return os.open(path, flags, 0o600)
