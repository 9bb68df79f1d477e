"""Opens the configured MongoDB, or a private one."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from livequiz.db.private_mongod import MongodError, PrivateMongod
from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError


@contextlib.asynccontextmanager
async def open_store(data_dir: Path, mongo_url: str | None) -> AsyncIterator[tuple[Store, str]]:
    """Open the store on the given MongoDB, or on a private one in the data folder.

    Yields:
        The prepared store, and a description of its MongoDB.

    Raises:
        QuizError: If no MongoDB is available; its message says what to do.
    """
    mongod = None
    if mongo_url is None:
        try:
            mongod = await PrivateMongod.start(data_dir)
        except MongodError as error:
            raise QuizError(Code.UNAVAILABLE, str(error)) from None
    store = None
    try:
        store = Store(mongod.uri if mongod else mongo_url or "")
        await store.prepare()
        yield store, await _describe(store, mongod)
    finally:
        if store is not None:
            store.close()
        if mongod is not None:
            await mongod.stop()


async def _describe(store: Store, mongod: PrivateMongod | None) -> str:
    version = await store.version()
    if mongod is None:
        return f"MongoDB {version} at the URL given"
    return f"private MongoDB {version} ({mongod.binary.path})"
