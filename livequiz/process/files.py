"""User-supplied paths: reads files without blocking, and makes data folders private."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from livequiz.domain.errors import Code, QuizError

OWN = {"mongo", "instructor-token", "meeting"}  # names that mark a folder as LiveQuiz's own


def read_at_most(path: Path, size: int) -> bytes:
    """Return the first bytes of a file, at most `size`.

    A named pipe without a writer reads as empty; a blocking open would hang.

    Raises:
        OSError: If it can't be read.
    """
    with open(path, "rb", opener=_open_at_once) as file:
        return file.read(size)


def _open_at_once(name: str, flags: int) -> int:
    descriptor = os.open(name, flags | getattr(os, "O_NONBLOCK", 0))
    if hasattr(os, "O_NONBLOCK"):
        os.set_blocking(descriptor, True)
    return descriptor


def make_private(data_dir: Path) -> bool:
    """Create a private data folder, or make an existing one private.

    A folder with foreign files keeps its permissions if other users can't write to it.

    Returns:
        Whether the permissions of an existing folder were tightened.

    Raises:
        QuizError: `bad_request` if other users can write to it, and it can't be made private.
        OSError: If it can't be created.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform == "win32":
        return False
    mode = data_dir.stat().st_mode
    if not mode & 0o077:
        return False
    content = {path.name for path in data_dir.iterdir()}
    if not content or content & OWN:
        with contextlib.suppress(OSError):
            data_dir.chmod(0o700)
            return True
    if mode & 0o022:
        raise QuizError(
            Code.BAD_REQUEST,
            f"Other users can change the data folder {data_dir}: choose a folder of your own "
            "with --data-dir, or protect this one with `chmod 700`.",
            "data_dir",
        )
    return False
