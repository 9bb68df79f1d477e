"""Rewrites the files of a private MongoDB, so that nothing deleted can be read in them."""

from __future__ import annotations

import contextlib
import shutil
from datetime import datetime
from pathlib import Path

from livequiz.db.archive import Progress
from livequiz.db.mongod.folder import swap_in
from livequiz.db.opening import open_store
from livequiz.db.private_mongod import DATABASE_FOLDER

_WORK = "rewriting"  # in the data folder, from the plan to the end


def is_due(data_dir: Path) -> bool:
    """Return whether a rewrite was planned, and did not come to its end."""
    return (data_dir / _WORK).exists()


def plan(data_dir: Path) -> None:
    """Note that the files have to be rewritten, before anything is deleted."""
    (data_dir / _WORK).mkdir(mode=0o700, exist_ok=True)


def drop_plan(data_dir: Path) -> None:
    """Take that back: there was nothing to delete."""
    shutil.rmtree(data_dir / _WORK)


async def rewrite(data_dir: Path, now: datetime, progress: Progress) -> None:
    """Copy the documents into new files, and delete the old ones.

    MongoDB only marks deleted documents as free: they stay in its files, its journal and its oplog
    until something overwrites them. The old files are replaced once the new ones are complete.

    Args:
        data_dir: The data folder, which the caller has locked.
        now: The current time.
        progress: Is told after each batch of documents, for the copy and for the new files.

    Raises:
        QuizError: If MongoDB can't be started; the message says what to do.
        OSError: If a file can't be written, moved or deleted. It stays planned.
    """
    plan(data_dir)
    work = data_dir / _WORK
    _empty(work)
    copy = work / "copy.zip"
    try:
        async with open_store(data_dir, None, locked=True) as (store, _):
            await store.archive.back_up(copy, now, progress, consistent=store.transactions)
        async with open_store(work, None) as (store, _):
            await store.archive.restore(copy, progress)
        _complete(data_dir)
    except BaseException:
        _empty(work)  # on a full disk, a class needs the space of what was copied so far
        raise


def _empty(work: Path) -> None:
    """Delete what is in the folder, as far as possible; the folder itself is the plan."""
    for path in work.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                path.unlink()


def _complete(data_dir: Path) -> None:
    swap_in(data_dir, data_dir / _WORK / DATABASE_FOLDER)
    for log in data_dir.glob("mongod.log*"):  # slow queries are in it
        log.unlink()
    shutil.rmtree(data_dir / _WORK)
