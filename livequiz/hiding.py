"""Takes a secret off the command line, where everybody on the machine could read it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def hide(flag: str, variable: str) -> None:
    """Start this program anew, in its place, with a flag's value in a variable instead.

    Others read the command line of a process (`/proc/PID/cmdline`), but not its environment. It
    returns if the flag was not given, and where a process can't be replaced.

    Args:
        flag: Such as `--token`.
        variable: The one that means the same.
    """
    secret, rest = without(flag, sys.orig_argv)
    if secret is None or os.name != "posix":
        return
    os.environ[variable] = secret
    os.execv(sys.executable, [sys.executable, *rest[1:]])  # noqa: S606 - no shell is wanted


def without(flag: str, arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return a flag's value, None if it is not there, and the arguments that are left."""
    value, rest, left = None, [], iter(arguments)
    for argument in left:
        name, sign, given = argument.partition("=")
        if name != flag:
            rest.append(argument)
        else:
            value = given if sign else next(left, "")
    return value, rest
