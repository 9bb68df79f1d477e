"""Becomes another program that the kernel ends when its parent dies; Linux only.

It is run as a script of its own: `python launcher.py PARENT PROGRAM ARGUMENTS...`. So the
server, which has threads, never runs code between fork and exec, where a lock that another
thread held would hang it.

The kernel watches the *thread* that forked, not the process. asyncio forks in the thread of the
event loop, so the program ends with that thread: a loop that starts a mongod must run in a
thread that lives as long as the mongod shall.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    """Become `command`, unless the parent is gone already.

    Args:
        parent: The process id that the parent must have.
        command: The program's path and its arguments.
    """
    # SIGTERM, so that a mongod closes its files; the next start kills one that does not.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() == parent:  # it may have died before the kernel was asked
        os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
