"""Students in browsers, who answer and reload while everything around them fails."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from functools import partial

import msgspec
from playwright.async_api import Browser, Error, Page, WebSocket

from livequiz.protocol.messages import AnswerResult
from tests.chaos.a_class import Told
from tests.chaos.host import MEETING
from tests.patience import PATIENCE

LOOK_EVERY = 0.2  # seconds
RELOADS = 0.05  # how likely one is at each look
ANSWERING = "#question button:not(:disabled)"


class Pages:
    """So many students, each in a browser of their own.

    Args:
        browser: Runs them.
        url: Where the server is.
        rng: Decides who answers what, when, and who reloads.
        told: Notes what they were told, by the frames that reached them.
    """

    def __init__(self, browser: Browser, url: str, rng: random.Random, told: Told) -> None:
        self._browser = browser
        self._url = url
        self._rng = rng
        self._told = told
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self, count: int) -> None:
        """Let so many in."""
        for number in range(count):
            student_id = f"P{number:03}"
            page = await (await self._browser.new_context()).new_page()
            page.on("websocket", partial(self._listen, student_id))
            await page.goto(f"{self._url}/?m={MEETING}")
            await page.fill("#student_id", student_id)
            await page.fill("#name", f"Page {number}")
            await page.keyboard.press("Enter")
            await page.get_by_text("You are in").wait_for(timeout=PATIENCE * 1000)
            self._tasks.append(asyncio.create_task(self._live(page)))

    async def close(self) -> None:
        """Let them go."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _listen(self, student_id: str, socket: WebSocket) -> None:
        socket.on("framereceived", partial(self._heard, student_id))

    def _heard(self, student_id: str, frame: str | bytes) -> None:
        if isinstance(frame, bytes) or not frame.startswith("42["):
            return
        event, *payload = json.loads(frame[2:])
        result = payload[0] if event == "answer_result" else None
        if event == "round_closed":
            result = payload[0].get("result")
        if result and result["your_answer"] is not None:
            told = msgspec.convert(result, AnswerResult)
            self._told.note((told.round_id, student_id), told)

    async def _live(self, page: Page) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            with contextlib.suppress(Error):  # the server is away just now
                if self._rng.random() < RELOADS:
                    await page.reload(timeout=2_000)
                elif await page.locator(ANSWERING).count():
                    await self._act(page)

    async def _act(self, page: Page) -> None:
        """Answer the question, or put its verdict away."""
        await asyncio.sleep(self._rng.uniform(0.3, 2))
        await page.keyboard.press(self._rng.choice("abcd"))
        await page.keyboard.press("Enter")
