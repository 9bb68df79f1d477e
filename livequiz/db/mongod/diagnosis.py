"""Diagnoses why a mongod does not run on this machine, in a sentence that says what to do."""

from __future__ import annotations

import re
import signal
import subprocess
from pathlib import Path

OTHERWISE = "give the address of a running MongoDB with --mongo-url"
LDD_TIMEOUT = 10.0  # seconds
CPUINFO = Path("/proc/cpuinfo")

# The Debian and Ubuntu packages that contain the libraries MongoDB's builds need.
PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
    "libssl.so.1.1": "libssl1.1",
    "libcrypto.so.1.1": "libssl1.1",
}


def why_not(path: Path, returncode: int, output: str) -> str:
    """Return why `mongod --version` failed.

    Args:
        path: The mongod.
        returncode: Its exit status; negative for a signal.
        output: Its output.
    """
    linked = _ldd(path) + output
    if libraries := missing_libraries(linked):
        return _libraries_sentence(path, libraries)
    if glibc := needed_glibc(linked):
        return (
            f"The mongod at {path} needs glibc {glibc}, and this system's is older: "
            f"use a newer system, or {OTHERWISE}."
        )
    if returncode == -signal.SIGILL:
        return f"The mongod at {path} can't run here: {illegal_instruction()}; {OTHERWISE}."
    said = (output.strip().splitlines() or [f"it ended with status {returncode}"])[-1]
    return f"The mongod at {path} does not run ({said}): {OTHERWISE}."


def missing_libraries(text: str) -> list[str]:
    """Return the shared libraries that `ldd` or the dynamic loader reports as missing."""
    by_ldd = re.findall(r"^\s*(\S+) => not found", text, re.MULTILINE)
    by_loader = re.findall(r"loading shared libraries: (\S+): cannot open", text)
    return sorted({*by_ldd, *by_loader})


def needed_glibc(text: str) -> str | None:
    """Return the newest glibc version that is required but missing."""
    versions = re.findall(r"version [`']GLIBC_([\d.]+)' not found", text)
    return max(versions, key=lambda v: [int(part) for part in v.split(".") if part], default=None)


def has_avx() -> bool | None:
    """Return whether the processor has AVX; None if the system does not say."""
    try:
        flags = re.search(r"^flags\s*:(.*)$", CPUINFO.read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return None
    return "avx" in flags[1].split() if flags else None


def illegal_instruction() -> str:
    """Return why a mongod died of SIGILL, worded to follow "since"."""
    if has_avx() is False:
        return "this processor has no AVX, which MongoDB needs since version 5.0"
    return "it uses an instruction that this processor does not have"


def _libraries_sentence(path: Path, libraries: list[str]) -> str:
    packages = sorted({PACKAGES[name] for name in libraries if name in PACKAGES})
    unknown = [name for name in libraries if name not in PACKAGES]
    steps = [f"run `apt-get install {' '.join(packages)}`"] if packages else []
    if unknown:
        steps.append(f"install the packages with {' and '.join(unknown)}")
    names = " and ".join(libraries)
    advice = " and ".join(steps)
    return f"The mongod at {path} needs {names}, which is missing here: {advice}, or {OTHERWISE}."


def _ldd(path: Path) -> str:
    """Return the output of `ldd`, or an empty string if it is not installed."""
    try:
        result = subprocess.run(
            ["ldd", path],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=LDD_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return result.stdout + result.stderr
