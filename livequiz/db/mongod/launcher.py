"""Executes a program that the kernel terminates when its parent dies; Linux only.

Run as a separate script: `python launcher.py PARENT PROGRAM ARGUMENTS...`. That way the server,
which has threads, runs no Python code between fork and exec, where a lock held by another thread
could deadlock it.

The kernel watches the *thread* that forked, not the process. asyncio forks in the thread of the
event loop, so the program ends with that thread: an event loop that starts a mongod must run in a
thread that outlives it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    """Replace this process with `command`, unless the parent has already died.

    Args:
        parent: The expected process id of the parent.
        command: The program's path and its arguments.
    """
    # SIGTERM, so that mongod shuts down cleanly; the next start kills one that hangs.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() == parent:  # the parent may have died before prctl
        os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
