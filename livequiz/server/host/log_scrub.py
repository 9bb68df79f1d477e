"""Replaces a person's id and names in the log files of a data folder."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Collection
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
    before = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    after = [change(line) for line in before]
    changed = sum(old != new for old, new in zip(before, after, strict=True))
    if changed:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent)  # mode 0600
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(after)
        Path(temporary).replace(path)
    return changed
