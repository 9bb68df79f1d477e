"""Parses server addresses as users type them, with an optional certificate fingerprint."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from livequiz.domain.errors import Code, QuizError

DEFAULT_PORT = 5000
_PIN = "#sha256="
_DIGEST = re.compile(r"[0-9a-f]{64}")
_PAGE = re.compile(r"(\S+?)/(?:projector/?)?\?m=([\w-]+)(?:#(\S*))?")


def complete(typed: str) -> str:
    """Return a typed address as a URL with scheme and port; `192.168.1.20` is enough.

    It may end with `#sha256=...`, the fingerprint of the server's certificate.

    Raises:
        QuizError: `bad_request` if it is not a valid address.
    """
    text, mark, pin = typed.strip().partition("#")
    scheme = "https" if mark else "http"  # a pinned certificate implies TLS
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


class PageAddress(NamedTuple):
    """An address, and the meeting and the projector token that it names; "" if it names none."""

    url: str
    meeting_id: str = ""
    token: str = ""


def from_page(typed: str) -> PageAddress:
    """Split what `page_address` or `projector_address` returns; keep any other address as it is.

    People copy the address of the page into a terminal, such as http://192.168.1.20:5000/?m=K7QX4M.
    """
    found = _PAGE.fullmatch(typed.strip())
    return PageAddress(*found.groups("")) if found else PageAddress(typed)


def pinned(url: str, fingerprint: str) -> str:
    """Return the URL with the server's certificate pinned.

    Args:
        url: From `complete`; if it already has a fingerprint, that must be the same.
        fingerprint: SHA-256 of the certificate in hexadecimal, in any program's notation.

    Raises:
        QuizError: `bad_request` if that is not a fingerprint, or the URL does not use TLS.
    """
    digest = re.sub(r"[:\s]", "", fingerprint).lower().removeprefix("sha256").removeprefix("=")
    if not _DIGEST.fullmatch(digest):
        raise _refusal(
            "A fingerprint is `sha256=` plus 64 digits or letters a to f; copy it again."
        )
    base, known = split(url)
    if known not in {None, bytes.fromhex(digest)}:
        raise _refusal(
            "The address and --tls-fingerprint have different fingerprints; copy it again."
        )
    if not base.startswith("https://"):
        raise _refusal("A fingerprint only works with an address that begins with https://.")
    return f"{base}{_PIN}{digest}"


def split(url: str) -> tuple[str, bytes | None]:
    """Split a URL into the URL without its fingerprint, and the fingerprint or None."""
    base, _, digest = url.partition(_PIN)
    return base, bytes.fromhex(digest) if digest else None


def _not_an_address(typed: str) -> QuizError:
    return _refusal(f"{typed!r} is not an address; use one such as http://192.168.1.20:5000.")


def _refusal(message: str) -> QuizError:
    return QuizError(Code.BAD_REQUEST, message, "url")


def at_host(url: str, host: str) -> str:
    """Return a URL with another host, which is a name or an IPv4 address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{host}:{parts.port}"


def page_address(url: str, meeting_id: str) -> str:
    """Return what students open in a browser to join."""
    return f"{split(url)[0]}/?m={meeting_id}"


def projector_address(url: str, meeting_id: str, token: str) -> str:
    """Return what to open in the browser of a projector; browsers send no part behind the #."""
    return f"{split(url)[0]}/projector?m={meeting_id}#{token}"


def join_commands(url: str, meeting_id: str, ssh_port: int | None) -> list[str]:
    """Return what students type in a terminal to join, a command for each way."""
    commands = [f"livequiz student {url} --meeting {meeting_id}"]
    if ssh_port is not None:
        commands.append(f"ssh -p {ssh_port} {meeting_id}@{urlsplit(url).hostname}")
    return commands
