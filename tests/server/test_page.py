"""What the server says with the files of the web page."""

from __future__ import annotations

import gzip
import hashlib
import re

import aiohttp

from livequiz.server.http.page import FOLDER
from tests.conftest import RunningServer
from tests.server.bare import http

LARGEST = 60 * 1024  # bytes, packed: what a browser loads before the first question
LOADS = 400
VENDORED = re.compile(r"\| `([^`]+)` \| .* \| `([0-9a-f]{64})` \|")


async def paths(session: aiohttp.ClientSession, server: RunningServer) -> list[str]:
    """Return the paths that the page names, and those of the scripts below its own."""
    async with session.get(server.url) as response:
        text = await response.text()
    found = re.findall(r'(?:href|src)="([^"]+)"', text)
    base = found[0].rpartition("/")[0]
    scripts = [path.name for path in FOLDER.glob("*.js")]
    return sorted({*found, *(f"{base}/{name}" for name in scripts)})


async def test_the_page_is_small_and_its_files_are_kept_for_ever(server: RunningServer) -> None:
    async with http() as session:
        size = 0
        for path in await paths(session, server):
            async with session.get(server.url + path) as response:
                assert response.status == 200, path
                assert "immutable" in response.headers["Cache-Control"]
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                assert response.headers["Content-Encoding"] == "gzip"
                size += len(gzip.compress(await response.read(), 9))
    assert size < LARGEST


async def test_the_page_itself_is_asked_for_anew_and_allows_nothing_but_its_own_files(
    server: RunningServer,
) -> None:
    async with http() as session, session.get(f"{server.url}/?m=K7QX4M") as response:
        assert response.content_type == "text/html"
        assert response.headers["Cache-Control"] == "no-cache"
        policy = dict(
            part.strip().partition(" ")[::2]
            for part in response.headers["Content-Security-Policy"].split(";")
        )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    host = f"127.0.0.1:{server.port}"
    assert policy["connect-src"] == f"'self' ws://{host} wss://{host}"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"


async def test_a_host_that_is_none_gets_into_no_policy(server: RunningServer) -> None:
    headers = {"Host": "x; script-src *"}
    async with http() as session, session.get(server.url, headers=headers) as response:
        assert "script-src *" not in response.headers.get("Content-Security-Policy", "")


async def test_no_other_path_leads_to_a_file(server: RunningServer) -> None:
    async with http() as session:
        base = (await paths(session, server))[0].rpartition("/")[0]
        for path in ("/page/", "/page/old/main.js", f"{base}/../app.py", f"{base}/%2e%2e/app.py"):
            async with session.get(server.url + path) as response:
                assert response.status == 404, path


async def test_a_school_behind_one_address_loads_the_page_whatever_one_of_them_floods(
    server: RunningServer,
) -> None:
    async with http() as session:
        found = ["/", *await paths(session, server)]
        for path in ("/healthz", f"{found[1]}.nope"):
            for _ in range(LOADS):
                async with session.get(server.url + path):
                    pass
        for path in found:
            async with session.get(server.url + path) as response:
                assert response.status == 200


def test_what_others_wrote_is_what_they_published() -> None:
    vendor = FOLDER / "vendor"
    listed = dict(VENDORED.findall((vendor / "README.md").read_text()))
    assert listed == {
        path.relative_to(vendor).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vendor.rglob("*.js")
    }
