"""Server logging: everything to a file, and what the operator must know to stderr as well."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from livequiz.server.host.log_scrub import drop_before
from livequiz.server.host.log_throttle import RepeatedLogFilter

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
FOR_THE_HOST = "livequiz.db.mongod"  # the logger for problems that only the operator can fix


@contextlib.contextmanager
def logging_to(path: Path) -> Iterator[LogFile]:
    """Log to a file while the block runs; tokens are never logged.

    Args:
        path: The file; if it is missing, it is created readable only by its owner.
    """
    path.touch(mode=0o600)
    file = LogFile(path, encoding="utf-8")
    file.addFilter(RepeatedLogFilter())
    file.setFormatter(logging.Formatter(FORMAT))
    told = OperatorStderrHandler()
    told.addFilter(logging.Filter(FOR_THE_HOST))
    root = logging.getLogger("livequiz")
    root.addHandler(file)
    root.addHandler(told)
    before = root.level, root.propagate
    root.setLevel(logging.INFO)
    root.propagate = False
    try:
        yield file
    finally:
        level, root.propagate = before
        root.setLevel(level)
        root.removeHandler(told)
        root.removeHandler(file)
        with contextlib.suppress(OSError):  # buffered lines that a full disk could not take
            file.close()


class LogFile(logging.FileHandler):
    """A log file whose write errors, as on a full disk, lose lines but never raise."""

    _failed = False

    def drop_before(self, moment: datetime) -> None:
        """Delete the lines from before a moment.

        Raises:
            OSError: If the file can't be read or written; then it is as it was.
        """
        self.acquire()
        try:
            stream, self.stream = self.stream, None  # the next line opens the new file
            if stream is not None:
                stream.close()
            drop_before(Path(self.baseFilename), moment)
        finally:
            self.release()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Report once that the file can't be written; Python would print a traceback per line."""
        if not self._failed:
            self._failed = True
            _say(f"The log can't be written: {sys.exception()}.")


class OperatorStderrHandler(logging.Handler):
    """Prints warnings and errors to stderr, skipping consecutive duplicates."""

    _last = ""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Print a message, unless it repeats the last one."""
        if (text := record.getMessage()) != self._last:
            self._last = text
            _say(text)


def _say(text: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # the terminal may be gone
        sys.stderr.write(f"{text}\n")
