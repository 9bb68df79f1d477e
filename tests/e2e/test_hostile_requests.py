"""What clients send leaves no traceback in the log of `livequiz serve`."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

from tests.e2e.test_command_line import Server
from tests.patience import patient

REQUESTS = [
    b"nonsense\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /api/v1/questions HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    b"POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n" + b"x: y\r\n" * 5_000 + b"\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,  # TLS
]


def test_requests_that_are_no_requests_leave_no_traceback(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", "--port", "0")
    host, port = server.url.removeprefix("http://").split(":")
    for request in REQUESTS:
        with socket.create_connection((host, int(port)), timeout=patient(20)) as client:
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionError):
                while client.recv(65_536):
                    pass
    _, err = server.stop()
    log = (tmp_path / "data" / "livequiz.log").read_text()
    assert "Traceback" not in log + err
