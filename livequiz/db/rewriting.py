"""Rewrites the files of a private MongoDB, so that nothing deleted can be read in them."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from livequiz.db.archive import Progress
from livequiz.db.mongod.folder import swap_in
from livequiz.db.opening import open_store
from livequiz.db.private_mongod import DATABASE_FOLDER

_WORK = "rewriting"  # in the data folder, while that goes on


def was_interrupted(data_dir: Path) -> bool:
    """Return whether an earlier rewrite did not come to its end."""
    return (data_dir / _WORK).exists()


async def rewrite(data_dir: Path, now: datetime, progress: Progress) -> None:
    """Copy the documents into new files, and delete the old ones.

    MongoDB only marks deleted documents as free: they stay in its files, its journal and its oplog
    until something overwrites them. The old files are replaced once the new ones are complete.

    Args:
        data_dir: The data folder; no server may run on it.
        now: The current time.
        progress: Is told after each batch of documents, for the copy and for the new files.

    Raises:
        QuizError: If MongoDB can't be started; the message says what to do.
    """
    work = data_dir / _WORK
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    copy = work / "copy.zip"
    async with open_store(data_dir, None) as (store, _):
        await store.archive.back_up(copy, now, progress, consistent=store.transactions)
    async with open_store(work, None) as (store, _):
        await store.archive.restore(copy, progress)
    swap_in(data_dir, work / DATABASE_FOLDER)
    (data_dir / "mongod.log").unlink(missing_ok=True)  # it has slow queries in it
    shutil.rmtree(work)
