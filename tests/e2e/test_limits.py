"""What `livequiz serve` limits, how loudly it says that it does not, and how little it logs."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import aiohttp

from tests.e2e.test_command_line import Server

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


async def send_garbage(url: str) -> None:
    """Send what nobody can read, on as many connections as there are guesses."""
    async with aiohttp.ClientSession() as session:
        for _ in range(GUESSES):
            async with session.ws_connect(f"{url}/socket.io/?EIO=4&transport=websocket") as socket:
                await socket.send_str("bA")  # base64 that is cut off
                await socket.receive(timeout=5)


def test_a_server_limits_guesses_and_floods_fill_neither_log_nor_screen(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", "--port", "0")
    try:
        statuses = asyncio.run(guess(server.url))
        asyncio.run(send_garbage(server.url))
    finally:
        _, said = server.stop()
    assert statuses.keys() == {401, 429}
    assert "LIMITS" not in said
    log = (server.folder / "livequiz.log").read_text()
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
    assert "short enough to be guessed" in said
