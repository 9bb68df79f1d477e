"""Which web pages may use the server: what a browser would send, on all three ways in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from livequiz.client.tls import client_context
from livequiz.db.store import Store
from livequiz.domain.errors import QuizError
from livequiz.server.http.cors import normalize_origin, parse_origins
from livequiz.server.quiz.service import Policy
from tests.authority import Authority
from tests.conftest import TOKEN, RunningServer

OPENED = "https://quiz.example"
STRANGERS = [
    "http://evil.example",
    "http://quiz.example",  # another scheme than the one that was opened
    "https://quiz.example:8443",
    "https://quiz.example.evil.example",
    "http://127.0.0.1:1",
    "null",
    "",
    "*",
    "nonsense",
]
WAYS = ["websocket", "polling", "rest"]
ALLOW_ORIGIN, CREDENTIALS = "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"


@dataclass
class Browser:
    """Asks as a browser does for a page of an origin; None sends no `Origin`."""

    server: RunningServer
    session: aiohttp.ClientSession

    async def ask(self, way: str, origin: str | None, **more: Any) -> aiohttp.ClientResponse:
        headers = {} if origin is None else {"Origin": origin}
        if way == "rest":
            headers["Authorization"] = f"Bearer {TOKEN}"
            return await self._get("/api/v1/questions", {**headers, **more})
        return await self._get(f"/socket.io/?EIO=4&transport={way}", {**headers, **more})

    async def admitted(self, way: str, origin: str | None, **more: Any) -> bool:
        """Return whether the server let the page in, over a WebSocket by shaking hands."""
        if way != "websocket":
            status = (await self.ask(way, origin, **more)).status
            assert status in {200, 403}
            return status == 200
        headers = {} if origin is None else {"Origin": origin}
        url = f"{self.server.url}/socket.io/?EIO=4&transport=websocket"
        try:
            async with self.session.ws_connect(url, headers={**headers, **more}):
                return True
        except aiohttp.WSServerHandshakeError as error:
            if error.status != 403:
                raise
            return False

    async def preflight(self, path: str, origin: str) -> aiohttp.ClientResponse:
        headers = {
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        async with self.session.options(self.server.url + path, headers=headers) as reply:
            return reply

    async def _get(self, path: str, headers: dict[str, str]) -> aiohttp.ClientResponse:
        async with self.session.get(self.server.url + path, headers=headers) as reply:
            await reply.read()
            return reply


@pytest.fixture
async def browser(server: RunningServer, authority: Authority) -> AsyncIterator[Browser]:
    connector = aiohttp.TCPConnector(ssl=client_context(authority.file))
    async with aiohttp.ClientSession(connector=connector) as session:
        yield Browser(server, session)


@pytest.fixture
async def opened(
    store: Store, policy: Policy, server: RunningServer, browser: Browser
) -> AsyncIterator[Browser]:
    """A browser at a server that was started with `--cors-origin`."""
    running = RunningServer(store, policy, cors_origins=parse_origins([OPENED]))
    await running.start()
    yield Browser(running, browser.session)
    await running.close()


@pytest.mark.parametrize("way", WAYS)
async def test_pages_of_strangers_are_refused(browser: Browser, opened: Browser, way: str) -> None:
    for origin in STRANGERS:
        assert not await browser.admitted(way, origin), origin
        assert not await opened.admitted(way, origin), origin
    assert not await browser.admitted(way, OPENED)


@pytest.mark.parametrize("way", WAYS)
async def test_a_page_can_not_talk_its_way_in_with_forwarding_headers(
    browser: Browser, way: str
) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    assert not await browser.admitted(way, "http://evil.example", **forged)


@pytest.mark.parametrize("way", WAYS)
async def test_programs_and_pages_of_the_server_itself_are_let_in(
    browser: Browser, way: str
) -> None:
    assert await browser.admitted(way, None)
    assert await browser.admitted(way, browser.server.url)


@pytest.mark.parametrize("way", WAYS)
async def test_with_tls_the_own_origin_is_the_one_with_https(
    browser: Browser, authority: Authority, way: str
) -> None:
    await browser.server.stop()
    browser.server.tls = authority.context("127.0.0.1")
    await browser.server.start()
    assert await browser.admitted(way, browser.server.url)
    assert not await browser.admitted(way, browser.server.url.replace("https", "http"))


@pytest.mark.parametrize("way", WAYS)
async def test_an_opened_origin_is_let_in(opened: Browser, way: str) -> None:
    assert await opened.admitted(way, OPENED)
    assert await opened.admitted(way, opened.server.url)
    assert await opened.admitted(way, None)


@pytest.mark.parametrize("way", ["polling", "rest"])
async def test_an_opened_origin_can_read_what_it_gets(opened: Browser, way: str) -> None:
    reply = await opened.ask(way, OPENED)
    assert reply.headers.getall(ALLOW_ORIGIN) == [OPENED]
    assert "Origin" in reply.headers.getall("Vary")
    assert CREDENTIALS not in reply.headers
    refused = await opened.ask(way, "https://evil.example")
    assert refused.status == 403
    assert ALLOW_ORIGIN not in refused.headers
    assert "Origin" in refused.headers.getall("Vary")
    assert ALLOW_ORIGIN not in (await opened.ask(way, None)).headers


async def test_an_opened_origin_can_read_errors_too(opened: Browser) -> None:
    reply = await opened.ask("rest", OPENED, Authorization="Bearer wrong")
    assert reply.status == 401
    assert reply.headers[ALLOW_ORIGIN] == OPENED


@pytest.mark.parametrize("path", ["/api/v1/questions", "/socket.io/?EIO=4&transport=polling"])
async def test_a_preflight_is_answered_without_a_token(opened: Browser, path: str) -> None:
    reply = await opened.preflight(path, OPENED)
    assert reply.status == 204
    assert reply.headers[ALLOW_ORIGIN] == OPENED
    assert "POST" in reply.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in reply.headers["Access-Control-Allow-Headers"]
    assert CREDENTIALS not in reply.headers
    refused = await opened.preflight(path, "https://evil.example")
    assert refused.status == 403
    assert not [name for name in refused.headers if name.startswith("Access-Control")]


async def test_an_event_is_answered_over_a_page_s_polling(opened: Browser) -> None:
    url = f"{opened.server.url}/socket.io/?EIO=4&transport=polling"
    headers = {"Origin": OPENED}
    async with opened.session.get(url, headers=headers) as reply:
        sid = json.loads((await reply.text()).removeprefix("0"))["sid"]
    async with opened.session.post(f"{url}&sid={sid}", data="40{}", headers=headers) as reply:
        assert reply.status == 200
        assert reply.headers[ALLOW_ORIGIN] == OPENED
    stranger = {"Origin": "https://evil.example"}
    async with opened.session.post(f"{url}&sid={sid}", data="41", headers=stranger) as reply:
        assert reply.status == 403


def test_origins_are_compared_in_one_form() -> None:
    assert normalize_origin("https://Quiz.example/") == normalize_origin("https://quiz.example:443")
    assert normalize_origin("http://[::1]:5000") == "http://[::1]:5000"
    for none in (
        "null",
        "*",
        "",
        "quiz.example",
        "ftp://a",
        "http://a/b",
        "http://a@b",
        "http://:1",
    ):
        assert normalize_origin(none) is None, none


@pytest.mark.parametrize("wrong", ["*", "null", "quiz.example", "https://quiz.example/path"])
def test_what_is_no_origin_can_not_be_opened(wrong: str) -> None:
    with pytest.raises(QuizError, match="is not an origin"):
        parse_origins([wrong])
