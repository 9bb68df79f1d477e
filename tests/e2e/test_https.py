"""`livequiz serve` with a certificate, and the commands that connect to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError

import pytest

from livequiz.client.tls import client_context
from tests.authority import LONG_AGO, Authority
from tests.e2e.test_command_line import Server, assert_is_one_sentence, livequiz
from tests.patience import patient

EVERYWHERE = "0.0.0.0"  # noqa: S104
READ_ALONG = "Anyone on this network can read the traffic"
Serve = Callable[..., Server]
Done = subprocess.CompletedProcess[str]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts servers, each in a folder of its own, and ends them after the test."""
    servers: list[Server] = []

    def start(*arguments: str | Path) -> Server:
        folder = tmp_path / f"data-{len(servers)}"
        servers.append(Server(folder, "--port", "0", "--no-announce", *map(str, arguments)))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.stop()


def files(certificate: Path, key: Path) -> tuple[str | Path, ...]:
    return "--tls-cert", certificate, "--tls-key", key


def simulate(server: Server, *arguments: str | Path, **env: str) -> Done:
    """Let two students join; they leave at once, because standard input ends."""
    meeting = json.loads((server.folder / "server.json").read_text())["meeting"]
    command = ("simulate", server.url, "-m", meeting, "--students", "2", "--stop-with-stdin")
    return subprocess.run(
        [sys.executable, "-m", "livequiz", *command, *map(str, arguments)],
        input="",
        capture_output=True,
        text=True,
        timeout=patient(60),
        check=False,
        env={**os.environ, **env},
    )


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def test_students_join_over_https(serve: Serve, authority: Authority) -> None:
    server = serve("--open-ids", *files(*authority.issue("127.0.0.1")))
    assert server.url.startswith("https://127.0.0.1:")
    done = simulate(server, "--tls-ca", authority.file)
    assert "2 students joined" in done.stderr
    assert done.returncode == 0
    again = simulate(server, LIVEQUIZ_TLS_CA=str(authority.file))
    assert "2 students joined" in again.stderr
    assert_is_one_sentence(simulate(server), "--tls-ca FILE")
    assert_is_one_sentence(simulate(server, "--tls-ca", "/nonexistent.pem"), "nonexistent.pem")
    out, err = server.stop()
    assert f"livequiz student {server.url}" in out
    assert f"livequiz instructor {server.url}" in out
    assert "Traceback" not in err


def test_the_files_can_come_from_the_environment_and_the_port_serves_rest_too(
    serve: Serve, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = authority.issue("quiz.example", "localhost")
    monkeypatch.setenv("LIVEQUIZ_TLS_CERT", str(certificate))
    monkeypatch.setenv("LIVEQUIZ_TLS_KEY", str(key))
    monkeypatch.setenv("LIVEQUIZ_CORS_ORIGIN", "https://a.example https://b.example")
    server = serve("--host", EVERYWHERE)
    assert server.url.startswith("https://localhost:"), "a name that the certificate has"
    context = client_context(authority.file)
    for origin, status in (("https://b.example", 200), ("https://c.example", 403)):
        ask = urllib.request.Request(f"{server.url}/healthz", headers={"Origin": origin})  # noqa: S310
        try:
            with urllib.request.urlopen(ask, context=context) as reply:  # noqa: S310
                assert reply.status == status
        except HTTPError as error:
            assert error.status == status  # noqa: PT017
    out, err = server.stop()
    assert "livequiz student https://quiz.example:" in out
    assert READ_ALONG not in in_one_line(err)
    assert "is encrypted" in in_one_line(err)


def test_without_tls_who_opens_the_server_is_told_once_what_that_means(serve: Serve) -> None:
    _, err = serve("--host", EVERYWHERE).stop()
    assert in_one_line(err).count(READ_ALONG) == 1
    _, err = serve().stop()
    assert READ_ALONG not in in_one_line(err)


def test_files_that_can_not_be_used_are_said(authority: Authority, tmp_path: Path) -> None:
    certificate, key = authority.issue("127.0.0.1")
    _, other_key = authority.issue("127.0.0.1")
    text = tmp_path / "text.pem"
    text.write_text("hello")
    broken = tmp_path / "broken.pem"
    broken.write_text("-----BEGIN CERTIFICATE-----\nhello\n-----END CERTIFICATE-----\n")
    for pair, *words in (
        ((tmp_path / "none.pem", key), "none.pem", "No such file"),
        ((certificate, tmp_path / "none.pem"), "none.pem", "No such file"),
        ((tmp_path, key), "can't be read"),
        ((text, key), "text.pem contains no certificate"),
        ((certificate, text), "text.pem contains no private key"),
        ((key, certificate), "contains no certificate"),
        ((broken, key), "broken.pem", "can't be used"),
        ((certificate, other_key), "does not belong to"),
        (authority.issue("127.0.0.1", **LONG_AGO), "has expired"),
        ((certificate, locked(key, tmp_path)), "has a passphrase"),
    ):
        done = livequiz("serve", "--data-dir", tmp_path / "data", *files(*pair))
        assert_is_one_sentence(done, *words)
    assert not (tmp_path / "data").exists()


def test_one_file_without_the_other_is_wrong_usage(authority: Authority, tmp_path: Path) -> None:
    certificate, key = authority.issue("127.0.0.1")
    for flag, file in (("--tls-cert", certificate), ("--tls-key", key)):
        done = livequiz("serve", "--data-dir", tmp_path / "data", flag, file)
        assert done.returncode == 2
        assert "work together" in done.stderr
    env = {"LIVEQUIZ_TLS_CERT": str(certificate)}
    assert livequiz("serve", "--data-dir", tmp_path / "data", env=env).returncode == 2


def test_an_origin_that_is_none_is_said(tmp_path: Path) -> None:
    done = livequiz("serve", "--data-dir", tmp_path, "--cors-origin", "*")
    assert_is_one_sentence(done, "--cors-origin '*' is not an origin")


def test_the_config_file_knows_origins_and_certificates(
    serve: Serve, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = authority.issue("127.0.0.1")
    config = tmp_path / "config.toml"
    config.write_text(
        f'[serve]\ntls-cert = "{certificate}"\ntls-key = "{key}"\n'
        'cors-origin = ["https://a.example", "https://b.example"]\n'
    )
    monkeypatch.setenv("LIVEQUIZ_CONFIG", str(config))
    assert serve().url.startswith("https://")


def locked(key: Path, folder: Path) -> Path:
    """Return a copy of a key that a passphrase protects."""
    from cryptography.hazmat.primitives import serialization as pem

    loaded = pem.load_pem_private_key(key.read_bytes(), None)
    copy = folder / "locked.pem"
    copy.write_bytes(
        loaded.private_bytes(
            pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.BestAvailableEncryption(b"secret")
        )
    )
    return copy


def test_a_demo_does_not_take_a_certificate_from_the_environment(
    authority: Authority,
) -> None:
    certificate, key = authority.issue("quiz.example")
    env = {"LIVEQUIZ_TLS_CERT": str(certificate), "LIVEQUIZ_TLS_KEY": str(key)}
    done = livequiz("demo", env=env)
    assert done.returncode == 0, done.stderr
