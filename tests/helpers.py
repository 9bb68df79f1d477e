"""What the tests of the server share: raw clients, waits with time-outs, the bare database."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from typing import Any, TypeVar

import socketio

from livequiz.client.session import Session
from livequiz.db.store import Store
from livequiz.domain.model import ALL_TYPES
from livequiz.server.socketio.handlers import Handler, Handlers
from tests.patience import PATIENCE

E = TypeVar("E")
Json = dict[str, Any]

COLLECTIONS = (
    "questions",
    "participants",
    "student_questions",
    "responses",
    "rounds",
    "meetings",
)

# The registry of the server; nothing is called through this one.
HANDLERS: dict[str, Handler] = Handlers(None, None, None).table  # type: ignore[arg-type]

# Those of the original's example session.
QUESTIONS: list[Json] = [
    {"question": "What is 2+2?", "options": ["3", "4", "5", "6"], "correct": 1},
    {
        "question": "Capital of France?",
        "options": ["London", "Paris", "Berlin", "Madrid"],
        "correct": 1,
    },
    {"question": "Largest planet?", "options": ["Earth", "Mars", "Jupiter"], "correct": 2},
]
KEYS: dict[str, int] = {question["question"]: question["correct"] for question in QUESTIONS}


def bank(size: int, **fields: Any) -> list[Json]:
    """Return that many questions whose key is option 1 of 4."""
    return [
        {"question": f"Question {n}?", "options": ["a", "b", "c", "d"], "correct": 1, **fields}
        for n in range(1, size + 1)
    ]


async def next_of(session: Session, kind: type[E]) -> E:
    """Return the next event of a kind; the others are passed over."""

    async def search() -> E:
        async for event in session.events():
            if isinstance(event, kind):
                return event
        raise AssertionError(f"no {kind.__name__} came")

    return await asyncio.wait_for(search(), PATIENCE)


class RawClient:
    """A Socket.IO client without types: what it sends and gets is what is on the wire.

    Args:
        url: Where the server is.
        transport: `websocket` or `polling`.
        auth: The `auth` object of the handshake.
    """

    def __init__(self, url: str, transport: str = "websocket", auth: Any = None) -> None:
        self.url = url
        self.log: list[tuple[str, Any]] = []  # every event, in the order of arrival
        self._gone = asyncio.Event()
        self._transport = transport
        self._auth = auth
        self._arrived: defaultdict[str, asyncio.Queue[Any]] = defaultdict(asyncio.Queue)
        self._sio = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        self._sio.on("*", self._receive)
        self._sio.on("disconnect", self._lost)

    async def open(self) -> RawClient:
        await self._sio.connect(
            self.url, auth=self._auth, transports=[self._transport], wait_timeout=PATIENCE
        )
        return self

    async def refusal(self) -> Any:
        """Try to connect, and return why the server refused it."""
        reasons: asyncio.Queue[Any] = asyncio.Queue()
        self._sio.on("connect_error", reasons.put)
        try:
            await self.open()
        except socketio.exceptions.ConnectionError:
            return (await asyncio.wait_for(reasons.get(), PATIENCE))["message"]
        finally:
            await self.close()
        raise AssertionError("the server let it in")

    async def close(self) -> None:
        if self._transport == "polling":
            # The library would wait for its open request, which the server holds for 10 s.
            await self._sio.eio.disconnect(abort=True)
            self._sio.eio.read_loop_task.cancel()
        await self._sio.shutdown()
        if self._sio.eio.http is not None:  # one that never got so far as to connect keeps it
            await self._sio.eio.http.close()

    async def drop(self) -> None:
        """Lose the connection without a word, as a network does."""
        connection = self._sio.eio.ws._response.connection
        if connection is not None and connection.transport is not None:  # else it is lost already
            connection.transport.abort()
        await self.ended()

    async def ended(self) -> None:
        """Return when the connection has ended, by whomever."""
        await asyncio.wait_for(self._gone.wait(), PATIENCE)

    async def call(self, event: str, *arguments: Any) -> Json:
        """Send an event and return its raw ack."""
        ack = await self._sio.call(event, arguments, timeout=PATIENCE)
        assert isinstance(ack, dict), f"the ack of {event} is {ack!r}"
        return ack

    async def ok(self, event: str, *arguments: Any) -> Json:
        """Send an event that has to be met, and return its raw ack."""
        ack = await self.call(event, *arguments)
        assert ack["ok"] is True, ack
        return ack

    async def refused(self, event: str, *arguments: Any) -> Json:
        """Send an event that has to be refused, and return the raw error."""
        ack = await self.call(event, *arguments)
        assert ack.keys() == {"ok", "error"}, f"{event} {arguments} was met: {ack}"
        assert ack["ok"] is False
        error: Json = ack["error"]
        return error

    async def send(self, event: str, *arguments: Any) -> None:
        """Send an event and ask for no ack."""
        await self._sio.emit(event, arguments)

    async def next(self, event: str) -> Any:
        """Return the payload of the next event of that name which was not returned yet."""
        try:
            return await asyncio.wait_for(self._arrived[event].get(), PATIENCE)
        except TimeoutError:
            raise AssertionError(f"no {event} came, but {self.log}") from None

    async def nothing_more(self, event: str) -> None:
        """Fail if an event of that name comes before the answer to a question asked now."""
        await self.call("time_sync", {})
        assert self._arrived[event].empty(), self._arrived[event].get_nowait()

    async def _receive(self, event: str, *payload: Any) -> None:
        assert len(payload) == 1
        self.log.append((event, payload[0]))
        self._arrived[event].put_nowait(payload[0])

    async def _lost(self, *_: Any) -> None:
        self._gone.set()

    # --- what nearly every test does -----------------------------------------------------------

    async def join(self, student_id: str, name: str | None = None, **more: Any) -> Json:
        """Join as a student and return the ack."""
        request: Json = {"student_id": student_id, "meeting_id": "TEST"}
        request |= {"name": name or student_id}
        request |= {"question_types": sorted(ALL_TYPES), **more}
        return await self.ok("join_student", request)

    async def teach(self, token: str, **more: Any) -> Json:
        """Join as the instructor and return the ack."""
        request = {"instructor_id": "teacher", "meeting_id": "TEST", "token": token}
        return await self.ok("join_instructor", {**request, **more})

    async def trigger(self, **filters: Any) -> Json:
        """Open a round and return the ack."""
        return await self.ok("trigger_questions", {"meeting_id": "TEST", **filters})

    async def answer(self, student_id: str, question: Json, answer: object, **more: Any) -> Json:
        """Answer a `NEW_QUESTION` and return the ack, whatever it is."""
        request = {"student_id": student_id, "question_id": question["question_id"]}
        return await self.call("submit_answer_ws", {**request, "answer": answer, **more})


async def past(client: RawClient, moment: str) -> None:
    """Return when the server's clock, which is the one that counts, is past a moment."""
    async with asyncio.timeout(PATIENCE):
        # Asking without a pause would be a flood.
        while (await client.ok("time_sync", {}))["server_time"] <= moment:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def documents(store: Store, collection: str, query: Json | None = None) -> list[Json]:
    """Return documents as MongoDB has them, in the order in which they were stored."""
    cursor = store._database[collection].find(query or {}).sort("_id", 1)
    return [document async for document in cursor]


async def stored(store: Store, collection: str, query: Json) -> Json:
    """Return the one document that is as described, once it is."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if found := await documents(store, collection, query):
                assert len(found) == 1
                return found[0]


async def contents(store: Store) -> dict[str, list[Json]]:
    """Return everything that is stored."""
    return {name: await documents(store, name) for name in COLLECTIONS}


def shares(assignments: list[Json]) -> list[int]:
    """Return how many students hold each question of `questions_sent`, in ascending order."""
    return sorted(Counter(row["question_id"] for row in assignments).values())
