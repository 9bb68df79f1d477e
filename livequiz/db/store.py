"""The store: the queries of all collections on one MongoDB database."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo.errors import OperationFailure, PyMongoError
from pymongo.monitoring import CommandListener

from livequiz.db.archive import ArchiveStore
from livequiz.db.client import connect, guarded
from livequiz.db.erasure import ErasureStore
from livequiz.db.history import HistoryStore
from livequiz.db.open_rounds import OpenRounds
from livequiz.db.participants import ParticipantStore
from livequiz.db.questions import QuestionStore
from livequiz.db.rounds import RoundStore
from livequiz.db.schema import ensure_schema
from livequiz.db.server_nodes import NodeStore
from livequiz.db.unreadable import Unreadable
from livequiz.domain.errors import Code, QuizError

DATABASE = "livequiz"


class Store:
    """All queries on one database.

    Args:
        url: A MongoDB URL.
        database: The name of the database.
        listeners: The driver's event listeners, called for every command.
    """

    def __init__(
        self, url: str, database: str = DATABASE, listeners: Sequence[CommandListener] = ()
    ) -> None:
        self._client = connect(url, listeners=listeners)
        self._database = self._client[database]
        self.unreadable = Unreadable()
        self.questions = QuestionStore(self._database, self.unreadable)
        self.participants = ParticipantStore(self._database, self.unreadable)
        self._open_rounds = OpenRounds(
            self._client.delegate, self._database.delegate, self.unreadable
        )
        self.rounds = RoundStore(self._database, self._open_rounds, self.unreadable)
        self.history = HistoryStore(self._database, self.unreadable)
        self.nodes = NodeStore(self._database)
        self.archive = ArchiveStore(self._database)
        self.erasure = ErasureStore(self._database)

    async def prepare(self) -> None:
        """Check that the database answers, and create missing collections and indexes.

        Raises:
            QuizError: `unavailable` if it can't be reached or rejects the login.
        """
        try:
            hello = await self._client.admin.command("hello")
        except OperationFailure:
            message = "MongoDB refused the login; check the user and password in --mongo-url."
            raise QuizError(Code.UNAVAILABLE, message) from None
        except PyMongoError:
            message = "MongoDB can't be reached; check --mongo-url, and that MongoDB is running."
            raise QuizError(Code.UNAVAILABLE, message) from None
        # A replica set member, or the router of a sharded cluster.
        self._open_rounds.transactions = "setName" in hello or hello.get("msg") == "isdbgrid"
        await ensure_schema(self._database)

    @property
    def transactions(self) -> bool:
        """Whether this MongoDB has transactions; without them, only one server can use it."""
        return self._open_rounds.transactions

    @guarded
    async def version(self) -> str:
        """Return the version of the MongoDB server."""
        info = await self._client.server_info()
        return str(info["version"])

    async def drop(self) -> None:
        """Drop the whole database. For demos and tests."""
        await self._client.drop_database(self._database.name)

    def close(self) -> None:
        """Close the connections."""
        self._open_rounds.stop()
        self._client.close()
