"""Signal handling for programs that run until they are stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import sys


def stop_event(*, with_stdin: bool = False) -> asyncio.Event:
    """Return an event that is set by Ctrl-C, SIGTERM or the closing of the terminal.

    Args:
        with_stdin: Also set it at the end of standard input. A program whose standard input is a
            pipe from its parent then ends with the parent, however that one ended.
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
