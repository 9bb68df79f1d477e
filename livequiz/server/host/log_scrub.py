"""Replaces a person's id and names in the log files of a data folder."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

LOGS = ("livequiz.log", "audit.log")


def scrub(data_dir: Path, words: Collection[str], pseudonym: str) -> int:
    """Replace whole words in all logs; return the number of lines that changed.

    Args:
        data_dir: The data folder; no server may write to it meanwhile.
        words: An id and names.
        pseudonym: What to write in their place.

    Raises:
        OSError: If a log can't be read or written; then it is as it was.
    """
    # An id is no part of a longer one, and a full stop may end the sentence after it.
    alternatives = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w.@-])(?:{alternatives})(?![\w@-]|\.\w)")

    def replaced(line: str) -> str:
        return pattern.sub(pseudonym, line)

    def in_json(line: str) -> str:
        try:
            fields: dict[str, Any] = json.loads(line)
        except ValueError:  # cut off by a full disk
            return replaced(line)
        found = {k: replaced(v) if isinstance(v, str) else v for k, v in fields.items()}
        return line if found == fields else json.dumps(found, ensure_ascii=True) + "\n"

    plain = [path for name in LOGS[:1] for path in data_dir.glob(f"{name}*")]
    audit = [path for name in LOGS[1:] for path in data_dir.glob(f"{name}*")]
    return sum(
        _rewrite(path, change)
        for paths, change in ((plain, replaced), (audit, in_json))
        for path in paths
    )


def _rewrite(path: Path, change: Callable[[str], str]) -> int:
    before = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    after = [change(line) for line in before]
    changed = sum(old != new for old, new in zip(before, after, strict=True))
    if changed:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent)  # mode 0600
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(after)
        Path(temporary).replace(path)
    return changed
