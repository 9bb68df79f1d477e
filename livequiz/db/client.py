"""The connection to MongoDB: bounded in time, and durable before anything is acknowledged."""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ParamSpec, TypeVar

from bson.errors import BSONError
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    InvalidURI,
    OperationFailure,
    PyMongoError,
)
from pymongo.monitoring import CommandListener

from livequiz.domain.errors import Code, QuizError

log = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")
Document = dict[str, Any]

BATCH = 20_000  # documents in one reply, as far as 16 MiB hold them: a class is read in one go
# MongoDB's codes: BadValue, TypeMismatch, DocumentValidationFailure, ConversionFailure.
OF_DATA = {2, 14, 121, 241}
OPERATION_TIMEOUT = 5_000  # milliseconds for one operation, its retries included


class UnreadableError(Exception):
    """A document that a use case can't do without can't be read."""


def connect(
    url: str,
    *,
    timeout_ms: int = OPERATION_TIMEOUT,
    listeners: Sequence[CommandListener] = (),
) -> AsyncIOMotorClient[Document]:
    """Return a client; it connects when first used.

    A write is acknowledged by a majority and its journal: with the default `w=1`, killing
    mongod was seen to lose acknowledged inserts.

    Args:
        url: A MongoDB URL.
        timeout_ms: Milliseconds for one operation, its retries included.
        listeners: Hear of every command.

    Raises:
        QuizError: `bad_request` if the URL can't be read.
    """
    if not url.startswith(("mongodb://", "mongodb+srv://")):
        raise _unreadable()  # the driver would take it for a host's name
    try:
        return AsyncIOMotorClient(
            url,
            timeoutMS=timeout_ms,
            serverSelectionTimeoutMS=timeout_ms,
            tz_aware=True,
            datetime_conversion="DATETIME_AUTO",  # one beyond the year 9999 spoils no other
            w="majority",
            journal=True,
            appname="livequiz",
            event_listeners=list(listeners),
        )
    except (InvalidURI, ConfigurationError, ValueError):
        raise _unreadable() from None


def _unreadable() -> QuizError:
    message = "That MongoDB URL can't be read; it looks like mongodb://host:27017."
    return QuizError(Code.BAD_REQUEST, message, "mongo_url")


def guarded(work: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Turn a driver's error into a `QuizError`; nothing of the driver leaves this package."""
    return _guarded(work, unavailable)


def guarded_write(work: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Do the same for what writes: MongoDB may have done it, and only its reply be missing."""
    return _guarded(work, in_doubt)


def _guarded(
    work: Callable[P, Awaitable[R]], away: Callable[[], QuizError]
) -> Callable[P, Awaitable[R]]:
    @functools.wraps(work)
    async def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await work(*args, **kwargs)
        except (PyMongoError, BSONError, UnreadableError) as error:
            name = getattr(work, "__name__", "a write")
            # Not all of it: a document that was refused is part of the error.
            log.warning("MongoDB: %s in %s: %.300s", type(error).__name__, name, error)
            raise (away() if _is_away(error) else unusable()) from error

    return inner


def _is_away(error: Exception) -> bool:
    """Whether trying again may help; it does not where MongoDB or a document is at fault."""
    if isinstance(error, BulkWriteError):
        return not {e.get("code") for e in error.details["writeErrors"]} & OF_DATA
    if isinstance(error, OperationFailure):
        return error.code not in OF_DATA
    return isinstance(error, PyMongoError)


def unavailable() -> QuizError:
    """Return the error for a database that does not answer."""
    return QuizError(Code.UNAVAILABLE, "The database does not answer. Please try again.")


def unusable() -> QuizError:
    """Return the error for data that can't be read or written as it is."""
    message = (
        "The database holds something that this version can't use; trying again does not help. "
        "The server's log names it."
    )
    return QuizError(Code.CONFLICT, message)


def in_doubt() -> QuizError:
    """Return the error for a write whose reply is missing."""
    message = "The database did not answer in time; this may have been stored. Please look again."
    return QuizError(Code.UNAVAILABLE, message, in_doubt=True)
