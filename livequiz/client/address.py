"""Server addresses as people type them, with the fingerprint of a certificate if they have one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from livequiz.domain.errors import Code, QuizError

DEFAULT_PORT = 5000
_PIN = "#sha256="
_DIGEST = re.compile(r"[0-9a-f]{64}")


def complete(typed: str) -> str:
    """Return an address as a URL with scheme and port: `192.168.1.20` is enough to type.

    It may end in `#sha256=...`, the fingerprint of the server's certificate.

    Raises:
        QuizError: `bad_request` if it can't be an address.
    """
    text, mark, pin = typed.strip().partition("#")
    scheme = "https" if mark else "http"  # whoever names a certificate wants it shown
    try:
        parts = urlsplit(text if "://" in text else f"{scheme}://{text}")
        port = parts.port
    except ValueError:
        raise _not_an_address(typed) from None
    surplus = parts.query or parts.path.strip("/") or len(text.split()) != 1
    if parts.scheme not in {"http", "https"} or not parts.hostname or surplus:
        raise _not_an_address(typed)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if port is None and "://" not in text:
        port = DEFAULT_PORT
    url = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
    return pinned(url, pin) if mark else url


def pinned(url: str, fingerprint: str) -> str:
    """Return the URL of a server whose certificate has to be this one.

    Args:
        url: From `complete`; a fingerprint that it has already has to be the same.
        fingerprint: SHA-256 of the certificate, in hexadecimal, as whatever program shows it.

    Raises:
        QuizError: `bad_request` if that is no fingerprint, or the URL has no certificate.
    """
    digest = re.sub(r"[:\s]", "", fingerprint).lower().removeprefix("sha256").removeprefix("=")
    if not _DIGEST.fullmatch(digest):
        raise _refusal("A fingerprint is `sha256=` and 64 digits or letters a to f; copy it again.")
    base, known = split(url)
    if known not in {None, bytes.fromhex(digest)}:
        raise _refusal("The address has another fingerprint than the one given beside it.")
    if not base.startswith("https://"):
        raise _refusal("A fingerprint goes with an address that begins with https://.")
    return f"{base}{_PIN}{digest}"


def split(url: str) -> tuple[str, bytes | None]:
    """Return a URL without its fingerprint, and the fingerprint, if it has one."""
    base, _, digest = url.partition(_PIN)
    return base, bytes.fromhex(digest) if digest else None


def _not_an_address(typed: str) -> QuizError:
    return _refusal(f"{typed!r} is not an address; it looks like http://192.168.1.20:5000.")


def _refusal(message: str) -> QuizError:
    return QuizError(Code.BAD_REQUEST, message, "url")
