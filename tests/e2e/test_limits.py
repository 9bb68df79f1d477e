"""What `livequiz serve` limits, how loudly it says that it does not, and how little it logs."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path

import aiohttp

from tests.e2e.test_command_line import Server
from tests.patience import patient

GUESSES = 300


async def guess(url: str) -> Counter[int]:
    """Guess the instructor token; return how often each status came."""
    statuses: Counter[int] = Counter()
    async with aiohttp.ClientSession() as session:
        for number in range(GUESSES):
            headers = {"Authorization": f"Bearer canary-{number}"}
            async with session.get(f"{url}/api/v1/meetings", headers=headers) as response:
                statuses[response.status] += 1
    return statuses


async def guess_codes(url: str) -> None:
    """Guess a meeting's code on a connection of its own each, after some garbage."""
    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(guess_code(session, url, number) for number in range(GUESSES)))


async def guess_code(session: aiohttp.ClientSession, url: str, number: int) -> None:
    request = {"student_id": "x", "meeting_id": f"canary-{number}", "name": "x"}
    async with session.ws_connect(f"{url}/socket.io/?EIO=4&transport=websocket") as socket:
        for frame in ("garbage", "40{}", f'42["join_student",{json.dumps(request)}]'):
            await socket.send_str(frame)
        while (await socket.receive(timeout=patient(20))).type is aiohttp.WSMsgType.TEXT:
            pass


def test_a_server_limits_guesses_and_floods_fill_neither_log_nor_screen(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", "--port", "0")
    try:
        statuses = asyncio.run(guess(server.url))
        asyncio.run(guess_codes(server.url))
    finally:
        _, said = server.stop()
    assert statuses.keys() == {401, 429}
    assert "LIMITS" not in said
    log = (server.folder / "livequiz.log").read_text()
    assert "it guessed" in log
    assert len(log.splitlines()) < 100
    assert len(said.splitlines()) < 10
    assert "canary" not in log + said
    assert "Traceback" not in log + said


def test_no_limits_are_said_loudly(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", "--port", "0", "--no-limits")
    try:
        statuses = asyncio.run(guess(server.url))
    finally:
        _, said = server.stop()
    assert statuses == {401: GUESSES}
    assert "NO LIMITS" in said


def test_a_token_that_can_be_guessed_is_said(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", "--port", "0", "--instructor-token", "1234")
    _, said = server.stop()
    assert "short enough to guess" in said
