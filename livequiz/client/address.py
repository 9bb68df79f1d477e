"""Server addresses as people type them."""

from __future__ import annotations

from urllib.parse import urlsplit

from livequiz.domain.errors import Code, QuizError

DEFAULT_PORT = 5000


def complete(typed: str) -> str:
    """Return an address as a URL with scheme and port: `192.168.1.20` is enough to type.

    Raises:
        QuizError: `bad_request` if it can't be an address.
    """
    text = typed.strip()
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        port = parts.port
    except ValueError:
        raise _not_an_address(typed) from None
    surplus = parts.query or parts.fragment or parts.path.strip("/") or len(text.split()) != 1
    if parts.scheme not in {"http", "https"} or not parts.hostname or surplus:
        raise _not_an_address(typed)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if port is None and "://" not in text:
        port = DEFAULT_PORT
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def _not_an_address(typed: str) -> QuizError:
    message = f"{typed!r} is not an address; it looks like http://192.168.1.20:5000."
    return QuizError(Code.BAD_REQUEST, message, "url")
