"""The mongod log: rotates it, and extracts why mongod failed in plain words."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from pathlib import Path

from livequiz.db.mongod.diagnosis import illegal_instruction

LARGEST = 10 * 1024 * 1024  # bytes; a larger log is rotated at the next start
LITTLE = 1024 * 1024  # bytes of free disk space with which mongod can't start
TAIL = 256 * 1024  # bytes at the end of the log that are searched for a reason

ANOTHER_FOLDER = "choose another folder with --data-dir"
# Patterns in mongod's errors, and our explanations; the first pattern that matches anywhere wins.
FULL = "the disk is full: free some space"
REASONS = (
    (r"no space left on device|disk quota exceeded", FULL),
    (
        r"featureCompatibilityVersion|wrong mongod version|unsupported WiredTiger (file )?version"
        r"|IncompatibleServerVersion",
        "its data files were written by another version of MongoDB: "
        f"use that version's mongod with LIVEQUIZ_MONGOD, or {ANOTHER_FOLDER}",
    ),
    (r"read-only file system", f"the disk is read-only: {ANOTHER_FOLDER}"),
    (
        r"permission denied|operation not permitted|lock file on a read-only directory",
        f"it has no permission to use its data files: restore their owner, or {ANOTHER_FOLDER}",
    ),
    (
        r"instance is already running|unable to lock the lock file",
        f"another mongod is using its data files: stop it, or {ANOTHER_FOLDER}",
    ),
    (r"too many open files", "it can't open enough files: raise the limit with `ulimit -n 4096`"),
    (r"cannot allocate memory|out of memory", "there is not enough free memory"),
    (
        r"corrupt|WT_TRY_SALVAGE|does not appear to be a WiredTiger file|--repair|checksum",
        f"its data files are damaged: restore a backup of the folder, or {ANOTHER_FOLDER}",
    ),
)
# "Fatal assertion", its signal and its banner: noise after the error that says why.
NOISE = {23089, 23090, 23091, 23092, 6384300}


def open_log(path: Path) -> int:
    """Open a log for appending, readable only by its owner; rotate it if it is large.

    Returns:
        A file descriptor.

    Raises:
        OSError: If it can't be opened.
    """
    if path.exists() and path.stat().st_size > LARGEST:
        path.replace(path.with_name(path.name + ".1"))
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def reason(path: Path, since: int, returncode: int | None) -> str | None:
    """Return why a mongod ended, worded to follow "since"; None if unknown.

    Args:
        path: Its log.
        since: The log's size in bytes when it was started.
        returncode: Its exit status; negative for a signal, None if it is still running.
    """
    errors = _errors(_read(path, since))
    everything = "\n".join(errors)
    for pattern, words in REASONS:
        if re.search(pattern, everything, re.IGNORECASE):
            return words
    if _is_full(path.parent):
        return FULL
    if returncode == -signal.SIGILL:
        return illegal_instruction()
    if returncode == -signal.SIGKILL:
        return "it was killed, perhaps because memory ran out"
    return errors[-1][:300] if errors else None


def _is_full(folder: Path) -> bool:
    """Return whether the disk is so full that mongod can't even log that it is."""
    try:
        return shutil.disk_usage(folder).free < LITTLE
    except OSError:
        return False


def _read(path: Path, since: int) -> str:
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(since, size - TAIL))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def _errors(text: str) -> list[str]:
    """Return the log's errors, one line each; mongod's output before it logs is not JSON."""
    found = []
    for line in text.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            found += [line.strip()] if line.strip() else []
            continue
        if entry.get("s") in {"E", "F"} and entry.get("id") not in NOISE:
            found.append(_words(entry.get("msg", ""), entry.get("attr", {})))
    return found


def _words(message: str, attributes: dict[str, object]) -> str:
    values = (attributes.get(name) for name in ("error", "reason", "message"))
    # WiredTiger's "error" is a bare number; the text is in a later attribute.
    details = next((value for value in values if value and not isinstance(value, int)), "")
    text = details if isinstance(details, str) else json.dumps(details)
    return f"{message}: {text}" if text else message
