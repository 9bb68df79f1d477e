"""Access to a data folder's question bank, whether its server is running or not."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from livequiz.db.opening import open_store
from livequiz.db.private_mongod import DATABASE_FOLDER, running_uri
from livequiz.db.store import Store
from livequiz.server.host.data_folder import DataFolder


@contextlib.asynccontextmanager
async def open_bank_store(data_dir: Path, mongo_url: str | None) -> AsyncIterator[Store]:
    """Open the store at a MongoDB URL, or else of a data folder, even if its server is running.

    Raises:
        QuizError: If it can't be opened; the message says what to do.
    """
    if mongo_url is None:
        DataFolder(data_dir)
        mongo_url = running_uri(data_dir)
    async with open_store(data_dir, mongo_url) as (store, _):
        yield store


def has_bank(data_dir: Path) -> bool:
    """Return whether a data folder has a bank, without creating or changing anything."""
    return (data_dir / DATABASE_FOLDER).is_dir()
