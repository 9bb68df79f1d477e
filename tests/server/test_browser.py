"""What a real browser lets the page of another site do with a server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from livequiz.db.store import Store
from livequiz.server.http.cors import parse_origins
from livequiz.server.quiz.service import Policy
from tests.chromium import FLAGS, program
from tests.conftest import TOKEN, RunningServer

START_WITHIN = 60.0  # seconds; the first start on a busy machine takes long

PAGE = """<!doctype html><script>
const server = "%s", token = "%s";
const said = (ask) => ask.then((text) => text, (error) => error.name);
const read = async (path, options) => (await fetch(server + path, options)).text();
const opened = () => new Promise((resolve) => {
  const way = "/socket.io/?EIO=4&transport=websocket";
  const socket = new WebSocket(server.replace("http", "ws") + way);
  socket.onmessage = (event) => resolve(event.data);
  socket.onerror = () => resolve("refused");
});
(async () => {
  const asks = {
    rest: read("/api/v1/questions", {headers: {Authorization: "Bearer " + token}}),
    simple: read("/healthz"),
    cookies: read("/healthz", {credentials: "include"}),
    polling: read("/socket.io/?EIO=4&transport=polling"),
    websocket: opened(),
  };
  const answers = {};
  for (const [name, ask] of Object.entries(asks)) answers[name] = await said(ask);
  await fetch("/answers", {method: "POST", body: JSON.stringify(answers)});
})();
</script>"""


class Site:
    """Another site, whose page tries everything with a server and tells what it could read."""

    def __init__(self, token: str = TOKEN) -> None:
        self.answers: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self.url = ""
        self.target = ""
        self._token = token

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        app = web.Application()
        app.add_routes([web.get("/", self._page), web.post("/answers", self._take)])
        runner = web.AppRunner(app, shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield
        finally:
            await runner.cleanup()

    async def _page(self, _: web.Request) -> web.Response:
        return web.Response(text=PAGE % (self.target, self._token), content_type="text/html")

    async def _take(self, request: web.Request) -> web.Response:
        self.answers.put_nowait(await request.json())
        return web.Response()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    async with site.serving():
        yield site


@pytest.fixture
async def chromium() -> str:
    return await program()


async def visit(chromium: str, site: Site, server: RunningServer, folder: Path) -> dict[str, Any]:
    """Let a browser open the site's page; return what the page could read of the server."""
    site.target = server.url
    browser = await asyncio.create_subprocess_exec(
        chromium,
        "--headless",
        *FLAGS,
        f"--user-data-dir={folder}",
        "--remote-debugging-port=0",  # else it ends as soon as the page is loaded
        site.url,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return await asyncio.wait_for(site.answers.get(), START_WITHIN)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(browser.pid, signal.SIGKILL)  # its own session: the browser's processes
        await browser.wait()


async def test_the_page_of_another_site_reads_nothing(
    chromium: str, server: RunningServer, site: Site, tmp_path: Path
) -> None:
    read = await visit(chromium, site, server, tmp_path)
    assert read == {
        "rest": "TypeError",
        "simple": "TypeError",
        "cookies": "TypeError",
        "polling": "TypeError",
        "websocket": "refused",
    }


async def test_the_page_of_a_site_that_was_let_in_reads_all_but_with_cookies(
    chromium: str, store: Store, policy: Policy, site: Site, tmp_path: Path
) -> None:
    server = RunningServer(store, policy, cors_origins=parse_origins([site.url]))
    await server.start()
    try:
        read = await visit(chromium, site, server, tmp_path)
    finally:
        await server.close()
    assert read["rest"] == '{"items":[],"next":null}'
    assert '"ok"' in read["simple"]
    assert read["cookies"] == "TypeError"
    assert '"sid"' in read["polling"]
    assert '"sid"' in read["websocket"]
