"""A certificate of the server's own: when it is kept, when it is made anew, who accepts it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from livequiz.client.address import pinned
from livequiz.client.event_types import ConnectionBack, ConnectionLost
from livequiz.client.student import StudentSession
from livequiz.client.tls import client_context
from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.server.app import SESSIONS
from livequiz.server.host import self_signed, tls
from livequiz.server.host.data_folder import INSTRUCTOR_TOKEN, DataFolder
from livequiz.server.quiz.service import Policy, utc_now
from tests.authority import Authority
from tests.conftest import RunningServer
from tests.helpers import next_of
from tests.patience import PATIENCE

HOSTS = ["127.0.0.1", "localhost"]


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def make(folder: DataFolder, hosts: list[str] = HOSTS, now: datetime | None = None) -> str:
    """Return the fingerprint of the folder's certificate."""
    return tls.load(*self_signed.certificate_files(folder, hosts, now or utc_now())).fingerprint


def test_a_certificate_stays_the_same_while_it_is_good(folder: DataFolder) -> None:
    first = make(folder)
    assert make(folder) == first
    assert make(folder, ["localhost"]) == first
    assert make(folder, now=utc_now() + timedelta(days=363)) == first
    assert tls.load(*self_signed.certificate_files(folder, HOSTS, utc_now())).names == tuple(HOSTS)


def test_a_certificate_is_made_anew_for_another_host_and_before_it_expires(
    folder: DataFolder,
) -> None:
    long_ago = utc_now() - self_signed.LIFE
    expiring = make(folder, now=long_ago + timedelta(hours=23))
    seen = {expiring}
    for hosts in (HOSTS, ["192.0.2.7"], ["192.0.2.7", "quiz.example"]):
        fingerprint = make(folder, hosts)
        assert fingerprint not in seen, hosts
        seen.add(fingerprint)


@pytest.mark.parametrize("name", [self_signed.CERTIFICATE, self_signed.KEY])
@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\xff"])
def test_a_pair_that_is_broken_is_replaced(
    folder: DataFolder, name: str, content: bytes | None
) -> None:
    first = make(folder)
    file = folder.path / name
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    assert make(folder) != first


def test_a_crash_between_the_two_files_does_no_harm(folder: DataFolder, tmp_path: Path) -> None:
    first = make(folder)
    other = DataFolder(tmp_path / "other")
    make(other)
    (other.path / self_signed.KEY).replace(folder.path / self_signed.KEY)
    assert make(folder) != first


def test_only_the_owner_can_read_what_is_kept(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = DataFolder(tmp_path / "data")
        make(folder)
        folder.token(INSTRUCTOR_TOKEN)
    finally:
        os.umask(before)
    assert folder.path.stat().st_mode & 0o777 == 0o700
    modes = {file.name: file.stat().st_mode & 0o777 for file in folder.path.iterdir()}
    assert modes == dict.fromkeys(
        (self_signed.CERTIFICATE, self_signed.KEY, "instructor-token"), 0o600
    )


# --- who accepts it ------------------------------------------------------------------------------


@pytest.fixture
async def server(store: Store, policy: Policy, folder: DataFolder) -> AsyncIterator[RunningServer]:
    context = tls.load(*self_signed.certificate_files(folder, HOSTS, utc_now())).context
    running = RunningServer(store, policy, tls=context)
    await running.start()
    await store.participants.open_meeting("TEST", running.service.now())
    yield running
    await running.close()


@pytest.fixture
def address(server: RunningServer, folder: DataFolder) -> str:
    """What students copy."""
    return pinned(server.url, make(folder))


def session(server: RunningServer, url: str, tls_ca: Path | None = None) -> StudentSession:
    opened = StudentSession(url, tls_ca=tls_ca)
    server.sessions.append(opened)
    return opened


async def refusal(server: RunningServer, url: str, tls_ca: Path | None = None) -> QuizError:
    with pytest.raises(QuizError) as refused:
        await session(server, url, tls_ca).open()
    assert not server.app[SESSIONS]
    assert (refused.value.code, refused.value.field) == (Code.BAD_REQUEST, "url")
    return refused.value


async def swap(server: RunningServer, context: ssl.SSLContext | None) -> None:
    await server.stop()
    server.tls = context
    await server.start()


async def test_the_copied_address_is_enough_to_join(server: RunningServer, address: str) -> None:
    student = session(server, address)
    await student.open()
    assert student.url == server.url
    assert (await student.join("S001", "TEST", "Alice")).name == "Alice"


async def test_without_the_fingerprint_nobody_is_believed(server: RunningServer) -> None:
    assert "#sha256=" in (await refusal(server, server.url)).message


async def test_another_certificate_is_refused_whoever_signed_it(
    server: RunningServer, address: str, authority: Authority
) -> None:
    await swap(server, authority.context("127.0.0.1"))
    error = await refusal(server, address, authority.file)
    assert "a certificate with another fingerprint" in error.message
    assert "copy the whole address" in error.message


async def test_a_server_without_tls_is_refused(server: RunningServer, address: str) -> None:
    await swap(server, None)
    assert "does not use https" in (await refusal(server, address)).message


@contextlib.asynccontextmanager
async def impostor(port: int, context: ssl.SSLContext) -> AsyncIterator[asyncio.Queue[bytes]]:
    """Take a server's place; yields what each client says before it goes."""
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            heard.put_nowait(await reader.read(1024))
        finally:
            writer.close()

    place = await asyncio.start_server(listen, "127.0.0.1", port, ssl=context)
    async with place:
        yield heard


async def test_who_takes_the_servers_place_later_hears_no_token(
    server: RunningServer, address: str, authority: Authority
) -> None:
    student = session(server, address)
    await student.open()
    await student.join("S001", "TEST", "Alice")
    own = server.tls
    await server.stop()
    await next_of(student, ConnectionLost)

    async with impostor(server.port, authority.context("127.0.0.1")) as heard:
        assert await asyncio.wait_for(heard.get(), PATIENCE) == b""

    await swap(server, own)
    await next_of(student, ConnectionBack)


async def test_rest_over_tls_is_verified_by_the_certificate_itself(
    server: RunningServer, folder: DataFolder
) -> None:
    context = client_context(folder.path / self_signed.CERTIFICATE)
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # what newer versions of Python begin with
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as http:
        async with http.get(f"{server.url}/healthz") as reply:
            assert reply.status == 200
        headers = {"Authorization": f"Bearer {server.token}"}
        async with http.get(f"{server.url}/api/v1/meetings/test", headers=headers) as reply:
            assert (await reply.json())["_id"] == "TEST"
