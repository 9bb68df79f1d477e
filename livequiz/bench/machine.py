"""The machine and software versions of a benchmark, so that it can be reproduced."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from pathlib import Path

from livequiz import __version__
from livequiz.bench.stored import version_of
from livequiz.bench.subject import Subject

PACKAGES = ("python-socketio", "python-engineio", "aiohttp", "uvloop", "motor", "pymongo")


async def describe(subject: Subject) -> dict[str, str]:
    """Return the machine's properties and software versions, by name."""
    machine = {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.release()}",
        "memory": _memory(),
        "livequiz": __version__,
        "Python": ".".join(map(str, sys.version_info[:3])),
        "MongoDB": await version_of(subject),
    }
    versions = {package: _version(package) for package in PACKAGES}
    return {name: text for name, text in {**machine, **versions}.items() if text}


def _version(package: str) -> str:
    """Return the version of a package, or an empty string if it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _processor() -> str:
    """Return the CPU's model name; on Linux, Python knows only its architecture."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _memory() -> str:
    try:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return ""
    return f"{size / 2**30:.0f} GiB"
