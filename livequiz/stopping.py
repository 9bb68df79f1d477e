"""What ends a program that runs until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys


def stop_event(*, with_stdin: bool = False) -> asyncio.Event:
    """Return an event that is set by Ctrl-C, by SIGTERM and by the end of the terminal.

    Args:
        with_stdin: Also when standard input ends. A program that is started with a pipe from its
            parent then ends with it, however the parent ended.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    if with_stdin:
        descriptor = sys.stdin.fileno()

        def read() -> None:
            if not os.read(descriptor, 1024):
                loop.remove_reader(descriptor)
                stop.set()

        loop.add_reader(descriptor, read)
    return stop
