"""Loads and checks the server's certificate, with readable errors."""

from __future__ import annotations

import contextlib
import hashlib
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livequiz.domain.errors import Code, QuizError
from livequiz.process.files import read_at_most

LARGEST_FILE = 1024 * 1024  # bytes

_OUT_OF_DATE = {9: "is not valid yet", 10: "has expired"}  # OpenSSL verify codes


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's certificate, ready for https.

    Attributes:
        context: The server-side TLS context; TLS 1.2 and newer.
        names: The host names and IP addresses that clients accept it for.
        fingerprint: SHA-256 of the certificate, in hexadecimal.
    """

    context: ssl.SSLContext
    names: tuple[str, ...]
    fingerprint: str


def load(certificate: Path, key: Path) -> Certificate:
    """Load a certificate with its chain, and its key; both in PEM format.

    Raises:
        QuizError: `bad_request` if a file can't be read or used, the key has a passphrase or does
            not match, or the certificate is expired or not valid yet.
    """
    _need(certificate, "CERTIFICATE-----", "certificate")
    _need(key, "PRIVATE KEY-----", "private key")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        # Without a callback, OpenSSL would prompt for a passphrase on the terminal and block.
        context.load_cert_chain(certificate, key, password=lambda: _locked(key))
    except ssl.SSLError as error:
        raise _unusable(certificate, key, error) from None
    return Certificate(context, _names(context, certificate), _fingerprint(certificate))


def _need(path: Path, mark: str, what: str) -> None:
    try:
        content = read_at_most(path, LARGEST_FILE)
    except OSError as error:
        raise _refusal(f"The TLS {what} {path} can't be read: {error.strerror}.") from None
    if mark.encode() not in content:
        raise _refusal(f"{path} contains no {what} in PEM format (-----BEGIN ...{mark}).")


def _fingerprint(certificate: Path) -> str:
    """Return the SHA-256 of a file's first certificate, which is the server's own."""
    text = certificate.read_text(encoding="ascii", errors="replace")
    start, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    own = text[text.index(start) : text.index(end) + len(end)]
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(own)).hexdigest()


def _locked(key: Path) -> str:
    raise _refusal(f"The TLS private key {key} has a passphrase; use a key without one.")


def _unusable(certificate: Path, key: Path, error: ssl.SSLError) -> QuizError:
    if "MISMATCH" in (error.reason or ""):
        return _refusal(f"The TLS private key {key} does not belong to {certificate}.")
    return _refusal(f"{certificate} and {key} can't be used for TLS: {error.reason or error}.")


def _names(context: ssl.SSLContext, certificate: Path) -> tuple[str, ...]:
    """Return the certificate's subject alternative names; empty if they can't be determined.

    The `ssl` module parses only a peer's certificate, so do a TLS handshake in memory, with a
    client that trusts just this certificate and does not check the host name.

    Raises:
        QuizError: `bad_request` if the certificate is expired or not valid yet.
    """
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    client.load_verify_locations(certificate)
    try:
        shown = _shown(client, context)
    except ssl.SSLError as error:
        if why := _OUT_OF_DATE.get(getattr(error, "verify_code", 0)):
            raise _refusal(f"The TLS certificate {certificate} {why}; get a new one.") from None
        return ()
    return tuple(str(value) for _, value in shown.get("subjectAltName", ()))


def _shown(client: ssl.SSLContext, server: ssl.SSLContext) -> dict[str, Any]:
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        client.wrap_bio(to_client, to_server),
        server.wrap_bio(to_server, to_client, server_side=True),
    )
    for end in ends * 3:  # TLS 1.2 needs three turns, TLS 1.3 two
        with contextlib.suppress(ssl.SSLWantReadError):
            end.do_handshake()
    return ends[0].getpeercert() or {}


def _refusal(message: str) -> QuizError:
    return QuizError(Code.BAD_REQUEST, message, "tls")
