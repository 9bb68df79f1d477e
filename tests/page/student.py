"""What a student does in the browser."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Locator, Page, expect

from livequiz.client.instructor import InstructorSession
from tests.patience import PATIENCE

OpenPage = Callable[..., Awaitable[Page]]
QUESTIONS: dict[str, dict[str, Any]] = {
    "single": {"question": "What is 2+2?", "options": ["3", "4", "5", "6"], "correct": 1},
    "true_false": {"question": "Is 4 even?", "type": "true_false", "correct": True},
    "multiple": {
        "question": "Which are even?",
        "type": "multiple",
        "options": ["1", "2", "3", "4"],
        "correct": [1, 3],
    },
    "numeric": {"question": "What is 1/4?", "type": "numeric", "correct": 0.25},
    "short_text": {"question": "Capital of France?", "type": "short_text", "correct": "Paris"},
}


async def join(page: Page, student_id: str = "S001", name: str = "Ada") -> None:
    await page.fill("#student_id", student_id)
    await page.fill("#name", name)
    await page.get_by_role("button", name="Join").click()
    await shown(page, f"You are in, {name}.")


async def shown(page: Page, words: str) -> None:
    """Wait until words are on the page."""
    await expect(page.locator("body")).to_contain_text(words, timeout=PATIENCE * 1000)


async def asked(page: Page) -> Locator:
    """Wait for a question; return it."""
    question = page.locator("#question")
    await question.wait_for()
    await page.wait_for_timeout(350)  # a key is not taken before
    return question


async def ask(teacher: InstructorSession, page: Page, duration: float = 600, **how: Any) -> None:
    """Send a round, and wait for its question."""
    await teacher.trigger(duration=duration, **how)
    await asked(page)


async def seconds_left(page: Page) -> int:
    return int(await page.locator(".countdown").inner_text())


async def submit(page: Page) -> None:
    await page.get_by_role("button", name=re.compile("Submit")).click()


async def go_on(page: Page) -> None:
    """Leave a verdict, once a key or a click counts there."""
    await page.wait_for_timeout(750)
    await page.get_by_role("button", name="Continue").click()
    await shown(page, "Wait for the next question.")
