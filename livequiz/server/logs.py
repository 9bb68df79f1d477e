"""Where a server says what happens: all of it in a file, what the host must know on stderr too."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

from livequiz.server.sparing import Sparing

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
FOR_THE_HOST = "livequiz.db.mongod"  # what only the person at the server's machine can mend


@contextlib.contextmanager
def logging_to(path: Path) -> Iterator[None]:
    """Log to a file while the block runs; tokens are never logged.

    Args:
        path: The file, made readable by its owner alone.
    """
    path.touch(mode=0o600)
    file = LogFile(path, encoding="utf-8")
    file.addFilter(Sparing())
    file.setFormatter(logging.Formatter(FORMAT))
    told = Told()
    told.addFilter(logging.Filter(FOR_THE_HOST))
    root = logging.getLogger("livequiz")
    root.addHandler(file)
    root.addHandler(told)
    before = root.level, root.propagate
    root.setLevel(logging.INFO)
    root.propagate = False
    try:
        yield
    finally:
        level, root.propagate = before
        root.setLevel(level)
        root.removeHandler(told)
        root.removeHandler(file)
        with contextlib.suppress(OSError):  # what a full disk did not take
            file.close()


class LogFile(logging.FileHandler):
    """A file that lines may get lost from, on a full disk, but that never ends what it tells of."""

    _failed = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Say once that the file can't be written; Python's own way is a traceback a line."""
        if not self._failed:
            self._failed = True
            _say(f"The log can't be written: {sys.exception()}.")


class Told(logging.Handler):
    """Prints warnings and errors on stderr, each once until there is something else to say."""

    _last = ""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Print a line that is not the one before."""
        if (text := record.getMessage()) != self._last:
            self._last = text
            _say(text)


def _say(text: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # the terminal may be gone
        sys.stderr.write(f"{text}\n")
