"""A seat has one connection, whatever people and servers do at once: M26 as a state machine.

Two real servers share a real MongoDB. All that happens in a storm happens at the same time.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from socketio.exceptions import ConnectionError as NoConnection
from socketio.exceptions import SocketIOError

from livequiz.client.student import new_token
from livequiz.db.store import Store
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, RunningServer
from tests.helpers import Json, RawClient, bank, documents
from tests.patience import PATIENCE

MEETING = "TEST"
STUDENTS = ("S0", "S1", "S2")
T = TypeVar("T")


@dataclass(frozen=True)
class Act:
    """What somebody does in a storm, after some turns of the loop.

    Attributes:
        what: `join`, `cut` (a join whose connection drops midway), `drop`, `leave`, `release`.
        student: Who, or whom.
        server: At which of the two.
        after: Turns of the loop before it is done.
    """

    what: str
    student: str
    server: int
    after: int


acts = st.builds(
    Act,
    st.sampled_from(["join", "join", "join", "cut", "drop", "leave", "release"]),
    st.sampled_from(STUDENTS),
    st.integers(0, 1),
    st.integers(0, 40),
)


class SeatRules(RuleBasedStateMachine):
    """Three students with many connections, two servers that restart, a teacher at each."""

    mongo_url = ""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clients: defaultdict[str, list[RawClient]] = defaultdict(list)
        self.tokens = {student: new_token() for student in STUDENTS}
        self.run(self._start())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(asyncio.wait_for(work, 60))

    async def _start(self) -> None:
        self.store = Store(self.mongo_url, f"livequiz_{uuid.uuid4().hex}")
        await self.store.prepare()
        self.servers = [RunningServer(self.store, Policy(TOKEN)) for _ in range(2)]
        for server in self.servers:
            await server.start()
        await self.servers[0].import_questions(bank(12))
        self.teachers = [await self._teacher(server) for server in self.servers]

    async def _teacher(self, server: RunningServer) -> RawClient:
        teacher = await RawClient(server.url).open()
        await teacher.teach(TOKEN)
        return teacher

    def teardown(self) -> None:
        self.run(self._end())
        left = asyncio.all_tasks(self.loop)  # the library's pings sleep on
        for task in left:
            task.cancel()
        if left:
            self.loop.run_until_complete(asyncio.wait(left))
        self.loop.close()

    async def _end(self) -> None:
        everybody = [client for clients in self.clients.values() for client in clients]
        await asyncio.gather(*(client.close() for client in (*everybody, *self.teachers)))
        for server in self.servers:
            await server.stop()
        await self.store.drop()
        self.store.close()

    # --- what people and servers do ------------------------------------------------------------

    @rule(storm=st.lists(acts, min_size=1, max_size=8))
    def happen(self, storm: list[Act]) -> None:
        """Let people do things at the same time."""
        self.run(self._storm(storm))

    @rule(storm=st.lists(acts, max_size=5), server=st.integers(0, 1))
    def restart(self, storm: list[Act], server: int) -> None:
        """End a server while people do things, and start the next one."""
        self.run(self._storm(storm, restart=server))

    @rule(student=st.sampled_from(STUDENTS), server=st.integers(0, 1))
    def join_alone(self, student: str, server: int) -> None:
        """The newest connection of a student wins."""

        async def join() -> None:
            client = await RawClient(self.servers[server].url).open()
            self.clients[student].append(client)
            ack = await client.call("join_student", self._request(student))
            await self._settle()
            if ack["ok"]:
                assert self._holder(student) is client
            else:  # its token was released; whoever took the id since has another
                assert ack["error"]["code"] == "conflict", ack

        self.run(join())

    @rule(server=st.integers(0, 1))
    def ask(self, server: int) -> None:
        """Each student who is connected gets one question, on one connection."""
        self.run(self._round(server))

    async def _storm(self, storm: Sequence[Act], restart: int | None = None) -> None:
        await self._settle()
        work: list[Awaitable[object]] = []
        for act in storm:
            if act.what in {"join", "cut"}:
                client = await RawClient(self.servers[act.server].url).open()
                work.append(self._join(act, client))
                self.clients[act.student].append(client)
            elif act.what == "release":
                removal = {"meeting_id": MEETING, "student_id": act.student}
                teacher = self.teachers[act.server]
                work.append(self._later(act, _unless_it_ends(teacher, "remove_student", removal)))
            elif (holder := self._holder(act.student)) is not None:
                leaving = act.what == "leave"
                work.append(
                    self._later(
                        act, _unless_it_ends(holder, "leave", {}) if leaving else _drop(holder)
                    )
                )
        if restart is not None:
            work.append(self._restart(restart))
        await asyncio.gather(*work)
        if restart is not None:
            await self.teachers[restart].close()
            self.teachers[restart] = await self._teacher(self.servers[restart])
        await self._settle()

    async def _later(self, act: Act, work: Awaitable[object]) -> None:
        for _ in range(act.after):
            await asyncio.sleep(0)
        await work

    async def _join(self, act: Act, client: RawClient) -> None:
        joining = _unless_it_ends(client, "join_student", self._request(act.student))
        if act.what == "join":
            await self._later(act, joining)
        else:
            task = asyncio.create_task(joining)
            await self._later(act, _drop(client))
            await task

    async def _restart(self, number: int) -> None:
        await self.servers[number].stop()
        await self.servers[number].start()

    def _request(self, student: str) -> Json:
        token = self.tokens[student]
        return {
            "student_id": student,
            "meeting_id": MEETING,
            "name": student,
            "resume_token": token,
        }

    # --- what stays true -----------------------------------------------------------------------

    def _connected(self, student: str) -> list[RawClient]:
        return [client for client in self.clients[student] if not client._gone.is_set()]

    def _holder(self, student: str) -> RawClient | None:
        """Return the one connection that the servers know as a student."""
        held = [
            seat.socket_id
            for server in self.servers
            if (seat := server.service.seats.get((MEETING, student))) is not None
        ]
        assert len(held) <= 1, f"{student} sits on both servers"
        holders = [c for c in self._connected(student) if held and c._sio.get_sid() == held[0]]
        return holders[0] if holders else None

    async def _settle(self) -> None:
        """Return once both servers and MongoDB agree on who is where."""
        async with asyncio.timeout(PATIENCE):
            while (trouble := await self._disagreement()) is not None:
                for server in self.servers:
                    server.service.meetings.distrust_began.set()  # so that they look at once
                await asyncio.sleep(0.05)
                self.trouble = trouble
        for student in STUDENTS:
            if (holder := self._holder(student)) is not None:
                joined = [data for event, data in holder.log if event == "joined"]
                self.tokens[student] = joined[-1]["resume_token"]
                assert (await holder.answer(student, {"question_id": "0" * 24}, 0))["error"][
                    "code"
                ] != "not_joined"

    async def _disagreement(self) -> str | None:
        rows = {row["student_id"]: row for row in await documents(self.store, "participants")}
        for student in STUDENTS:
            row = rows.get(student, {"status": "inactive", "socket_id": None})
            held = [
                seat
                for server in self.servers
                if (seat := server.service.seats.get((MEETING, student))) is not None
            ]
            connected = {client._sio.get_sid() for client in self._connected(student)}
            if row["status"] == "inactive":
                if held:
                    return f"{student} sits somewhere, but is inactive"
            elif [seat.socket_id for seat in held] != [row["socket_id"]]:
                return f"{student} is active, but not as stored"
            elif row["socket_id"] not in connected:
                return f"{student} counts as connected, and is not"
        return None

    async def _round(self, number: int) -> None:
        await self._settle()
        holders = {s: holder for s in STUDENTS if (holder := self._holder(s)) is not None}
        request = {"meeting_id": MEETING, "duration": 60, "allow_repeats": True}
        ack = await self.teachers[number].call("trigger_questions", request)
        if not holders:
            assert ack["error"]["code"] == "no_students", ack
            return
        assert ack["ok"], ack
        assert {row["student_id"] for row in ack["assignments"]} == holders.keys()
        round_id = ack["round_id"]
        for holder in holders.values():
            while (await holder.next("NEW_QUESTION"))["round_id"] != round_id:
                pass
            await holder.call("time_sync", {})
        await self.teachers[number].ok("close_round", {"meeting_id": MEETING})
        for holder in holders.values():
            while (await holder.next("round_closed"))["round_id"] != round_id:
                pass
        for student, clients in self.clients.items():
            for client in clients:
                asked = [data for event, data in client.log if event == "NEW_QUESTION"]
                times = sum(question["round_id"] == round_id for question in asked)
                assert times == (client is holders.get(student)), "one question, on one connection"


async def _drop(client: RawClient) -> None:
    if not client._gone.is_set():
        with contextlib.suppress(AttributeError):  # it is being closed from the other side
            await client.drop()


async def _unless_it_ends(client: RawClient, event: str, request: Json) -> None:
    """Send an event, and wait for its ack, or for the end of the connection."""
    asking = asyncio.create_task(client.call(event, request))
    ending = asyncio.create_task(client.ended())
    await asyncio.wait({asking, ending}, return_when=asyncio.FIRST_COMPLETED)
    for task in (asking, ending):
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError, SocketIOError, NoConnection):
        await asking
