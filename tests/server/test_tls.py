"""https and wss: who is believed, who is not, and what people read then."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from livequiz.client.event_types import ConnectionBack
from livequiz.client.student import StudentSession
from livequiz.client.tls import client_context
from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.server.app import SESSIONS
from livequiz.server.host.addresses import best_host, is_loopback, local_host
from livequiz.server.quiz.service import Policy
from tests.authority import Authority
from tests.conftest import RunningServer
from tests.helpers import next_of
from tests.patience import PATIENCE

EVERYWHERE = "0.0.0.0"  # noqa: S104


@pytest.fixture
async def server(
    store: Store, policy: Policy, authority: Authority
) -> AsyncIterator[RunningServer]:
    """A server with a certificate."""
    running = RunningServer(store, policy, tls=authority.context("127.0.0.1"))
    await running.start()
    await store.participants.open_meeting("TEST", running.service.now())
    yield running
    await running.close()


def session(server: RunningServer, tls_ca: Path | None = None, url: str = "") -> StudentSession:
    opened = StudentSession(url or server.url, tls_ca=tls_ca)
    server.sessions.append(opened)
    return opened


async def refusal(server: RunningServer, tls_ca: Path | None = None, url: str = "") -> QuizError:
    with pytest.raises(QuizError) as refused:
        await session(server, tls_ca, url).open()
    assert not server.app[SESSIONS]
    return refused.value


async def restart_with(server: RunningServer, context: ssl.SSLContext | None) -> None:
    await server.stop()
    server.tls = context
    await server.start()


async def test_a_student_joins_over_tls(server: RunningServer, authority: Authority) -> None:
    student = session(server, authority.file)
    await student.open()
    assert student.url.startswith("https://")
    assert (await student.join("S001", "TEST", "Alice")).name == "Alice"


async def test_a_student_comes_back_over_tls(server: RunningServer, authority: Authority) -> None:
    student = session(server, authority.file)
    await student.open()
    await student.join("S001", "TEST", "Alice")
    await restart_with(server, authority.context("127.0.0.1"))
    await next_of(student, ConnectionBack)


async def test_a_client_that_comes_back_verifies_again(
    server: RunningServer, authority: Authority, tmp_path: Path
) -> None:
    student = session(server, authority.file)
    await student.open()
    await student.join("S001", "TEST", "Alice")
    (tmp_path / "other").mkdir()
    impostor = Authority(tmp_path / "other").context("127.0.0.1")
    tries: asyncio.Queue[object] = asyncio.Queue()
    impostor.sni_callback = lambda *hello: tries.put_nowait(hello)
    await restart_with(server, impostor)
    for _ in range(2):  # the second one shows that the first came to nothing
        await asyncio.wait_for(tries.get(), PATIENCE)
    assert not server.app[SESSIONS]
    await restart_with(server, authority.context("127.0.0.1"))
    await next_of(student, ConnectionBack)


async def test_a_server_that_nobody_vouches_for_is_refused_with_what_to_do(
    server: RunningServer,
) -> None:
    error = await refusal(server)
    assert error.code is Code.BAD_REQUEST  # nothing that the screens try again
    assert error.field == "url"
    assert "--tls-ca FILE" in error.message
    assert server.url in error.message


async def test_a_certificate_for_another_name_is_refused(
    server: RunningServer, authority: Authority
) -> None:
    by_name = server.url.replace("127.0.0.1", "localhost")
    assert "for a different name" in (await refusal(server, authority.file, by_name)).message
    await restart_with(server, authority.context("quiz.example"))
    assert "for a different name" in (await refusal(server, authority.file)).message


async def test_a_certificate_that_has_expired_is_refused(
    server: RunningServer, authority: Authority
) -> None:
    await restart_with(server, authority.expired_context("127.0.0.1"))
    error = await refusal(server, authority.file)
    assert "out of date" in error.message
    assert "clock" in error.message


async def test_a_server_without_tls_is_not_fallen_back_to(
    server: RunningServer, authority: Authority
) -> None:
    secure = server.url
    await restart_with(server, None)
    assert "does not use https" in (await refusal(server, authority.file, secure)).message


async def test_a_server_with_tls_does_not_answer_in_the_clear(server: RunningServer) -> None:
    plain = server.url.replace("https", "http")
    error = await refusal(server, url=plain)
    assert error.code is Code.UNAVAILABLE


def test_a_private_authority_is_trusted_beside_those_of_the_system(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "system").mkdir()
    system = Authority(tmp_path / "system").file
    monkeypatch.setenv("SSL_CERT_FILE", str(system))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    context = client_context(authority.file)
    assert len(context.get_ca_certs()) == 2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_ca_file_that_is_none_is_refused(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(QuizError, match=r"ca\.pem .*--tls-ca"):
        StudentSession("https://quiz.example", tls_ca=file)


def test_the_address_that_is_shown_is_one_that_the_certificate_names() -> None:
    assert best_host("192.0.2.7", ["192.0.2.7", "quiz.example"]) == "192.0.2.7"
    assert best_host("192.0.2.7", ["*.example", "quiz.example"]) == "quiz.example"
    assert best_host("quiz.school.example", ["*.school.example", "a.example"]) == (
        "quiz.school.example"
    )
    assert best_host("192.0.2.7", ["*.example"]) == "192.0.2.7"
    assert local_host(EVERYWHERE, ["192.0.2.7", "localhost"]) == "localhost"
    assert local_host(EVERYWHERE, ["quiz.example"]) == "quiz.example"
    assert local_host(EVERYWHERE) == "127.0.0.1"
    assert local_host("::1", ["0:0:0:0:0:0:0:1"]) == "[::1]"


def test_only_this_machine_reaches_a_loopback_address() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.8.8.8", "::1", "localhost")))
    assert not any(map(is_loopback, (EVERYWHERE, "::", "", "192.0.2.7", "quiz.example")))
