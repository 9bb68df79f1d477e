"""`livequiz serve --tls-self-signed`, and the commands that people copy from it."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from livequiz.server.host.addresses import reachable
from tests.authority import Authority
from tests.e2e.test_command_line import Server, assert_is_one_sentence, livequiz
from tests.patience import patient

SELF_SIGNED = ("--port", "0", "--tls-self-signed")
EVERYWHERE = ("--host", "0.0.0.0")  # noqa: S104
FINGERPRINT = re.compile(r"#sha256=([0-9a-f]{64})")


def shown_fingerprint(url: str) -> str:
    """Return the fingerprint of what a server really shows."""
    host, port = url.removeprefix("https://").split(":")
    shown = ssl.get_server_certificate((host, int(port)))
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(shown)).hexdigest()


def copied(out: str, who: str) -> list[str]:
    """Return a command as one copies it: a whole line of the server's screen."""
    (line,) = [line for line in out.splitlines() if line.startswith(f"livequiz {who} ")]
    return shlex.split(line)[2:]


def simulate(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Let two students join; they leave at once, because standard input ends."""
    command = ("simulate", *arguments, "--students", "2", "--stop-with-stdin")
    return subprocess.run(
        [sys.executable, "-m", "livequiz", *command],
        input="",
        capture_output=True,
        text=True,
        timeout=patient(60),
        check=False,
    )


def test_what_the_server_shows_is_all_that_a_student_needs(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", *SELF_SIGNED, "--open-ids", "--meeting", "TEST")
    fingerprint = shown_fingerprint(server.url)
    address = f"{server.url}#sha256={fingerprint}"
    joined = simulate(address, "-m", "TEST")
    beside = simulate(server.url, "-m", "TEST", "--tls-fingerprint", fingerprint)
    certificate = server.folder / "tls-certificate.pem"
    by_file = simulate(server.url, "-m", "TEST", "--tls-ca", str(certificate))
    stranger = simulate(server.url, "-m", "TEST", "--tls-fingerprint", "0" * 64)
    unproven = simulate(server.url, "-m", "TEST")
    nonsense = simulate(server.url, "-m", "TEST", "--tls-fingerprint", "secret")
    out, err = server.stop()

    assert copied(out, "student") == [address, "--meeting", "TEST"]
    folder = ["--data-dir", str(server.folder)]
    assert copied(out, "instructor") == [address, "--meeting", "TEST", *folder]
    for done in (joined, beside, by_file):
        assert "2 students joined" in done.stderr, done
    assert_is_one_sentence(stranger, "has a certificate with another fingerprint")
    assert_is_one_sentence(unproven, "does not know who signed", "#sha256=")
    assert_is_one_sentence(nonsense, "64 digits")
    assert "Traceback" not in err


def test_the_fingerprint_is_the_same_after_a_restart(tmp_path: Path) -> None:
    found = []
    for flags in (SELF_SIGNED, SELF_SIGNED, (*SELF_SIGNED, "--host", "127.0.0.2")):
        server = Server(tmp_path / "data", *flags)
        found.append(shown_fingerprint(server.url))
        server.stop()
    assert found[0] == found[1]
    assert found[2] != found[0]


def test_a_classroom_is_served_over_https(tmp_path: Path) -> None:
    address = reachable("0.0.0.0")  # noqa: S104
    if address is None:
        pytest.skip("this machine is on no network")
    server = Server(tmp_path / "data", *SELF_SIGNED, *EVERYWHERE)
    port = server.url.rpartition(":")[2]
    url = f"https://{address}:{port}"
    try:
        fingerprint = shown_fingerprint(url)
        assert server.url == f"https://127.0.0.1:{port}"
    finally:
        out, err = server.stop()
    # What is found on the network could not be believed.
    assert "Announced" not in (server.folder / "livequiz.log").read_text()
    assert copied(out, "student")[0] == f"{url}#sha256={fingerprint}"
    words = " ".join(err.split())
    assert "is encrypted" in words
    assert "read the traffic" not in words


def test_flags_that_do_not_go_together_are_wrong_usage(
    tmp_path: Path, authority: Authority
) -> None:
    certificate, key = authority.issue("127.0.0.1")
    both = ("--tls-cert", certificate, "--tls-key", key, "--tls-self-signed")
    done = livequiz("serve", "--data-dir", tmp_path / "data", *both)
    assert done.returncode == 2
    assert "--tls-self-signed makes" in done.stderr
    assert not (tmp_path / "data").exists()


def test_without_the_library_it_is_said_what_to_install(tmp_path: Path) -> None:
    missing = tmp_path / "first-on-the-path" / "cryptography"
    missing.mkdir(parents=True)
    (missing / "__init__.py").write_text("raise ImportError\n")
    path = f"{missing.parent}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    done = livequiz(
        "serve", "--data-dir", tmp_path / "data", *SELF_SIGNED, env={"PYTHONPATH": path}
    )
    assert_is_one_sentence(done, "livequiz[tls]", "--tls-cert")
