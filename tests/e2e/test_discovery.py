"""`livequiz serve` on a real network, as long as this machine has one."""

from __future__ import annotations

from pathlib import Path

import pytest

from livequiz.server.host.addresses import reachable
from tests.authority import Authority
from tests.e2e.test_command_line import Server
from tests.multicast import PATIENCE, Seen, servers
from tests.tui.looking import until


async def test_a_server_for_the_classroom_is_found_unless_told_not_to_announce(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = reachable("0.0.0.0")  # noqa: S104
    if address is None:
        pytest.skip("this machine is on no network")
    everywhere = ("--host", "0.0.0.0", "--port", "0")  # noqa: S104
    silent = Server(tmp_path / "silent", *everywhere, "--no-announce")
    monkeypatch.setenv("LIVEQUIZ_NO_ANNOUNCE", "1")
    as_silent = Server(tmp_path / "as-silent", *everywhere)
    monkeypatch.delenv("LIVEQUIZ_NO_ANNOUNCE")
    found = Server(tmp_path / "found", *everywhere)
    started = [silent, as_silent, found]
    urls = [f"http://{address}:{server.url.rpartition(':')[2]}" for server in started]
    try:
        async with Seen(servers) as seen:
            await until(lambda: urls[-1] in seen.last, "found", PATIENCE)
            assert not set(urls[:-1]) & set(seen.last)
            found.stop()
            await until(lambda: urls[-1] not in seen.last, "withdrawn", PATIENCE)
    finally:
        for server in started:
            if server.process.poll() is None:
                server.stop()
    for server in started:
        logged = "Announced" in (server.folder / "livequiz.log").read_text()
        assert logged == (server is found)


async def test_a_server_with_a_certificate_is_found_by_https(
    tmp_path: Path, authority: Authority
) -> None:
    address = reachable("0.0.0.0")  # noqa: S104
    if address is None:
        pytest.skip("this machine is on no network")
    certificate, key = map(str, authority.issue(address, "localhost"))
    flags = ("--host", "0.0.0.0", "--port", "0", "--tls-cert", certificate, "--tls-key", key)  # noqa: S104
    server = Server(tmp_path / "data", *flags)
    url = f"https://{address}:{server.url.rpartition(':')[2]}"
    try:
        async with Seen(servers) as seen:
            await until(lambda: url in seen.last, "found", PATIENCE)
    finally:
        server.stop()
