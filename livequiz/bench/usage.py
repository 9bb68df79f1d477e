"""CPU and memory usage of another process."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU time since the process started, in seconds, and resident memory, in bytes."""

    cpu: float
    memory: int


def usage(pid: int) -> Usage:
    """Return the usage of one of our processes, including its threads but not its children.

    Raises:
        ProcessLookupError: If it has ended.
    """
    if sys.platform == "linux":
        try:
            status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
            # The kernel's clock id for another process's CPU time, in nanoseconds; /proc counts in
            # hundredths of a second.
            cpu = time.clock_gettime((~pid << 3) | 2)
        except OSError:
            raise ProcessLookupError(f"Process {pid} has ended.") from None
        return Usage(cpu, _kilobytes(status) * 1024)
    return of_ps(pid)


def of_ps(pid: int) -> Usage:
    """Return the usage from `ps`, which every Unix has."""
    command = ["ps", "-o", "rss=", "-o", "time=", "-p", str(pid)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    if len(said) != 2:
        raise ProcessLookupError(f"Process {pid} has ended.")
    return Usage(_seconds(said[1]), int(said[0]) * 1024)


def _kilobytes(status: str) -> int:
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    if found is None:  # a zombie: ended but not yet reaped
        raise ProcessLookupError("The process has ended.")
    return int(found[1])


def _seconds(clock: str) -> float:
    """Return the seconds of `[[days-]hours:]minutes:seconds`."""
    days, _, rest = clock.rpartition("-")
    total = 0.0
    for part in rest.split(":"):
        total = total * 60 + float(part)
    return total + 86_400 * int(days or 0)
