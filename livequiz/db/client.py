"""The MongoDB client: operation timeouts, a durable write concern, and error translation."""

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

BATCH = 20_000  # documents in a reply (of at most 16 MiB), so that a whole class is one batch
# MongoDB error codes: BadValue, TypeMismatch, DocumentValidationFailure, ConversionFailure.
OF_DATA = {2, 14, 121, 241}
OPERATION_TIMEOUT = 5_000  # milliseconds for one operation, including retries


class UnreadableError(Exception):
    """A required document can't be read."""


def connect(
    url: str,
    *,
    timeout_ms: int = OPERATION_TIMEOUT,
    listeners: Sequence[CommandListener] = (),
) -> AsyncIOMotorClient[Document]:
    """Return a client that connects on first use.

    The write concern is `majority` with the journal: with the default `w=1`, killing mongod
    has been observed to lose acknowledged inserts.

    Args:
        url: A MongoDB URL.
        timeout_ms: Milliseconds for one operation, including retries.
        listeners: The driver's event listeners, called for every command.

    Raises:
        QuizError: `bad_request` if the URL can't be read.
    """
    if not url.startswith(("mongodb://", "mongodb+srv://")):
        raise _unreadable()  # the driver would take it for a host name
    try:
        return AsyncIOMotorClient(
            url,
            timeoutMS=timeout_ms,
            serverSelectionTimeoutMS=timeout_ms,
            tz_aware=True,
            datetime_conversion="DATETIME_AUTO",  # a year above 9999 breaks no other document
            w="majority",
            journal=True,
            appname="livequiz",
            event_listeners=list(listeners),
        )
    except (InvalidURI, ConfigurationError, ValueError):
        raise _unreadable() from None


def _unreadable() -> QuizError:
    message = "That MongoDB URL is not valid; use one such as mongodb://host:27017."
    return QuizError(Code.BAD_REQUEST, message, "mongo_url")


def guarded(work: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Translate driver errors into `QuizError`, so that none leaves this package."""
    return _guarded(work, unavailable)


def guarded_write(work: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Do the same for a write, which may be in doubt: applied, with only its reply lost."""
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
            # Truncated: the error contains the rejected document.
            log.warning("MongoDB: %s in %s: %.300s", type(error).__name__, name, error)
            raise (away() if _is_away(error) else unusable()) from error

    return inner


def _is_away(error: Exception) -> bool:
    """Whether the error is transient, so that a retry may help."""
    if isinstance(error, BulkWriteError):
        return not {e.get("code") for e in error.details["writeErrors"]} & OF_DATA
    if isinstance(error, OperationFailure):
        return error.code not in OF_DATA
    return isinstance(error, PyMongoError)


def unavailable() -> QuizError:
    """Return the error for an unreachable database."""
    return QuizError(Code.UNAVAILABLE, "The database is not responding. Please try again.")


def unusable() -> QuizError:
    """Return the error for data that can't be read or written in its present form."""
    message = (
        "The database contains something that this version can't use; trying again won't help. "
        "See the server's log for details."
    )
    return QuizError(Code.CONFLICT, message)


def in_doubt() -> QuizError:
    """Return the error for a write whose reply was lost."""
    message = "The database did not respond in time; this may have been stored. Please check."
    return QuizError(Code.UNAVAILABLE, message, in_doubt=True)
