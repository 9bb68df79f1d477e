"""Opens the configured MongoDB, or a private one."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from livequiz.db.mongod.folder import FolderLock, prepare
from livequiz.db.private_mongod import MongodError, PrivateMongod
from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError


@contextlib.contextmanager
def lock(data_dir: Path) -> Iterator[None]:
    """Lock a data folder while the block runs, so that no server starts on it.

    Raises:
        QuizError: `unavailable` if a server runs on it; the message says what to do.
    """
    try:
        held = FolderLock(prepare(data_dir))
    except MongodError as error:
        raise QuizError(Code.UNAVAILABLE, str(error)) from None
    with contextlib.closing(held):
        yield


@contextlib.asynccontextmanager
async def open_store(
    data_dir: Path, mongo_url: str | None, *, locked: bool = False
) -> AsyncIterator[tuple[Store, str]]:
    """Open the store on the given MongoDB, or on a private one in the data folder.

    Args:
        data_dir: The data folder.
        mongo_url: The URL of a MongoDB; None runs a private one.
        locked: Whether the caller holds the data folder's lock; see `lock`.

    Yields:
        The prepared store, and a description of its MongoDB.

    Raises:
        QuizError: If no MongoDB is available; its message says what to do.
    """
    mongod = None
    if mongo_url is None:
        try:
            mongod = await PrivateMongod.start(data_dir, locked=locked)
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
