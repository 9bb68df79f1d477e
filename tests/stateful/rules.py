"""Section 3 of the contract as a state machine: what people do, in any order, and what stays true.

The server, its sockets and its MongoDB are real; only the server's clock can jump.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter, defaultdict
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from livequiz.db.store import Store
from livequiz.server.quiz.service import Policy, utc_now
from tests.conftest import TOKEN, RunningServer
from tests.helpers import Json, RawClient, bank, contents

TEST = {"meeting_id": "TEST"}
BANK = 6  # questions
students = st.integers(0, 3).map("S{}".format)
choices = st.integers(0, 3)
T = TypeVar("T")


class Rules(RuleBasedStateMachine):
    """Four students, a teacher, a server that restarts and a clock that jumps."""

    mongo_url = ""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.jumped = timedelta()
        self.jumped_back = False
        self.made_up = (
            timedelta()
        )  # of jumps that the server takes for time in which it stood still
        self.clients: dict[str, RawClient] = {}
        self.tokens: dict[str, str] = {}
        self.told: dict[tuple[str, str], Json] = {}
        self.sent: dict[str, Json] = {}  # what each trigger answered, by round
        self.run(self._start())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(asyncio.wait_for(work, 30))

    async def _start(self) -> None:
        store = Store(self.mongo_url, f"livequiz_{uuid.uuid4().hex}")
        await store.prepare()
        self.server = RunningServer(store, Policy(TOKEN), now=self._now)
        await self.server.start()
        await self.server.import_questions(bank(BANK))
        await self._teach()

    async def _teach(self) -> None:
        self.teacher = await RawClient(self.server.url).open()
        await self.teacher.teach(TOKEN)

    def _now(self) -> datetime:
        return utc_now() + self.jumped

    def teardown(self) -> None:
        self.run(self._end())
        left = asyncio.all_tasks(self.loop)  # the library's pings sleep on
        for task in left:
            task.cancel()
        if left:
            self.loop.run_until_complete(asyncio.wait(left))
        self.loop.close()

    async def _end(self) -> None:
        await asyncio.gather(*(client.close() for client in self.clients.values()))
        await self.teacher.close()
        await self.server.close()
        await self.server.store.drop()
        self.server.store.close()

    # --- what people do ----------------------------------------------------------------------

    @rule(student=students)
    def join(self, student: str) -> None:
        self.run(self._join(student))

    async def _join(self, student: str) -> None:
        client = await RawClient(self.server.url).open()
        more = {"resume_token": self.tokens[student]} if student in self.tokens else {}
        joined = await client.join(student, **more)
        assert self.tokens.setdefault(student, joined["resume_token"]) == joined["resume_token"]
        if (older := self.clients.pop(student, None)) is not None:
            assert (await older.next("removed"))["reason"] == "replaced"
            await older.close()
        self.clients[student] = client

    @rule(student=students)
    def steal(self, student: str) -> None:
        """Join as somebody else."""

        async def attempt() -> None:
            thief = await RawClient(self.server.url).open()
            request = {**TEST, "student_id": student, "name": "Eve", "resume_token": "guess"}
            assert (await thief.refused("join_student", request))["code"] == "conflict"
            await thief.close()

        if student in self.tokens:
            self.run(attempt())

    @rule(student=students)
    def drop(self, student: str) -> None:
        """Lose a student's connection."""
        if (client := self.clients.pop(student, None)) is not None:
            self.run(client.drop())
            self.run(client.close())

    @rule(
        reveal=st.sampled_from(["at_once", "after_round", None]),
        shuffle=st.booleans(),
        repeats=st.booleans(),
    )
    def trigger(self, reveal: str | None, shuffle: bool, repeats: bool) -> None:
        request = {**TEST, "duration": 60, "shuffle_options": shuffle, "allow_repeats": repeats}
        ack = self.run(self.teacher.call("trigger_questions", {**request, "reveal": reveal}))
        if ack["ok"]:
            self.sent[ack["round_id"]] = {**ack, "repeats": repeats}
        else:
            assert ack["error"]["code"] in {"conflict", "no_students"}, ack

    @precondition(lambda self: self.clients)
    @rule(student=students, choice=choices, times=st.integers(1, 3))
    def answer(self, student: str, choice: int, times: int) -> None:
        client = self.clients.get(student)
        if client is None:
            return
        questions = [data for event, data in client.log if event == "NEW_QUESTION"]
        if not questions:
            return
        question = questions[-1]
        acks = self.run(self._answers(client, student, question, choice, times))
        for ack in acks:
            self._note(student, question, ack)

    async def _answers(
        self, client: RawClient, student: str, question: Json, choice: int, times: int
    ) -> list[Json]:
        """Answer several times at once, each time with another option."""
        return await asyncio.gather(
            *(
                client.answer(student, question, (choice + n) % 4, round_id=question["round_id"])
                for n in range(times)
            )
        )

    def _note(self, student: str, question: Json, ack: Json) -> None:
        key = (question["round_id"], student)
        if not ack["ok"]:
            assert ack["error"]["code"] == "too_late", ack
            assert key not in self.told, "an answer that was stored is never too late"
            return
        known = self.told.setdefault(key, ack)
        assert ack["your_answer"] == known["your_answer"]
        assert ack["response_time"] == known["response_time"]
        if known["correct"] is not None:
            assert ack["correct"] == known["correct"]

    @precondition(lambda self: len(self.clients) > 1)
    @rule(data=st.data())
    def forge(self, data: st.DataObject) -> None:
        """Answer for somebody else."""
        one = data.draw(st.sampled_from(sorted(self.clients)))
        other = data.draw(st.sampled_from(sorted(self.clients.keys() - {one})))
        ack = self.run(self.clients[one].answer(other, {"question_id": "0" * 24}, 0))
        assert ack["error"]["code"] == "forbidden"

    @rule()
    def close(self) -> None:
        ack = self.run(self.teacher.call("close_round", TEST))
        assert ack["ok"] or ack["error"]["code"] == "no_round", ack

    @rule(seconds=st.integers(1, 60))
    def extend(self, seconds: int) -> None:
        ack = self.run(self.teacher.call("extend_round", {**TEST, "seconds": seconds}))
        assert ack["ok"] or ack["error"]["code"] == "no_round", ack

    @rule(student=students, factor=st.sampled_from([1, 1.5, 4]))
    def give_time(self, student: str, factor: float) -> None:
        request = {**TEST, "student_id": student, "time_factor": factor}
        ack = self.run(self.teacher.call("set_student", request))
        assert ack["ok"] is (student in self.tokens), ack

    @rule(seconds=st.sampled_from([-90, -5, 5, 90, 3_600]))
    def jump(self, seconds: int) -> None:
        """Set the server's clock."""
        self.jumped += timedelta(seconds=seconds)
        self.jumped_back |= seconds < 0
        self.made_up += timedelta(seconds=max(0, seconds))

    @rule(seconds=st.sampled_from([0, 5, 90]))
    def restart(self, seconds: int) -> None:
        """End the server, and start the next one some time later."""

        async def again() -> None:
            await self.server.stop()
            self.jumped += timedelta(seconds=seconds)
            await asyncio.gather(*(client.close() for client in self.clients.values()))
            await self.teacher.close()
            self.clients.clear()
            await self.server.start()
            await self._teach()

        self.run(again())

    # --- what stays true ---------------------------------------------------------------------

    @invariant()
    def the_rules_hold(self) -> None:
        stored = self.run(contents(self.server.store))
        self._once_and_as_told(stored)
        self._rounds(stored)
        self._questions(stored)
        self._in_time(stored)

    def _once_and_as_told(self, stored: dict[str, list[Json]]) -> None:
        keys = Counter((str(row["round_id"]), row["student_id"]) for row in stored["responses"])
        assert all(count == 1 for count in keys.values()), "one response for a student in a round"
        correct = {row["_id"]: row["correct"] for row in stored["questions"]}
        rows = {(str(row["round_id"]), row["student_id"]): row for row in stored["responses"]}
        for key, ack in self.told.items():
            assert key in rows, "acknowledged means stored"
            if ack["correct"] is not None:
                assert ack["correct"] == rows[key]["correct"]
            assert ack["response_time"] == rows[key]["response_time"]
        for row in rows.values():
            assert row["correct"] == (row["answer"] == correct[row["question_id"]])

    def _rounds(self, stored: dict[str, list[Json]]) -> None:
        rounds = stored["rounds"]
        assert sum(row["state"] == "open" for row in rounds) <= 1
        assert sorted(row["number"] for row in rounds) == list(range(1, len(rounds) + 1))
        assigned = Counter(row["round_id"] for row in stored["student_questions"])
        assert assigned.keys() == {row["_id"] for row in rounds}, "no round is half live"
        for row in rounds:
            assert row["counts"]["assigned"] == assigned[row["_id"]]

    def _questions(self, stored: dict[str, list[Json]]) -> None:
        given: defaultdict[str, list[Any]] = defaultdict(list)
        for row in stored["student_questions"]:
            given[row["student_id"]].append(row["question_id"])
        for sent in self.sent.values():
            questions = [row["question_id"] for row in sent["assignments"]]
            assert (len(set(questions)) == len(questions)) is sent["distinct"]
        if not any(sent["repeats"] for sent in self.sent.values()):
            for questions in given.values():
                first = questions[:BANK]
                assert len(set(first)) == len(first), "nobody sees a question twice"

    def _in_time(self, stored: dict[str, list[Json]]) -> None:
        if self.jumped_back:
            return  # deadlines went back with the clock, and what was stored before did not
        deadlines = {
            (row["round_id"], row["student_id"]): row["deadline"]
            for row in stored["student_questions"]
        }
        for row in stored["responses"]:
            # An answer may come before the deadlines are moved, and end the round.
            limit = deadlines[row["round_id"], row["student_id"]] + self.made_up
            limit += timedelta(seconds=1.5)
            assert row["timestamp"] <= limit, "late answers are stored nowhere"
