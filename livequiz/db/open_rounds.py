"""Writes that require an open round: its responses, and its close.

Each server that stores responses in a round holds a permit for it, a document in `permits`. A
batch of responses updates its permit in the same transaction; a close deletes all permits of its
round. Both write the permit, so they conflict, and MongoDB lets only one of them commit before the
other starts (docs/decisions/0010-closing.md has the proof).
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from enum import Enum, auto
from functools import partial
from typing import TypeVar

import pymongo
from bson import ObjectId
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import BulkWriteError, OperationFailure, PyMongoError

from livequiz.db.client import OPERATION_TIMEOUT, Document, guarded, in_doubt
from livequiz.db.documents import counts_document, response_document, to_response
from livequiz.db.questions import only_duplicates
from livequiz.db.unreadable import Unreadable, required
from livequiz.domain.model import CloseReason, Counts, Response, RoundState

log = logging.getLogger(__name__)
R = TypeVar("R")
Key = tuple[str, str]  # (round id, student id)
Session = ClientSession | None  # None if MongoDB has no transactions
Work = Callable[[Session], R]

WITHIN = OPERATION_TIMEOUT / 1_000  # seconds for one operation, including retries
PAUSE = 0.005  # maximum seconds before a transaction is retried after a write conflict


class Outcome(Enum):
    """The result of storing a response."""

    STORED = auto()
    REPEATED = auto()  # the student already has a response in that round
    CLOSED = auto()  # the round is closed; the response was not stored


class OpenRounds:
    """Conditional writes to open rounds.

    All transactions of a server run in one session, one after another. So a new one also settles
    the previous one if its reply was lost: MongoDB aborts whatever was not committed. They run in
    a dedicated thread, because on a busy event loop every step of a transaction would wait.

    Args:
        client: The MongoDB client.
        database: Its database.
        unreadable: Collects documents that can't be read.
    """

    def __init__(
        self,
        client: MongoClient[Document],
        database: Database[Document],
        unreadable: Unreadable,
    ) -> None:
        self._unreadable = unreadable
        self._client = client
        self._rounds = database["rounds"]
        self._permits = database["permits"]
        self._responses = database["responses"]
        self._server = secrets.token_hex(8)
        self._permitted: set[str] = set()  # rounds for which this server holds a permit
        self._session: Session = None
        self._thread = ThreadPoolExecutor(1, "open-rounds")
        self.transactions = True  # False for a standalone mongod, which has none

    async def record(self, responses: Sequence[Response]) -> list[Outcome]:
        """Store responses in one durable write, each only while its round is open.

        Raises:
            QuizError: `unavailable`; nothing was stored unless it is `in_doubt`.
        """
        return await self._in_turn(partial(self._record, responses))

    async def close(self, round_id: str, reason: CloseReason, now: datetime) -> Counts | None:
        """Close a round and return its counts; None if it is already closed.

        Raises:
            QuizError: `unavailable`.
        """
        close = partial(self._close, round_id, reason, now)
        return await self._in_turn(partial(self._transaction, close))

    async def response(self, round_id: str, student_id: str) -> Response | None:
        """Return a student's response, once any write in doubt has been settled."""
        find = partial(self._find, {"round_id": ObjectId(round_id), "student_id": student_id})
        return await self._in_turn(partial(self._transaction, find))

    async def prepare(self, round_id: str) -> None:
        """Take the permit before the round is stored, so that the first answer need not wait."""
        await self._in_turn(partial(self._put_permit, round_id))

    async def give_up(self, round_ids: Sequence[str]) -> None:
        """Remove the permits of rounds that were never stored."""
        query = {"round_id": {"$in": [ObjectId(round_id) for round_id in round_ids]}}
        await self._in_turn(partial(self._permits.delete_many, query))

    def stop(self) -> None:
        """End the thread once its queue is empty; does not wait for that."""
        self._thread.shutdown(wait=False)

    @guarded
    async def _in_turn(self, work: Callable[[], R]) -> R:
        """Run work in the thread, to its end even if the caller is cancelled."""

        def within_time() -> R:
            with pymongo.timeout(WITHIN):
                return work()

        return await asyncio.get_running_loop().run_in_executor(self._thread, within_time)

    def _record(self, responses: Sequence[Response]) -> list[Outcome]:
        outcomes: dict[Key, Outcome] = {}
        waiting: dict[Key, Response] = {}
        for response in responses:
            waiting.setdefault(key_of(response), response)
        while waiting:
            missing = {round_id for round_id, _ in waiting} - self._permitted
            closed = {r for r in missing if not self._transaction(partial(self._take_permit, r))}
            _conclude(outcomes, waiting, Outcome.CLOSED, [k for k in waiting if k[0] in closed])
            try:
                if not waiting or self._transaction(partial(self._insert, waiting)):
                    _conclude(outcomes, waiting, Outcome.STORED, list(waiting))
            except BulkWriteError as error:
                if not only_duplicates(error):
                    raise
                _conclude(outcomes, waiting, Outcome.REPEATED, self._known(waiting))
        return _in_order(outcomes, responses)

    def _take_permit(self, round_id: str, session: Session) -> bool:
        """Take a permit if the round is open; return whether it is."""
        # A write, though one server would need only a read: a concurrent close conflicts with it.
        given = self._rounds.update_one(
            {"_id": ObjectId(round_id), "state": RoundState.OPEN.value},
            {"$inc": {"permits": 1}},
            session=session,
        )
        if given.matched_count:
            self._put_permit(round_id, session)
        return bool(given.matched_count)

    def _put_permit(self, round_id: str, session: Session = None) -> None:
        permit = {"round_id": ObjectId(round_id), "server": self._server, "batches": 0}
        which = {"_id": f"{round_id}/{self._server}"}
        self._permits.update_one(which, {"$setOnInsert": permit}, upsert=True, session=session)
        self._permitted.add(round_id)

    def _insert(self, waiting: dict[Key, Response], session: Session) -> bool:
        """Insert responses; if a permit is gone, store nothing and return False."""
        for round_id in sorted({round_id for round_id, _ in waiting}):
            # One update each: lookups by a single id are the fastest, and rounds are few.
            used = self._permits.update_one(
                {"_id": f"{round_id}/{self._server}"}, {"$inc": {"batches": 1}}, session=session
            )
            if not used.matched_count:
                self._permitted.discard(round_id)
                return False
        documents = [response_document(response) for response in waiting.values()]
        self._responses.insert_many(documents, ordered=False, session=session)
        return True

    def _known(self, waiting: dict[Key, Response]) -> list[Key]:
        """Return which of the responses rejected as duplicates are already stored."""
        query = {
            "round_id": {"$in": [ObjectId(r) for r in {round_id for round_id, _ in waiting}]},
            "student_id": {"$in": [student_id for _, student_id in waiting]},
        }
        cursor = self._responses.find(query, {"_id": 0, "round_id": 1, "student_id": 1})
        return [(str(row["round_id"]), row["student_id"]) for row in cursor]

    def _close(
        self, round_id: str, reason: CloseReason, now: datetime, session: Session
    ) -> Counts | None:
        of_round = {"round_id": ObjectId(round_id)}
        end = {"state": RoundState.CLOSED.value, "reason": reason.value, "closed_at": now}
        closed = self._rounds.find_one_and_update(
            {"_id": ObjectId(round_id), "state": RoundState.OPEN.value},
            {"$set": end},
            session=session,
        )
        if closed is None:
            return None
        self._permits.delete_many(of_round, session=session)
        answered = self._responses.count_documents(of_round, session=session)
        right = {**of_round, "correct": True}
        correct = self._responses.count_documents(right, session=session)
        known = closed.get("counts")
        assigned = known.get("assigned") if isinstance(known, dict) else None
        counts = Counts(assigned if isinstance(assigned, int) else 0, answered, correct)
        self._rounds.update_one(
            {"_id": ObjectId(round_id)},
            {"$set": {"counts": counts_document(counts)}, "$unset": {"permits": ""}},
            session=session,
        )
        self._permitted.discard(round_id)
        return counts

    def _find(self, query: Document, session: Session) -> Response | None:
        document = self._responses.find_one(query, session=session)
        if document is None:
            return None
        found = self._unreadable.read_one("responses", to_response, document)
        return required(found, f"the response {document['_id']}")

    def _transaction(self, work: Work[R]) -> R:
        """Run work in a transaction; retry after a transient error such as a write conflict."""
        if not self.transactions:
            try:
                return work(None)
            except BulkWriteError:
                raise
            except PyMongoError as error:
                raise in_doubt() from error
        if self._session is None:
            self._session = self._client.start_session()
        give_up = time.monotonic() + WITHIN
        while True:
            committing = False
            try:
                with self._session.start_transaction():
                    result = work(self._session)
                    committing = True
                    return result
            except PyMongoError as error:
                if committing and not _refused(error):
                    log.warning("MongoDB: %s at a commit: %s", type(error).__name__, error)
                    raise in_doubt() from error
                met = error.has_error_label("TransientTransactionError")
                if not met or time.monotonic() > give_up:
                    raise
            time.sleep(random.uniform(0, PAUSE))


def key_of(response: Response) -> Key:
    """Return the key under which only one response can be stored."""
    return response.round_id, response.student_id


def _refused(error: PyMongoError) -> bool:
    """Whether MongoDB itself reported that a transaction was not committed."""
    unknown = error.has_error_label("UnknownTransactionCommitResult")
    return isinstance(error, OperationFailure) and not unknown


def _conclude(
    outcomes: dict[Key, Outcome],
    waiting: dict[Key, Response],
    outcome: Outcome,
    keys: Iterable[Key],
) -> None:
    for key in keys:
        if waiting.pop(key, None) is not None:
            outcomes[key] = outcome


def _in_order(outcomes: dict[Key, Outcome], responses: Sequence[Response]) -> list[Outcome]:
    """Return the outcome of each response; of duplicates, only the first can have been stored."""
    found = []
    for key in map(key_of, responses):
        found.append(outcomes[key])
        if outcomes[key] is Outcome.STORED:
            outcomes[key] = Outcome.REPEATED
    return found
