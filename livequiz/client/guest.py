"""People whose screens are drawn on the server's host, such as those who come by SSH.

Nothing of theirs is kept on the host. To come back after their connection has ended, students type
the rejoin code that they were shown.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path

ON_BEHALF_OF = "X-Forwarded-For"  # heeded on the server's Unix socket only
CODE_LENGTH = 5  # of a rejoin code
URL = "http://livequiz"  # what stands for the server; the connection goes through the Unix socket


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody at another machine.

    Attributes:
        socket: The server's Unix socket.
        address: Their network address, which the server limits and logs.
        secret: What resume tokens are derived from; the same in all processes of a server.
        shown_url: The server's address, for people.
    """

    socket: Path
    address: str
    secret: bytes
    shown_url: str

    def token(self, meeting_id: str, student_id: str, code: str) -> str:
        """Return the resume token for a seat, as HMAC-SHA-256 of the seat and its rejoin code.

        So whoever types the code has the seat again, from any connection to any worker. The server
        counts wrong tokens, and locks an address out after a few.
        """
        message = "\0".join((meeting_id, student_id, code.upper())).encode()
        digest = hmac.digest(self.secret, message, hashlib.sha256)
        return "guest." + base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Host:
    """What a process that draws guests' screens knows of the server.

    Attributes:
        socket: The server's Unix socket.
        secret: What students' resume tokens are derived from.
        host_key: The file of the SSH host key.
        authorized_keys: The file of instructors' public keys; it need not exist.
        meeting: The meeting that the server opened.
        token: The instructor token.
        url: The server's address, for people.
    """

    socket: Path
    secret: bytes
    host_key: Path
    authorized_keys: Path
    meeting: str
    token: str
    url: str
