"""Replaces a person's id and names in the log files of a data folder, and drops old lines."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import Any

PEOPLE = ("who", "student")  # fields of the audit log that hold an id
TEXTS = ("what", "why")  # those that may contain one

Change = Callable[[str], str]


def scrub(
    data_dir: Path, words: Collection[str], pseudonym: str, meetings: Collection[str] = ()
) -> int:
    """Replace whole words in all logs; return the number of lines that changed.

    Args:
        data_dir: The data folder; no server may write to it meanwhile.
        words: An id and names, none of them empty.
        pseudonym: What to write in their place.
        meetings: In the audit log, only lines about these meetings; all if empty.

    Raises:
        OSError: If a log can't be read or written; then it is as it was.
    """
    # An id is no part of a longer one, and a full stop may end the sentence after it.
    alternatives = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w.@-])(?:{alternatives})(?![\w@-]|\.\w)")

    def in_text(text: str) -> str:
        return pattern.sub(pseudonym, text)

    def in_message(line: str) -> str:
        """Change what follows the time, the level and the logger's name."""
        head, colon, message = line.partition(": ")
        return head + colon + in_text(message) if colon else in_text(line)

    def in_entry(line: str) -> str:
        try:
            entry: dict[str, Any] = json.loads(line)
        except ValueError:  # cut off by a full disk
            return in_text(line)
        if meetings and entry.get("meeting") not in meetings:
            return line
        changed = dict(entry)
        changed |= {name: pseudonym for name in PEOPLE if entry.get(name) in words}
        changed |= {
            name: in_text(entry[name]) for name in TEXTS if isinstance(entry.get(name), str)
        }
        return line if changed == entry else json.dumps(changed, ensure_ascii=True) + "\n"

    logs: dict[str, Change] = {"livequiz.log*": in_message, "audit.log*": in_entry}
    return sum(
        _rewrite(path, change) for names, change in logs.items() for path in data_dir.glob(names)
    )


def _rewrite(path: Path, change: Change) -> int:
    before = _lines(path)
    after = [change(line) for line in before]
    changed = sum(old != new for old, new in zip(before, after, strict=True))
    if changed:
        _replace(path, after)
    return changed


def drop_before(path: Path, moment: datetime) -> None:
    """Delete a log's lines from before a moment: all above the first one that is not.

    The log must not be open for writing.

    Raises:
        OSError: If the log can't be read or written; then it is as it was.
    """
    lines = _lines(path)
    times = ((index, _time_of(line)) for index, line in enumerate(lines))
    # A line without a time, as of a traceback, belongs to the one above it.
    first = next((index for index, time in times if time and time >= moment), len(lines))
    if first:
        _replace(path, lines[first:])


def _time_of(line: str) -> datetime | None:
    """Return the time of a line of `audit.log` or, in local time, of `livequiz.log`."""
    try:
        if line.startswith("{"):
            return datetime.fromisoformat(json.loads(line)["time"])
        return datetime.strptime(line[:19], "%Y-%m-%d %H:%M:%S").astimezone()
    except (ValueError, KeyError, TypeError):
        return None


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)


def _replace(path: Path, lines: list[str]) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)  # mode 0600
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(lines)
    Path(temporary).replace(path)
