"""Files and folders that a person names: read without hanging, closed to others."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from livequiz.domain.errors import Code, QuizError

OWN = {"mongo", "instructor-token", "meeting"}  # what no other program's folder has


def read_at_most(path: Path, size: int) -> bytes:
    """Return the beginning of a file, at most `size` bytes.

    A pipe whose other end nobody has opened is empty; opening it as usual would wait for ever.

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
    """Make a data folder that nobody else can enter, or close one that others can.

    A folder that holds other people's things is left as it is, if they can only read it.

    Returns:
        Whether it was open.

    Raises:
        QuizError: `bad_request` if others can change what is in it, and that can't be ended.
        OSError: If it can't be made.
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
            f"Others can change the data folder {data_dir}: choose a folder of your own with "
            "--data-dir, or close this one with `chmod 700`.",
            "data_dir",
        )
    return False
