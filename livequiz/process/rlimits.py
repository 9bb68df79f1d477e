"""Raises the limit on open files, which also limits connections."""

from __future__ import annotations

import contextlib


def raise_open_file_limit() -> None:
    """Raise the soft limit on open files: each connection needs one, and 1,024 is too few."""
    try:
        import resource  # noqa: PLC0415  (Windows has none, and no such limit)
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
