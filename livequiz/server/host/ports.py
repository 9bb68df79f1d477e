"""Error messages for a port that a server can't listen on."""

from __future__ import annotations

import errno

from livequiz.domain.errors import Code, QuizError


def port_error(host: str, port: int, error: OSError, option: str = "--port") -> QuizError:
    """Return the error for a port that can't be bound, with what to do about it.

    Args:
        host: The address to listen on.
        port: The port.
        error: Why it can't be bound.
        option: The option that chooses the port.
    """
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65_535 else port - 1
        message = (
            f"Port {port} is in use by another program. "
            f"Choose another one, such as {option} {other}."
        )
    elif error.errno == errno.EACCES:
        message = f"Port {port} needs administrator rights; choose one above 1023."
    else:
        message = f"{host} is not an address of this machine; see --host."
    return QuizError(Code.BAD_REQUEST, message, "port")
