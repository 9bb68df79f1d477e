"""Guessing codes and tokens is locked out; who knows them gets in from the same address."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections import Counter
from typing import Any

import aiohttp
import pytest
import socketio

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.token_bucket import Rate
from livequiz.server.limits import Limits
from livequiz.server.quiz.participants import Admission
from livequiz.server.quiz.service import Policy
from livequiz.server.socketio.brute_force import BruteForceGuard
from tests.conftest import TOKEN, Connect, RunningServer
from tests.helpers import RawClient
from tests.server.bare import registry

GUESSES = 10_000
GUESSERS = 20
FAILURES = 100  # the default
SECONDS = 60  # that the test takes at most; each of them allows one failure more

STRICT = Limits(failures=Rate(5, 0.001), guesses=Rate(8, 0))


def guess(number: int) -> dict[str, str]:
    return {"student_id": "X", "meeting_id": f"G{number}", "name": "Guesser"}


async def lock_out(server: RunningServer, connect: Connect) -> None:
    """Fail until the address of all tests is locked out."""
    guesser = await connect()
    for number in range(5):
        assert (await guesser.refused("join_student", guess(number)))["code"] == "not_found"
    assert (
        registry(server)
        .sources.get("127.0.0.1", registry(server).now())
        .locked_out(registry(server).now())
    )


async def test_ten_thousand_guesses_of_the_instructor_token_are_locked_out(
    server: RunningServer,
) -> None:
    statuses: Counter[int] = Counter()
    async with aiohttp.ClientSession() as session:
        for number in range(GUESSES):
            headers = {"Authorization": f"Bearer guess-{number}"}
            async with session.get(f"{server.url}/api/v1/meetings", headers=headers) as response:
                statuses[response.status] += 1
                last = await response.json(content_type=None)
        assert "Retry-After" in response.headers
        assert last["code"] == "rate_limited"
        assert statuses.keys() == {401, 429}
        assert FAILURES <= statuses[401] <= FAILURES + SECONDS
        right = {"Authorization": f"Bearer {TOKEN}"}
        async with session.get(f"{server.url}/api/v1/meetings", headers=right) as response:
            assert response.status == 200


async def test_ten_thousand_guesses_of_a_code_are_not_even_checked(
    server: RunningServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = 0
    join = server.service.participants.join

    async def counted(*arguments: Any) -> Admission:
        nonlocal checked
        checked += 1
        return await join(*arguments)

    monkeypatch.setattr(server.service.participants, "join", counted)
    guessers = [await connect() for _ in range(GUESSERS)]

    async def all_at_once(start: int) -> None:
        guesser = guessers[start % GUESSERS]
        with contextlib.suppress(socketio.exceptions.SocketIOError):  # dropped in the middle
            for number in range(start, GUESSES, GUESSERS):
                await guesser.send("join_student", guess(number))
            # Most of them are refused because one is being checked; who goes on is sent away.
            while True:
                await guesser.send("join_student", guess(start))
                await asyncio.sleep(0.01)
        await guesser.ended()

    await asyncio.gather(*map(all_at_once, range(GUESSERS)))
    # At least the first of each; at most those under way at the lock-out, and the one told of it.
    assert GUESSERS <= checked <= FAILURES + SECONDS + 2 * GUESSERS


class TestLockedOut:
    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN, limits=STRICT)

    async def test_who_knows_the_code_joins_from_an_address_that_is_locked_out(
        self, server: RunningServer, teacher: RawClient, connect: Connect
    ) -> None:
        await lock_out(server, connect)
        for number in range(30):
            await (await connect()).join(f"S{number}")

    async def test_who_knows_the_token_teaches_from_an_address_that_is_locked_out(
        self, server: RunningServer, connect: Connect
    ) -> None:
        await lock_out(server, connect)
        for _ in range(30):
            await (await connect()).teach(TOKEN)

    async def test_a_wrong_try_ends_its_connection_and_is_told_nothing(
        self, server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
    ) -> None:
        await join("S001")
        await lock_out(server, connect)
        wrong = [
            ("join_student", guess(1)),
            ("join_student", {"student_id": "S001", "meeting_id": "TEST", "name": "Thief"}),
            ("join_instructor", {"instructor_id": "x", "meeting_id": "TEST", "token": "wrong"}),
        ]
        await teacher.ok("lock_meeting", {"meeting_id": "TEST", "locked": True})
        wrong.append(("join_student", {**guess(1), "meeting_id": "TEST"}))
        errors = []
        for event, request in wrong:
            client = await connect()
            error = await client.refused(event, request)
            errors.append({**error, "event": ""})
            await client.send(event, request)  # is not even looked at
            await client.ended()
        assert {error["code"] for error in errors} == {"rate_limited"}
        assert all(error == errors[0] for error in errors)
        assert registry(server).dropped["it guessed"] == len(wrong)

    async def test_only_so_many_tries_are_checked_but_what_nobody_can_guess_always_is(
        self, server: RunningServer, teacher: RawClient, connect: Connect
    ) -> None:
        first = await connect()
        resume = (await first.join("S001"))["resume_token"]
        await first.drop()
        await lock_out(server, connect)
        for number in range(8):
            error = await (await connect()).refused("join_student", guess(number))
            assert error["code"] == "rate_limited"
        right = {"student_id": "S002", "meeting_id": "TEST", "name": "Bob"}
        stranger = await connect()
        assert (await stranger.refused("join_student", right))["code"] == "rate_limited"
        forged = {**right, "resume_token": resume}
        stranger = await connect()
        assert (await stranger.refused("join_student", forged))["code"] == "rate_limited"
        await (await connect()).join("S001", resume_token=resume)
        await (await connect(auth={"resume_token": resume})).join("S001")
        await (await connect()).teach(TOKEN)

    async def test_a_client_of_this_project_reads_the_sentence(
        self, server: RunningServer, connect: Connect
    ) -> None:
        await lock_out(server, connect)
        with pytest.raises(QuizError) as refusal:
            await server.student("S001", meeting="WRONG")
        assert refusal.value.code is Code.RATE_LIMITED
        assert "wrong attempts" in refusal.value.message


class TestAShortToken:
    """Of which the tries have to be counted, since it can be found by trying."""

    @pytest.fixture
    def policy(self) -> Policy:
        return Policy("1234", limits=STRICT)

    async def test_only_so_many_of_its_guesses_are_checked(
        self, server: RunningServer, connect: Connect
    ) -> None:
        await lock_out(server, connect)
        async with aiohttp.ClientSession() as session:
            for token in [*range(1_000, 1_008), 1234]:
                headers = {"Authorization": f"Bearer {token}"}
                url = f"{server.url}/api/v1/meetings"
                async with session.get(url, headers=headers) as response:
                    assert response.status == 429, token
        request = {"instructor_id": "x", "meeting_id": "TEST", "token": "1234"}
        error = await (await connect()).refused("join_instructor", request)
        assert error["code"] == "rate_limited"


class TestLogs:
    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN, limits=STRICT)

    async def test_tokens_are_in_no_log(
        self, server: RunningServer, connect: Connect, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG, "livequiz")
        canary = "canary-0123456789"
        client = await connect(auth={"token": canary, "resume_token": canary})
        request = {"instructor_id": "x", "meeting_id": "TEST", "token": canary}
        await client.refused("join_instructor", request)
        code, numbers = "", itertools.count()
        while code != "rate_limited":
            request = {**guess(next(numbers)), "resume_token": canary}
            code = (await client.refused("join_student", request))["code"]
        await client.ended()
        headers = {"Authorization": f"Bearer {canary}"}
        url = f"{server.url}/api/v1/meetings"
        async with aiohttp.ClientSession() as session, session.get(url, headers=headers):
            pass
        ours = [r.getMessage() for r in caplog.records if r.name.startswith("livequiz")]
        assert any("it guessed" in line for line in ours)
        assert not any("canary" in line for line in ours)


class TestManyAddresses:
    """2,002 guesses from 20 addresses were checked in 6 s."""

    @pytest.fixture
    def policy(self) -> Policy:
        return Policy("1234", limits=STRICT)

    async def test_all_addresses_together_have_a_budget_and_a_class_that_is_in_is_outside_of_it(
        self, server: RunningServer, connect: Connect
    ) -> None:
        url = f"{server.url}/api/v1/meetings"
        await (await connect()).teach("1234")  # from 127.0.0.1

        async def guess_from(address: str, tokens: range) -> Counter[int]:
            statuses: Counter[int] = Counter()
            connector = aiohttp.TCPConnector(local_addr=(address, 0))
            async with aiohttp.ClientSession(connector=connector) as session:
                for token in tokens:
                    headers = {"Authorization": f"Bearer {token}"}
                    async with session.get(url, headers=headers) as response:
                        statuses[response.status] += 1
            return statuses

        checked: Counter[int] = Counter()
        for number in range(2, 42):
            checked += await guess_from(f"127.0.0.{number}", range(5_000, 5_004))
        # 5 times what one address may fail, and what is then still checked, untold.
        assert 25 <= checked[401] <= 26
        assert checked[401] + checked[429] == 160
        assert await guess_from("127.0.0.99", range(1234, 1235)) == {429: 1}
        assert await guess_from("127.0.0.1", range(1234, 1235)) == {200: 1}

    async def test_addresses_that_are_locked_out_share_that_budget_too(
        self, server: RunningServer
    ) -> None:
        """Each had 500 tries of its own, so that twenty had 10,000."""
        watched = registry(server)
        brute_force = BruteForceGuard(watched, server.service)
        checked = 0
        for number in range(2, 22):
            source = watched.sources.get(f"10.0.0.{number}", watched.now())
            for _ in range(40):
                attempt = brute_force.begin(source)
                checked += attempt.checked
                attempt.wrong()
        everywhere = STRICT.everywhere
        most = everywhere.failures.burst + everywhere.guesses.burst + 1
        assert everywhere.failures.burst <= checked <= most

    async def test_a_right_try_costs_nobody_anything(self, server: RunningServer) -> None:
        watched = registry(server)
        brute_force = BruteForceGuard(watched, server.service)
        for number in range(2, 7):  # until all addresses together are locked out
            for _ in range(6):
                brute_force.begin(watched.sources.get(f"10.0.0.{number}", watched.now())).wrong()
        for _ in range(100):
            attempt = brute_force.begin(watched.sources.get("10.0.0.2", watched.now()))
            assert attempt.checked
            attempt.right()
