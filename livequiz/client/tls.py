"""Whom a client trusts, and what people read when a server can't prove who it is."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Iterator
from pathlib import Path

import aiohttp

from livequiz.domain.errors import Code, QuizError

# OpenSSL's numbers for why a certificate was not accepted.
_OUT_OF_DATE = {9, 10}
_UNKNOWN_SIGNER = {18, 19, 20, 21}
_OTHER_NAME = {62, 64}


@functools.lru_cache
def client_context(tls_ca: Path | None = None) -> ssl.SSLContext:
    """Return what verifies servers: by the system's authorities, and a private one if given.

    It is made once and shared: reading the authorities takes tens of milliseconds.

    Args:
        tls_ca: The certificates of a private authority, PEM.

    Raises:
        QuizError: `bad_request` if the file can't be read or holds no certificate.
    """
    context = ssl.create_default_context()
    if tls_ca is None:
        return context
    try:
        context.load_verify_locations(tls_ca)
    except ssl.SSLError:
        message = f"{tls_ca} holds no certificates in PEM form; see --tls-ca."
        raise QuizError(Code.BAD_REQUEST, message, "tls_ca") from None
    except OSError as error:
        message = f"The CA file {tls_ca} can't be read: {error.strerror}; see --tls-ca."
        raise QuizError(Code.BAD_REQUEST, message, "tls_ca") from None
    return context


def trust(tls_ca: Path | None, pin: bytes | None) -> ssl.SSLContext | aiohttp.Fingerprint:
    """Return what decides whether a server is the one that is meant, before anything is sent.

    Args:
        tls_ca: The certificates of a private authority, PEM.
        pin: SHA-256 of the one certificate that is accepted, whoever signed it and for how long.

    Raises:
        QuizError: As `client_context` does.
    """
    return aiohttp.Fingerprint(pin) if pin is not None else client_context(tls_ca)


def tls_problem(error: BaseException, url: str) -> QuizError | None:
    """Return what to tell people if a connection failed because of TLS, else None.

    It is no `unavailable`: trying again would not help, and nobody should get used to it.

    Args:
        error: What the connection failed with.
        url: Where to.
    """
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return QuizError(Code.BAD_REQUEST, _sentence(cause, url), "url")
        if isinstance(cause, aiohttp.ServerFingerprintMismatch):
            return QuizError(Code.BAD_REQUEST, _stranger(url), "url")
        if isinstance(cause, aiohttp.ClientConnectorSSLError):
            message = f"What answers at {url} can't speak https; ask whoever runs the server."
            return QuizError(Code.BAD_REQUEST, message, "url")
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what led to it; both Socket.IO and aiohttp wrap what OpenSSL said."""
    while error is not None:
        yield getattr(error, "certificate_error", error)
        error = error.__cause__ or error.__context__


def _stranger(url: str) -> str:
    return (
        f"What answers at {url} does not have the certificate of that fingerprint: copy the whole "
        "address from the server's screen again. If it is still refused, somebody else may be "
        "answering in its place."
    )


def _sentence(error: ssl.SSLCertVerificationError, url: str) -> str:
    if error.verify_code in _UNKNOWN_SIGNER:
        return (
            f"This computer does not know who signed the certificate of {url}: "
            "copy the whole address from the server's screen, with #sha256= and what follows, "
            "or ask whoever runs it for their CA file, and name it with --tls-ca FILE."
        )
    if error.verify_code in _OTHER_NAME:
        return (
            f"The certificate of {url} is for another name: "
            "type the address as whoever runs the server shows it."
        )
    if error.verify_code in _OUT_OF_DATE:
        return (
            f"The certificate of {url} is out of date: check this computer's clock, "
            "and ask whoever runs the server for a new certificate."
        )
    reason = error.verify_message
    return f"The certificate of {url} can't be verified ({reason}): ask whoever runs the server."
