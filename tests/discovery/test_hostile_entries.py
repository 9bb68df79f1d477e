"""Anybody on a network can write into its directory; a form takes nothing but an address."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from zeroconf import ServiceInfo
from zeroconf._dns import DNSPointer
from zeroconf._protocol.outgoing import DNSOutgoing
from zeroconf.asyncio import AsyncServiceInfo

from livequiz.client import mdns_browser
from livequiz.client.mdns_browser import Browser, url_of
from livequiz.protocol import discovery
from tests.multicast import ADDRESS, GOOD, LOOPBACK, PATIENCE, URL, Seen, entry, written
from tests.tui.looking import until

RESPONSE = 0x8400  # flags: an authoritative answer
POINTER, INTERNET = 12, 1

HOSTILE: dict[str, dict[str, Any]] = {
    "another scheme": {"properties": {**GOOD, "scheme": "javascript"}},
    "a scheme in capitals": {"properties": {**GOOD, "scheme": "HTTP"}},
    "a scheme with more": {"properties": {**GOOD, "scheme": "http://evil.example/"}},
    "a scheme that is no text": {"properties": {**GOOD, "scheme": b"\xff\x1b[2J"}},
    "a scheme without a value": {"properties": {**GOOD, "scheme": None}},
    "no scheme": {"properties": {"version": "1"}},
    "another version": {"properties": {**GOOD, "version": "2"}},
    "no version": {"properties": {"scheme": "http"}},
    "nothing told": {"properties": {}},
    "a broken record": {"properties": b"\xffscheme=http"},
    "port 0": {"port": 0},
    "this machine": {"parsed_addresses": ["127.0.0.1"]},
    "this machine by IPv6": {"parsed_addresses": ["::1"]},
    "this machine in disguise": {"parsed_addresses": ["::ffff:127.0.0.1"]},
    "no address": {"parsed_addresses": []},
    "every address": {"parsed_addresses": ["0.0.0.0"]},  # noqa: S104
    "everybody": {"parsed_addresses": ["255.255.255.255"]},
    "a group": {"parsed_addresses": ["224.0.0.251"]},
    "a group by IPv6": {"parsed_addresses": ["ff02::fb"]},
    "an address that needs an interface": {"parsed_addresses": ["fe80::1"]},
}


def read(info: ServiceInfo) -> AsyncServiceInfo:
    """Return an entry as it is after it was looked up."""
    addresses = info.parsed_addresses()
    text = info.text
    return AsyncServiceInfo(
        info.type, info.name, info.port, properties=text, parsed_addresses=addresses
    )


@pytest.mark.parametrize("why", HOSTILE)
def test_an_entry_that_makes_no_sense_gives_no_address(why: str) -> None:
    assert url_of(read(entry("a"))) == URL
    assert url_of(read(entry("a", **HOSTILE[why]))) is None


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"properties": {**GOOD, "scheme": "https"}}, f"https://{ADDRESS}:5000"),
        ({"properties": {**GOOD, "more": "\x1b[2J"}}, URL),
        ({"parsed_addresses": ["127.0.0.1", ADDRESS]}, URL),
        ({"parsed_addresses": ["fd00::2", ADDRESS]}, URL),
        ({"parsed_addresses": ["fd00::2"], "port": 65535}, "http://[fd00::2]:65535"),
        ({"server": "evil\x1b[2J.local."}, URL),
    ],
)
def test_of_an_entry_only_address_port_and_scheme_are_taken(
    changes: dict[str, Any], url: str
) -> None:
    assert url_of(read(entry("a", **changes))) == url


async def test_hostile_entries_on_the_network_are_passed_over(
    monkeypatch: pytest.MonkeyPatch, looked_at: set[str]
) -> None:
    monkeypatch.setattr(mdns_browser, "MOST", 100)
    # One without any address is never complete: there is nothing to look at.
    whole = {why: how for why, how in HOSTILE.items() if how.get("parsed_addresses") != []}
    hostile = [entry(f"[red]{why}", **how) for why, how in whole.items()]
    async with written(*hostile, entry("good")), Browser(LOOPBACK) as watched:
        await until(lambda: len(looked_at) == len(hostile) + 1, timeout=PATIENCE)
        await until(lambda: not watched._lookups, timeout=PATIENCE)
        assert watched.urls == (URL,)


async def test_a_name_of_another_kind_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="livequiz"):
        async with written() as network, Seen() as seen:
            for alias in ("evil.example.", f"\x1b[2J.{discovery.SERVICE_TYPE}"):
                told = DNSOutgoing(RESPONSE)
                pointer = DNSPointer(discovery.SERVICE_TYPE, POINTER, INTERNET, 4500, alias)
                told.add_answer_at_time(pointer, 0)
                await until(lambda: network.zeroconf.started, timeout=PATIENCE)
                network.zeroconf.async_send(told)
            said = "can't be looked up"
            await until(lambda: caplog.text.count(said) == 2, caplog.text, PATIENCE)
            async with written(entry("good")):
                await until(lambda: seen.last == (URL,), timeout=PATIENCE)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_flood_of_entries_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    came: set[str] = set()
    on_entry = Browser._on_entry

    def spy(self: Browser, zeroconf: Any, service_type: str, name: str, state_change: Any) -> None:
        came.add(name)
        on_entry(self, zeroconf, service_type, name, state_change)

    monkeypatch.setattr(Browser, "_on_entry", spy)
    monkeypatch.setattr(mdns_browser, "MOST", 3)
    flood = [entry(f"e{number}", port=6000 + number) for number in range(8)]
    async with written(*flood), Browser(LOOPBACK) as watched:
        await until(lambda: len(came) == len(flood), timeout=PATIENCE)
        await until(lambda: not watched._lookups, timeout=PATIENCE)
        assert len(watched.urls) == 3


async def test_room_that_senseless_entries_took_is_given_back(
    monkeypatch: pytest.MonkeyPatch, looked_at: set[str]
) -> None:
    monkeypatch.setattr(mdns_browser, "MOST", 1)
    async with written(entry("a", properties={})), Browser(LOOPBACK) as watched:
        await until(lambda: "a" in looked_at, timeout=PATIENCE)
        async with written(entry("good")):
            await until(lambda: watched.urls == (URL,), timeout=PATIENCE)
