"""The real browser that tests use: Chromium, as Debian packages it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

from tests.patience import PATIENCE

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


async def program() -> str:
    """Return the browser's path; Ubuntu has a program of that name which only says where to get it.

    The test is skipped where there is none.
    """
    if PROGRAM is not None:
        quiet = asyncio.subprocess.DEVNULL
        asked = await asyncio.create_subprocess_exec(
            PROGRAM, "--version", stdout=quiet, stderr=quiet
        )
        if await asked.wait() == 0:
            return PROGRAM
    pytest.skip("no chromium here; .ci/run installs it")


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run the browser while the block runs; contexts in it are browsers of different people."""
    path = await program()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=FLAGS, timeout=PATIENCE * 3000
        )
        yield browser
        await browser.close()
