"""A browser with the students' page, and a teacher who asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from livequiz.client.instructor import InstructorSession
from livequiz.server.quiz import health
from tests.chromium import chromium
from tests.conftest import RunningServer
from tests.page.student import OpenPage
from tests.patience import PATIENCE

PHONE, LAPTOP = (360, 740), (1280, 800)


@pytest.fixture(autouse=True)
def no_stalls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Move no deadline because the machine stood still for a moment."""
    monkeypatch.setattr(health, "STALL", timedelta(hours=1))


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest.fixture
async def open_page(browser: Browser, server: RunningServer) -> OpenPage:
    """Opens the page in a browser of somebody's own; faults of its scripts fail the test."""

    async def open_page(query: str = "?m=TEST", size: tuple[int, int] = PHONE, **more: Any) -> Page:
        width, height = size
        context = await browser.new_context(viewport={"width": width, "height": height}, **more)
        context.set_default_timeout(PATIENCE * 1000)
        page = await context.new_page()
        page.on("pageerror", _fail)
        await page.goto(f"{server.url}/{query}")
        await page.locator("#meeting_id, #question, .history").first.wait_for()
        return page

    return open_page


def _fail(error: Exception) -> None:
    raise AssertionError(f"a script of the page failed: {error}")


@pytest.fixture
async def teacher(server: RunningServer) -> InstructorSession:
    return await server.instructor()
