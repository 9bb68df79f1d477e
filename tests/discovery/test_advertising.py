"""A server tells its network where it is, and a form reads it; all of it over real sockets."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from zeroconf import ServiceInfo
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from livequiz.client import server_search
from livequiz.client.mdns_browser import Browser
from livequiz.protocol import discovery
from livequiz.server.host.mdns import WITHDRAW_WITHIN, Advertiser
from tests.multicast import ADDRESS, LOOPBACK, PATIENCE, URL, Seen, advertised, entry, written
from tests.patience import patient
from tests.tui.looking import until

STRANGE_INTERFACE = ["203.0.113.9"]  # a documentation address (RFC 5737)


def advertising() -> bool:
    return any(task.get_name() == "advertise" for task in asyncio.all_tasks())


async def test_a_server_that_others_reach_is_found_whoever_was_there_first() -> None:
    async with Seen() as early, advertised():
        await until(lambda: early.last == (URL,), "found by who looked before", PATIENCE)
        async with Seen() as late:
            await until(lambda: late.last == (URL,), "found by who looked after", PATIENCE)


async def test_a_server_that_stops_is_gone_within_its_budget() -> None:
    async with Seen() as seen, advertised() as withdraw:
        await until(lambda: seen.last == (URL,), timeout=PATIENCE)
        await asyncio.wait_for(withdraw(), patient(WITHDRAW_WITHIN))
        await until(lambda: seen.last == (), "withdrawn", PATIENCE)
    assert not advertising()


async def test_a_server_that_stops_while_it_starts_leaves_nothing_behind() -> None:
    advertiser = Advertiser(LOOPBACK)
    advertiser.start([(ADDRESS, 5000)])
    await asyncio.sleep(0)  # its task has begun
    assert advertising()
    await advertiser.withdraw()
    assert not advertising()


async def test_several_servers_are_told_apart_and_keep_their_order() -> None:
    async with Seen() as seen, advertised():
        await until(lambda: seen.last == (URL,), timeout=PATIENCE)
        async with advertised(port=5001):
            both = (URL, f"http://{ADDRESS}:5001")
            await until(lambda: seen.last == both, timeout=PATIENCE)
        await until(lambda: seen.last == (URL,), timeout=PATIENCE)


async def test_two_entries_of_one_server_count_once(looked_at: set[str]) -> None:
    entries = [entry("a"), entry("b"), entry("c", port=5001)]
    async with written(*entries), Browser(LOOPBACK) as watched:
        await until(lambda: len(looked_at) == 3 and not watched._lookups, timeout=PATIENCE)
        assert sorted(watched.urls) == [URL, f"http://{ADDRESS}:5001"]


async def test_a_server_on_ipv6_alone_is_found() -> None:
    async with Seen() as seen, advertised("fd00::2"):
        await until(lambda: seen.last == ("http://[fd00::2]:5000",), timeout=PATIENCE)


@pytest.mark.parametrize(
    "bound", [[("127.0.0.1", 5000)], [("127.0.0.2", 5000), ("::1", 5000, 0, 0)], []]
)
async def test_a_server_that_only_this_machine_reaches_is_not_advertised(
    bound: list[Sequence[Any]],
) -> None:
    advertiser = Advertiser(LOOPBACK)
    advertiser.start(bound)
    assert not advertising()
    advertiser.start([*bound, (ADDRESS, 5000)])
    assert advertising()
    await advertiser.withdraw()


async def test_a_server_with_a_certificate_is_found_by_https_where_it_can_be_verified() -> None:
    for_others = Advertiser(LOOPBACK, certified_for=["quiz.example", "192.168.1.21"])
    for_others.start([(ADDRESS, 5000)])
    assert not advertising()
    advertiser = Advertiser(LOOPBACK, certified_for=["quiz.example", ADDRESS])
    async with Seen() as seen:
        advertiser.start([(ADDRESS, 5000)])
        await until(lambda: seen.last == (f"https://{ADDRESS}:5000",), timeout=PATIENCE)
        await advertiser.withdraw()


async def test_an_entry_says_nothing_but_how_to_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[ServiceInfo] = []
    register = AsyncZeroconf.async_register_service

    async def spy(network: AsyncZeroconf, service: ServiceInfo) -> Any:
        told.append(service)
        return await register(network, service)

    monkeypatch.setattr(AsyncZeroconf, "async_register_service", spy)
    async with Seen() as seen, advertised():
        await until(lambda: seen.last, timeout=PATIENCE)
        async with AsyncZeroconf(LOOPBACK) as network:
            read = AsyncServiceInfo(discovery.SERVICE_TYPE, told[0].name)
            assert await read.async_request(network.zeroconf, PATIENCE * 1000)
    assert read.properties == {b"scheme": b"http", b"version": b"1"}
    name = read.name.removesuffix(f".{discovery.SERVICE_TYPE}")
    assert read.server == f"{name}.local."
    word, _, number = name.partition("-")
    assert word == "livequiz"
    assert len(bytes.fromhex(number)) == 4


async def test_a_network_that_cannot_be_used_is_logged_and_does_no_harm(
    caplog: pytest.LogCaptureFixture,
) -> None:
    advertiser = Advertiser(STRANGE_INTERFACE)
    with caplog.at_level(logging.WARNING, logger="livequiz"):
        advertiser.start([(ADDRESS, 5000)])
        await until(lambda: "Can't announce the server" in caplog.text, timeout=PATIENCE)
        await advertiser.withdraw()
        assert [found async for found in server_search.servers(STRANGE_INTERFACE)] == []
    assert "Can't look for servers" in caplog.text


async def test_what_looking_takes_is_imported_while_the_screen_is_painted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads: list[threading.Thread] = []
    load = server_search._load

    def spy() -> type[Browser]:
        threads.append(threading.current_thread())
        return load()

    monkeypatch.setattr(server_search, "_load", spy)
    async with Seen() as seen, advertised():
        await until(lambda: seen.last, timeout=PATIENCE)
    assert threading.current_thread() not in threads


async def test_a_withdrawal_that_hangs_is_given_up_in_time(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    close = AsyncZeroconf.async_close

    async def hang(network: AsyncZeroconf) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await close(network)

    monkeypatch.setattr(AsyncZeroconf, "async_close", hang)
    monkeypatch.setattr("livequiz.server.host.mdns.WITHDRAW_WITHIN", 0.05)
    advertiser = Advertiser(LOOPBACK)
    advertiser.start([(ADDRESS, 5000)])
    await asyncio.sleep(0)
    await asyncio.wait_for(advertiser.withdraw(), patient(5))
    assert "in time" in caplog.text
