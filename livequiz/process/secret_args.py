"""Keeps secrets off the command line, where every user of the machine could read them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def reexec_with_secret_in_env(flag: str, variable: str) -> None:
    """Re-execute this program with a flag's value in an environment variable instead.

    Other users can read a process's command line (`/proc/PID/cmdline`), but not its environment.
    Returns if the flag was not given, or if the system can't replace a process.

    Args:
        flag: The flag, such as `--token`.
        variable: The equivalent environment variable.
    """
    secret, rest = without(flag, sys.orig_argv)
    if secret is None or os.name != "posix":
        return
    os.environ[variable] = secret
    os.execv(sys.executable, [sys.executable, *rest[1:]])  # noqa: S606 - no shell is wanted


def without(flag: str, arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return a flag's value (None if it is missing) and the remaining arguments."""
    value, rest, left = None, [], iter(arguments)
    for argument in left:
        name, sign, given = argument.partition("=")
        if name != flag:
            rest.append(argument)
        else:
            value = given if sign else next(left, "")
    return value, rest
