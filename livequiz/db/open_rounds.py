"""What is written only while a round is open: its responses, and its close.

Each server that stores responses in a round holds a permit for it, a document in `permits`. A
batch of responses updates its permit in the same transaction; a close deletes all permits of its
round. Both write the permit, so MongoDB lets one of them commit before the other begins
(docs/decisions/0010-closing.md has the proof).
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import time
from collections.abc import Callable, Collection, Iterable, Sequence
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
Session = ClientSession | None  # None where MongoDB knows no transactions
Work = Callable[[Session], R]

WITHIN = OPERATION_TIMEOUT / 1_000  # seconds for one use case, all retries included
PAUSE = 0.005  # seconds, at most, before a transaction that met another one is tried again


class Outcome(Enum):
    """What became of a response."""

    STORED = auto()
    REPEATED = auto()  # the student has one in that round
    CLOSED = auto()  # the round is; nothing was stored


class OpenRounds:
    """Conditional writes to open rounds.

    All transactions of a server run in one session, one after another. So a new one also settles
    the one before, should its reply have been lost: MongoDB aborts what was not committed. They
    run in a thread of their own: each step of a transaction would wait for a busy event loop.

    Args:
        client: The connection.
        database: Its database.
        unreadable: Keeps what can't be read.
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
        self._permitted: set[str] = set()  # rounds for which this server has a permit
        self._session: Session = None
        self._thread = ThreadPoolExecutor(1, "open-rounds")
        self.transactions = True  # whether MongoDB has them; a standalone has not

    async def record(self, responses: Sequence[Response]) -> list[Outcome]:
        """Store responses in one durable write, each only while its round is open.

        Raises:
            QuizError: `unavailable`; nothing was stored unless it is `in_doubt`.
        """
        return await self._in_turn(partial(self._record, responses))

    async def close(self, round_id: str, reason: CloseReason, now: datetime) -> Counts | None:
        """Close a round with the counts of what is stored in it; None if it is closed already.

        Raises:
            QuizError: `unavailable`.
        """
        close = partial(self._close, round_id, reason, now)
        return await self._in_turn(partial(self._transaction, close))

    async def response(self, round_id: str, student_id: str) -> Response | None:
        """Return a student's response, after a write whose reply was lost has been settled."""
        find = partial(self._find, {"round_id": ObjectId(round_id), "student_id": student_id})
        return await self._in_turn(partial(self._transaction, find))

    async def prepare(self, round_id: str) -> None:
        """Take the permit for a round that is about to be stored, so that no answer waits."""
        await self._in_turn(partial(self._put_permit, round_id))

    async def give_up(self, round_ids: Sequence[str]) -> None:
        """Remove the permits of rounds that were never stored."""
        query = {"round_id": {"$in": [ObjectId(round_id) for round_id in round_ids]}}
        await self._in_turn(partial(self._permits.delete_many, query))

    def stop(self) -> None:
        """End the thread, once it has done what it was given."""
        self._thread.shutdown(wait=False)

    @guarded
    async def _in_turn(self, work: Callable[[], R]) -> R:
        """Do work in the thread: to its end, even if its caller is cancelled."""

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
            closed = self._without_permit({round_id for round_id, _ in waiting})
            _conclude(outcomes, waiting, Outcome.CLOSED, [k for k in waiting if k[0] in closed])
            try:
                if not waiting or self._transaction(partial(self._insert, waiting)):
                    _conclude(outcomes, waiting, Outcome.STORED, list(waiting))
            except BulkWriteError as error:
                if not only_duplicates(error):
                    raise
                _conclude(outcomes, waiting, Outcome.REPEATED, self._known(waiting))
        return _in_order(outcomes, responses)

    def _without_permit(self, round_ids: Collection[str]) -> set[str]:
        """Take the permits that are missing; return the rounds that are closed."""
        missing = set(round_ids) - self._permitted
        return {r for r in missing if not self._transaction(partial(self._take_permit, r))}

    def _take_permit(self, round_id: str, session: Session) -> bool:
        """Take a permit, which a round gives only while it is open."""
        # A write, where a look would do for one server: it is what the close collides with.
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
        """Insert responses; false, and nothing is stored, if a permit has gone."""
        for round_id in sorted({round_id for round_id, _ in waiting}):
            # One by one: a search by one id is the fastest that there is, and rounds are few.
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
        """Return which responses are stored already, of those that were refused as doubles."""
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
        """Do work in a transaction, again where it met another one."""
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
    """Return what one response is stored for."""
    return response.round_id, response.student_id


def _refused(error: PyMongoError) -> bool:
    """Whether MongoDB itself said that a transaction was not committed."""
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
    """Return the outcome of each response; of doubles only the first can have been stored."""
    found = []
    for key in map(key_of, responses):
        found.append(outcomes[key])
        if outcomes[key] is Outcome.STORED:
            outcomes[key] = Outcome.REPEATED
    return found
