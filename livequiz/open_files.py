"""How many files, and so connections, this process may have open."""

from __future__ import annotations

import contextlib


def allow_open_files() -> None:
    """Let this process open as many files as it may: each connection is one, and 1,024 are few."""
    try:
        import resource  # noqa: PLC0415  (Windows has none, and no such limit)
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
