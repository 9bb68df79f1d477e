"""Backups: all documents of a database in one ZIP file, as BSON."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import bson
from bson.codec_options import CodecOptions
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument
from motor.motor_asyncio import AsyncIOMotorDatabase

from livequiz.db.client import Document, guarded
from livequiz.db.schema import SCHEMA_VERSION, VALIDATORS, require_known
from livequiz.domain.errors import Code, QuizError

MANIFEST = "livequiz-backup.json"
# Leases and permits belong to servers that run.
KEPT = sorted(set(VALIDATORS) - {"nodes", "permits"})
AT_ONCE = 1_000  # documents

Progress = Callable[[int, int], None]  # (documents done, documents in all)
# What a file raises that is none of ours, or encrypted, or compressed in some other way.
_UNFIT = (KeyError, TypeError, ValueError, EOFError, RuntimeError, NotImplementedError)
_RAW: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)


class ArchiveStore:
    """Writes and reads backups of a database."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._database = database

    @guarded
    async def back_up(
        self, path: Path, now: datetime, progress: Progress, *, consistent: bool
    ) -> dict[str, int]:
        """Write a backup, also while servers use the database.

        Args:
            path: The file; it must not exist, and only its owner will be able to read it.
            now: The time to note.
            progress: Is told after each batch.
            consistent: Whether to read all collections as they were at one moment, for which
                MongoDB has to be a replica set or a sharded cluster.

        Returns:
            The number of documents by collection.
        """
        database: Any = self._database.with_options(codec_options=_RAW)
        counts = dict.fromkeys(KEPT, 0)
        total = [await database[name].estimated_document_count() for name in KEPT]
        async with await self._database.client.start_session(
            snapshot=consistent or None
        ) as session:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with (
                os.fdopen(descriptor, "wb") as written,
                zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive,
            ):
                for name in KEPT:
                    with archive.open(f"{name}.bson", "w", force_zip64=True) as file:
                        cursor = database[name].find({}, batch_size=AT_ONCE, session=session)
                        while some := await cursor.to_list(AT_ONCE):
                            file.writelines(document.raw for document in some)
                            counts[name] += len(some)
                            progress(sum(counts.values()), sum(total))
                manifest = {
                    "format": 1,
                    "schema_version": SCHEMA_VERSION,
                    "made_at": now.isoformat(),
                    "documents": counts,
                }
                archive.writestr(MANIFEST, json.dumps(manifest, indent=2))
        return counts

    @guarded
    async def restore(self, path: Path, progress: Progress) -> dict[str, int]:
        """Store the documents of a backup in this database, which must be empty.

        Returns:
            The number of documents by collection.

        Raises:
            QuizError: `bad_request` if the file is no backup or damaged; then nothing is stored.
                `conflict` if the database has documents, or another version wrote the backup.
        """
        for name in KEPT:
            if await self._database[name].find_one({}, {"_id": 1}) is not None:
                why = (
                    "There is something in this database already, and a backup is only restored "
                    "into an empty one: choose another data folder with --data-dir."
                )
                raise QuizError(Code.CONFLICT, why)
        expected = _checked(path)
        try:
            await self._store(path, expected, progress)
        except BaseException:
            for name in expected:
                await self._database[name].delete_many({})
            raise
        return expected

    async def _store(self, path: Path, expected: Mapping[str, int], progress: Progress) -> None:
        done = 0
        with zipfile.ZipFile(path) as archive:
            for name in expected:
                with archive.open(f"{name}.bson") as file:
                    for some in _batches(file):
                        # Documents of the original LiveQuiz need not satisfy the validators.
                        await self._database[name].insert_many(
                            some, ordered=False, bypass_document_validation=True
                        )
                        done += len(some)
                        progress(done, sum(expected.values()))
        for name, count in expected.items():
            if await self._database[name].count_documents({}) != count:
                raise QuizError(Code.CONFLICT, "The database lacks some of the backup's documents.")


def _checked(path: Path) -> dict[str, int]:
    """Read a whole backup once; return the number of documents by collection."""
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            require_known(manifest["schema_version"])
            counts = {name: int(manifest["documents"][name]) for name in KEPT}
            for name, count in counts.items():
                with archive.open(f"{name}.bson") as file:
                    if sum(len(some) for some in _batches(file)) != count:
                        raise _damaged(path)
            return counts
    except OSError as error:
        why = f"{path} can't be read: {error.strerror}."
        raise QuizError(Code.BAD_REQUEST, why, "file") from None
    except (zipfile.BadZipFile, zlib.error, BSONError, *_UNFIT):
        raise _damaged(path) from None


def _batches(file: IO[bytes]) -> Iterator[list[RawBSONDocument]]:
    """Yield the documents of a BSON file; they are checked for their form only."""
    some: list[RawBSONDocument] = []
    for document in bson.decode_file_iter(file, _RAW):
        some.append(document)
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _damaged(path: Path) -> QuizError:
    return QuizError(
        Code.BAD_REQUEST, f"{path} is not a LiveQuiz backup, or it is damaged.", "file"
    )
