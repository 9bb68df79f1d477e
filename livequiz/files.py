"""Files that a person names: read without hanging, and only so much of them."""

from __future__ import annotations

import os
from pathlib import Path


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
