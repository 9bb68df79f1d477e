"""One connection at the door, in this process: what it is shown, and how long it may stay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import asyncssh
import pytest

from livequiz.client.guest import Guest, Host
from livequiz.ssh import door
from livequiz.ssh.channel_driver import KEYS, ChannelDriver
from livequiz.ssh.door import Door, options
from tests.patience import PATIENCE

Open = Callable[..., Any]


class Shown(asyncssh.SSHClientSession[bytes]):
    """What the other end of a session has shown."""

    def __init__(self) -> None:
        self.text = ""
        self.over = asyncio.Event()

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        self.text += data.decode("utf-8", "replace")

    def connection_lost(self, exc: Exception | None) -> None:
        self.over.set()

    async def until(self, words: str) -> None:
        for _ in range(round(PATIENCE * 50)):
            if words in self.text:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"{words!r} never appeared in {self.text[-2_000:]!r}")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    key = tmp_path / "key"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(key)
    return Host(
        socket=tmp_path / "nobody-listens",
        secret=b"secret",
        host_key=key,
        authorized_keys=tmp_path / "authorized_keys",
        meeting="K7QX4M",
        token="token",
        url="http://192.168.1.20:5000",
    )


@asynccontextmanager
async def visiting(
    host: Host, user: str, term: str | None, **asked: Any
) -> AsyncIterator[tuple[asyncssh.SSHClientChannel[bytes], Shown]]:
    """Come in; yield the channel, and what is shown."""
    listening = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=lambda: Door(host, "192.0.2.1"), **options(host)
    )
    async with listening:
        connection = await asyncssh.connect(
            *("127.0.0.1", listening.get_port()),
            username=user,
            known_hosts=None,
            config=None,
            client_keys=None,
        )
        async with connection:
            channel, session = await connection.create_session(
                Shown, term_type=term, encoding=None, **asked
            )
            yield channel, cast(Shown, session)


@pytest.mark.parametrize("term", ["xterm", None])
async def test_who_does_not_join_in_time_is_told_and_dropped(
    host: Host, monkeypatch: pytest.MonkeyPatch, term: str | None
) -> None:
    monkeypatch.setattr(door, "JOIN_WITHIN", 0.5)
    async with visiting(host, "quiz", term) as (_, shown):
        await asyncio.wait_for(shown.over.wait(), PATIENCE)
    assert "You have not joined for five minutes." in shown.text


@pytest.mark.parametrize(
    ("user", "filled_in"), [("k7qx4m", True), ("TEST", True), ("quiz", False), ("alice", False)]
)
async def test_a_user_name_that_looks_like_a_code_is_filled_in(
    host: Host, user: str, filled_in: bool
) -> None:
    async with visiting(host, user, None) as (_, shown):
        await shown.until("Your student id:" if filled_in else "Meeting code:")


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (100_000, 100_000), (80, 24)])
async def test_no_size_of_a_terminal_breaks_anything(host: Host, size: tuple[int, int]) -> None:
    async with visiting(host, "quiz", "xterm", term_size=size) as (channel, shown):
        await shown.until("\x1b[?1049h")
        channel.change_terminal_size(*reversed(size))
        channel.change_terminal_size(100, 30)
        await shown.until("Join your class")


@pytest.mark.parametrize(
    ("term", "locale"), [("dumb", "en_US.UTF-8"), ("xterm", "de_DE.ISO-8859-1"), ("xterm", "C")]
)
async def test_a_terminal_that_can_not_be_drawn_on_gets_lines(
    host: Host, term: str, locale: str
) -> None:
    async with visiting(host, "K7QX4M", term, env={"LC_ALL": locale}) as (_, shown):
        await shown.until("Your student id:\r\n")
        assert "\x1b" not in shown.text
        assert ("no UTF-8" in shown.text) is (term != "dumb")


async def test_a_second_session_of_a_connection_is_refused(host: Host) -> None:
    async with visiting(host, "quiz", "xterm") as (channel, _):
        connection = cast(asyncssh.SSHClientConnection, channel.get_connection())
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.create_session(Shown, encoding=None)


async def test_a_flood_of_keys_costs_no_more_than_a_quick_typist(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An endless key sequence becomes as many keys; each costs the worker a millisecond."""
    taken: list[object] = []
    process = ChannelDriver.process_message

    def count(driver: ChannelDriver, message: Any) -> None:
        taken.append(message)
        process(driver, message)

    monkeypatch.setattr(ChannelDriver, "process_message", count)
    clock = asyncio.get_running_loop().time
    async with visiting(host, "TEST", "xterm", term_size=(80, 24)) as (channel, shown):
        await shown.until("Your id")
        began, before = clock(), len(shown.text)
        channel.write(b"\x1b[" + b"1;" * 5_000 + b"A")
        while "Q" not in shown.text[before:]:
            assert clock() < began + PATIENCE, "no key is taken any more"
            channel.write(b"Q")
            await asyncio.sleep(0.1)
        assert len(taken) < KEYS.burst + KEYS.per_second * (clock() - began + 1)


@pytest.mark.parametrize("term", ["xterm", None])
async def test_who_sends_more_than_people_type_is_dropped(host: Host, term: str | None) -> None:
    async with visiting(host, "TEST", term) as (channel, shown):
        await shown.until("our ")
        channel.write(b"x" * 100_000)
        await asyncio.wait_for(shown.over.wait(), PATIENCE)


async def test_a_key_that_is_no_character_is_ignored(host: Host) -> None:
    async with visiting(host, "TEST", "xterm", term_size=(80, 24)) as (channel, shown):
        await shown.until("Your id")
        for code in (9_999_999_999, 1_114_112, 55_296, 0):
            channel.write(f"\x1b[{code}u".encode())
            await asyncio.sleep(0.1)
        channel.write(b"Q")
        await shown.until("Q")


async def test_a_connection_that_asks_for_nothing_is_dropped(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "ASK_WITHIN", 0.5)
    async with asyncssh.listen(
        "127.0.0.1", 0, server_factory=lambda: Door(host, "192.0.2.1"), **options(host)
    ) as listening:
        connection = await asyncssh.connect(
            *("127.0.0.1", listening.get_port()),
            username="quiz",
            known_hosts=None,
            config=None,
            client_keys=None,
        )
        await asyncio.wait_for(connection.wait_closed(), PATIENCE)


def test_a_rejoin_code_opens_one_seat_only() -> None:
    guest = Guest(Path(), "192.0.2.1", b"secret", "")
    other = Guest(Path(), "192.0.2.9", b"secret", "")
    token = guest.token("TEST", "S1", "ABCDE")
    assert token == other.token("TEST", "S1", "abcde"), "other address, other worker"
    others = [("TEST", "S1", "ABCDF"), ("TEST", "S2", "ABCDE"), ("OTHER", "S1", "ABCDE")]
    assert token not in {guest.token(*seat) for seat in others}
    assert token != Guest(Path(), "192.0.2.1", b"another", "").token("TEST", "S1", "ABCDE")
