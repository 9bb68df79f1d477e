"""The bank of a data folder, whether its server runs or not."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from livequiz.db.private_mongod import running_uri
from livequiz.db.store import Store
from livequiz.server.data_folder import DataFolder
from livequiz.server.serve import open_store


@contextlib.asynccontextmanager
async def bank_store(data_dir: Path, mongo_url: str | None) -> AsyncIterator[Store]:
    """Open the store of a running server, of a MongoDB URL, or of a folder nobody serves.

    Raises:
        QuizError: With a sentence that says what to do, if there is none to be had.
    """
    if mongo_url is None:
        DataFolder(data_dir)
        mongo_url = running_uri(data_dir)
    async with open_store(data_dir, mongo_url) as (store, _):
        yield store
