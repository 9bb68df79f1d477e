"""What SSH must not be good for: anything but LiveQuiz."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from tests.patience import patient
from tests.plain.piped import running
from tests.ssh.at_ssh import MEETING, SshServer


@pytest.mark.parametrize("user", [MEETING, "quiz", "root", ""])
def test_no_command_is_run(served: SshServer, user: str) -> None:
    done = served.run(user, command="id; touch /tmp/livequiz-was-here")
    assert done.returncode != 0
    assert done.stdout == b""
    assert not Path("/tmp/livequiz-was-here").exists()


def test_no_files_are_given_away(served: SshServer, tmp_path: Path) -> None:
    sftp = served.run(MEETING, "-s", command="sftp")
    assert (sftp.returncode != 0, sftp.stdout) == (True, b"")
    source = f"{MEETING}@127.0.0.1:{served.folder}/instructor-token"
    flags = served.command()[1:-3]
    copied = subprocess.run(
        ["scp", "-O", *flags, "-P", str(served.port), source, str(tmp_path)],
        capture_output=True,
        check=False,
        timeout=patient(40),
    )
    assert copied.returncode != 0
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_forwarded_to_this_host(served: SshServer) -> None:
    """`-W` asks the server for a connection to a port of its own."""
    port = served.url.rpartition(":")[2]
    done = served.run(MEETING, "-W", f"127.0.0.1:{port}", stdin=b"GET / HTTP/1.0\r\n\r\n")
    assert done.stdout == b""
    assert b"forwarding failed" in done.stderr or b"prohibited" in done.stderr, done.stderr


@pytest.mark.parametrize("flag", ["-R0:127.0.0.1:9", "-R/tmp/livequiz-socket:127.0.0.1:9"])
def test_no_port_of_this_host_is_opened(served: SshServer, flag: str) -> None:
    done = served.run(MEETING, "-N", "-o", "ExitOnForwardFailure=yes", flag)
    assert done.returncode != 0
    assert b"remote port forwarding failed" in done.stderr.lower()
    assert not Path("/tmp/livequiz-socket").exists()


async def test_the_hosts_side_of_agents_and_displays_is_never_opened(
    served: SshServer, tmp_path: Path
) -> None:
    """Forwarded to a host, they are sockets on it: of the agent in /tmp, of the display on 6010."""
    agent = tmp_path / "agent"
    process = await asyncio.create_subprocess_exec("ssh-agent", "-D", "-a", str(agent))
    told = {"SSH_AUTH_SOCK": str(agent), "DISPLAY": "127.0.0.1:0"}
    command = served.command(MEETING, "-T", "-A", "-Y")
    try:
        async with running(*command, environment=told) as student:
            await student.until("Your student id:")
            assert list(Path(tempfile.gettempdir()).glob("asyncssh-*")) == []
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", 6010), timeout=patient(5))
    finally:
        process.terminate()
        await process.wait()


def test_no_tunnel_is_opened(served: SshServer) -> None:
    done = served.run(MEETING, "-N", "-o", "ExitOnForwardFailure=yes", "-w", "any:any")
    assert done.returncode != 0


def test_garbage_and_silence_are_dropped_and_the_rest_goes_on(served: SshServer) -> None:
    with contextlib.ExitStack() as stack:
        strangers = [
            stack.enter_context(socket.create_connection(("127.0.0.1", served.port)))
            for _ in range(20)
        ]
        for number, stranger in enumerate(strangers):
            if number % 2:
                stranger.sendall(os.urandom(4_096))
            else:
                stranger.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
        for stranger in strangers:
            stranger.settimeout(patient(40))
            with contextlib.suppress(ConnectionError):
                while stranger.recv(4_096):
                    pass
    assert b"Your student id:" in served.run(MEETING, "-T").stdout


def test_a_flood_from_one_address_is_cut_off_and_a_worker_that_dies_is_replaced(
    tmp_path: Path,
) -> None:
    server = SshServer(tmp_path / "data")
    try:
        before = server.workers()
        os.kill(before[0], 9)
        give_up = time.monotonic() + patient(40)
        while len(set(server.workers()) - {before[0]}) < len(before):
            assert time.monotonic() < give_up, "no other worker was started"
            time.sleep(0.1)
        with contextlib.ExitStack() as stack:
            opened = [
                stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
                for _ in range(1_200)
            ]
            refused = 0
            for one in opened:
                one.settimeout(patient(0.05))
                with contextlib.suppress(TimeoutError, ConnectionError):
                    refused += one.recv(8) == b""
            assert refused > 0
        # Others at the same address wait a moment, as they do with sockets; nothing else breaks.
        give_up = time.monotonic() + patient(60)
        while b"Your student id:" not in server.run(MEETING, "-T").stdout:
            assert time.monotonic() < give_up, "nobody gets in any more"
            time.sleep(1)
    finally:
        server.stop()
