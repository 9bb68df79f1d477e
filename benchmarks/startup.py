"""How long it takes from a command to what a person sees first.

    python -m benchmarks.startup              # medians of 10, interleaved
    python -m benchmarks.startup --repeat 30

A command that prints is timed to its end, one that draws a screen to the moment when words of its
form reach the terminal (a pseudo-terminal of 80x24). Ratios are to an interpreter that imports
`textual.app` and does nothing else, measured in the same run; the processor's time is beside it,
which a busy machine changes less. The first round is not counted: it fills the disk's cache and
writes `.pyc` files.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Sequence
from pathlib import Path

PYTHON = sys.executable
LIVEQUIZ = [PYTHON, "-m", "livequiz"]
TIMEOUT = 30.0  # seconds
COMMANDS: dict[str, tuple[Sequence[str], bytes]] = {  # what is run, until which words stand there
    "python -c pass": ([PYTHON, "-c", "pass"], b""),
    "python -c 'import textual.app'": ([PYTHON, "-c", "import textual.app"], b""),
    "livequiz --version": ([*LIVEQUIZ, "--version"], b""),
    "livequiz --help": ([*LIVEQUIZ, "--help"], b""),
    "livequiz student": ([*LIVEQUIZ, "student"], b"Your name"),
    "livequiz instructor": ([*LIVEQUIZ, "instructor"], b"Your id"),
}
REFERENCE = "python -c 'import textual.app'"


def seconds_of(command: Sequence[str], words: bytes, home: Path) -> tuple[float, float]:
    """Return the seconds from the start of a command to words on its terminal, or to its end.

    First those on the clock, then those that the processor took.
    """
    began = time.perf_counter()
    process, terminal = pty.fork()
    if process == 0:
        os.environ.update(_environment(home))
        os.execv(command[0], list(command))  # noqa: S606
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    try:
        shown = b""
        while not words or words not in shown:
            ready, _, _ = select.select([terminal], [], [], TIMEOUT)
            if not ready:
                raise TimeoutError(f"{words!r} never appeared in {shown[-500:]!r}")
            try:
                shown += os.read(terminal, 65536)
            except OSError:  # the end of a program whose terminal is closed
                if words:
                    raise
                break
        took = time.perf_counter() - began
    finally:
        os.kill(process, signal.SIGKILL)
        _, _, usage = os.wait4(process, 0)
        os.close(terminal)
    return took, usage.ru_utime + usage.ru_stime


def _environment(home: Path) -> dict[str, str]:
    return {
        "TERM": "xterm-256color",
        "LIVEQUIZ_STATE_DIR": str(home / "state"),
        "LIVEQUIZ_DATA_DIR": str(home / "data"),
        "LIVEQUIZ_CONFIG": str(home / "no-config.toml"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeat", type=int, default=10)
    repeat = parser.parse_args().repeat
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as home:
        for number in range(repeat + 1):
            for name, (command, words) in COMMANDS.items():
                seconds = seconds_of(command, words, Path(home))
                if number:
                    took[name].append(seconds)
    medians = {
        name: [statistics.median(column) for column in zip(*runs, strict=True)]
        for name, runs in took.items()
    }
    reference = medians[REFERENCE]
    for name, (clock, processor) in medians.items():
        least = min(run[0] for run in took[name])
        print(  # noqa: T201
            f"{name:<32} {clock * 1000:5.0f} ms (least {least * 1000:4.0f}) "
            f"{clock / reference[0]:5.2f}x   CPU {processor * 1000:5.0f} ms "
            f"{processor / reference[1]:5.2f}x"
        )


if __name__ == "__main__":
    main()
