"""A server with a meeting for each role that bad input is sent in, and one that has to go on."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from yarl import URL

from livequiz.domain.errors import Code
from livequiz.domain.text import printable
from livequiz.protocol import events
from livequiz.protocol.error_sentences import QUOTED
from livequiz.server.limits import LARGEST_FRAME
from livequiz.server.transport.packets import UNREADABLE
from tests.conftest import TOKEN, RunningServer
from tests.contract import shapes
from tests.contract.shapes import assert_shape
from tests.fuzz.payloads import filled
from tests.fuzz.stored import assert_all_right
from tests.fuzz.wire import Event, Wire, frames
from tests.helpers import Json, bank, contents
from tests.patience import PATIENCE

ROLES = ("nobody", "student", "instructor")
CANARY = "CANARY"
# The database is there, and a limit of rates would keep the rest from being tried.
EXPECTED = set(Code) - {Code.UNAVAILABLE, Code.RATE_LIMITED}
JOINS = {events.JOIN_STUDENT, events.JOIN_INSTRUCTOR}  # of these only one is taken at a time


@dataclass
class Guest:
    """One connection, and what its payloads are filled with."""

    wire: Wire
    mine: Json


class School:
    """The lessons, each kept by an instructor of its own.

    Args:
        server: Whose meetings they are.
        session: What connects.
        log: What the server logs.
    """

    def __init__(
        self, server: RunningServer, session: aiohttp.ClientSession, log: pytest.LogCaptureFixture
    ) -> None:
        self.server = server
        self.session = session
        self._log = log
        self._keepers: dict[str, Wire] = {}
        self._ids = itertools.count()
        self._wires: list[Wire] = []

    async def open(self) -> School:
        await self.server.import_questions(bank(4))
        for meeting in (*ROLES, CANARY):
            keeper = self._keepers[meeting] = await self.connect()
            assert (await keeper.call("join_instructor", _instructor(meeting)))["ok"]
        self._canary = await self._pupil(CANARY)
        return self

    async def close(self) -> None:
        for wire in self._wires:
            await wire.close()

    async def connect(self) -> Wire:
        """Return a connection that has joined nothing."""
        self._wires.append(await Wire(self.session, self.server.url).open())
        return self._wires[-1]

    async def poll(self, method: str, query: dict[str, str], body: str | bytes) -> int:
        """Send a request of the polling transport as it is, and return its status."""
        data = body.encode(errors="surrogatepass") if isinstance(body, str) else body
        words = "&".join(f"{name}={_quoted(value)}" for name, value in query.items())
        url = URL(f"{self.server.url}/socket.io/?{words}", encoded=True)
        try:
            async with (
                asyncio.timeout(PATIENCE),
                self.session.request(method, url, data=data) as reply,
            ):
                await reply.read()
                return reply.status
        except TimeoutError:
            raise AssertionError(f"no answer to {(method, query, body)}") from None

    async def polling(self) -> str:
        """Return the id of a new connection of the polling transport, with a packet to fetch."""
        url = f"{self.server.url}/socket.io/?EIO=4&transport=polling"
        async with self.session.get(url) as reply:
            sid: str = json.loads((await reply.text())[1:])["sid"]
        async with self.session.post(f"{url}&sid={sid}", data="40") as reply:
            assert reply.status == 200
        return sid

    async def guest(self, role: str) -> Guest:
        """Return a new connection of that role, in a lesson with an open round."""
        await self._keep(role, "lock_meeting", locked=False)
        pupil = await self._pupil(role)
        await self._open_round(role)
        pupil.mine |= await _question(pupil.wire)
        if role == "student":
            return pupil
        wire = await self.connect()
        if role == "nobody":
            return Guest(wire, {**pupil.mine, "resume_token": "wrong"})
        await wire.call("join_instructor", _instructor(role))
        return Guest(wire, {**pupil.mine, "token": TOKEN})

    async def send(self, role: str, batch: list[Event]) -> list[Json]:
        """Send a batch as a guest of that role; see that nothing came of it but acks."""
        guest = await self.guest(role)
        sent = [(event, filled(arguments, guest.mine)) for event, arguments in batch]
        sent = [event for event in sent if _fits(*event)]
        acks = await guest.wire.call_all(sent)
        for (event, _), ack in zip(sent, acks, strict=True):
            assert_answered(event, ack)
        await self.assert_well()
        return acks

    async def assert_unchanged(self, stored: dict[str, list[Json]]) -> None:
        """Fail if the database holds anything else than that."""
        found = await contents(self.server.store)
        # A machine that was too busy to serve for a while had the deadlines moved.
        if any("after a stall" in record.getMessage() for record in self._log.records):
            for document in (d for side in (stored, found) for name in side for d in side[name]):
                document.pop("deadline", None)
        assert found == stored

    async def assert_well(self) -> None:
        """Fail if something was logged or stored that should not be, or if no lesson goes on.

        The connections that were opened for a batch are closed.
        """
        kept = [*self._keepers.values(), self._canary.wire]
        for wire in [wire for wire in self._wires if wire not in kept]:
            await wire.close()
        self._wires = kept
        await self._assert_canary_lives()
        loud = [record for record in self._log.records if record.levelno >= logging.ERROR]
        assert not loud, [(record.getMessage(), record.exc_text) for record in loud]
        await assert_all_right(self.server.store)

    async def _assert_canary_lives(self) -> None:
        await self._open_round(CANARY)
        question = await _question(self._canary.wire)
        mine = {name: self._canary.mine[name] for name in ("student_id", "answer")}
        result = await self._canary.wire.call("submit_answer_ws", {**mine, **question})
        assert (result["ok"], result["correct"], result["duplicate"]) == (True, True, False)
        closed = await self._canary.wire.next("round_closed")
        assert closed["reason"] == "complete"

    async def _open_round(self, meeting: str) -> None:
        await self._keep(meeting, "close_round")  # one that was opened by bad input
        # An instructor may have retired or edited what was there.
        await self.server.import_questions(bank(4))
        everything = self.server.store.questions.everything()
        usable = [q.id async for q in everything if (q.correct, len(q.options)) == (1, 4)]
        sent = await self._keep(
            meeting, "trigger_questions", duration=3_600, question_ids=usable[:100]
        )
        assert sent["ok"], sent

    async def _keep(self, meeting: str, event: str, **fields: Any) -> Json:
        return await self._keepers[meeting].call(event, {"meeting_id": meeting, **fields})

    async def _pupil(self, meeting: str) -> Guest:
        wire, student_id = await self.connect(), f"S{next(self._ids)}"
        mine = {"meeting_id": meeting, "student_id": student_id, "answer": 1}
        request = {"meeting_id": meeting, "student_id": student_id, "name": student_id}
        joined = await wire.call("join_student", request)
        assert joined["ok"], joined
        return Guest(wire, {**mine, "token": "wrong", "resume_token": joined["resume_token"]})


def assert_answered(event: str, ack: Any) -> None:
    """Fail unless an event was met, or refused with a code and a sentence."""
    assert isinstance(ack, dict), (event, ack)
    if ack.get("ok") is True:
        return
    assert ack.keys() == {"ok", "error"}, ack
    error = ack["error"]
    assert_shape(error, shapes.ERROR)
    waits = error["code"] == Code.RATE_LIMITED and event in JOINS
    assert waits or error["code"] in EXPECTED, error
    unreadable = error["code"] == Code.BAD_REQUEST and error["event"] == UNREADABLE
    assert unreadable or error["event"] == printable(event[:QUOTED])
    assert error["message"] == printable(error["message"])


def _fits(event: str, arguments: list[Any]) -> bool:
    return sum(len(frame) for frame in frames(0, event, arguments)) < LARGEST_FRAME - 20


def _quoted(value: str) -> str:
    return quote(value.encode(errors="surrogatepass"), safe="")


async def _question(wire: Wire) -> Json:
    question = await wire.next("NEW_QUESTION")
    return {name: question[name] for name in ("question_id", "round_id")}


def _instructor(meeting: str) -> Json:
    return {"instructor_id": "teacher", "meeting_id": meeting, "token": TOKEN}
