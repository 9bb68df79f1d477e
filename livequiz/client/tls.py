"""TLS for clients: trusted CAs, certificate pinning, and readable verification errors."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Iterator
from pathlib import Path

import aiohttp

from livequiz.domain.errors import Code, QuizError

# OpenSSL's verification error codes.
_OUT_OF_DATE = {9, 10}
_UNKNOWN_SIGNER = {18, 19, 20, 21}
_OTHER_NAME = {62, 64}


@functools.lru_cache
def client_context(tls_ca: Path | None = None) -> ssl.SSLContext:
    """Return an SSL context that trusts the system's CAs, and a private one if given.

    It is cached: loading the CAs takes tens of milliseconds.

    Args:
        tls_ca: The certificates of a private CA, PEM.

    Raises:
        QuizError: `bad_request` if the file can't be read or holds no certificate.
    """
    context = ssl.create_default_context()
    if tls_ca is None:
        return context
    try:
        context.load_verify_locations(tls_ca)
    except ssl.SSLError:
        message = f"{tls_ca} contains no certificates in PEM format; see --tls-ca."
        raise QuizError(Code.BAD_REQUEST, message, "tls_ca") from None
    except OSError as error:
        message = f"The CA file {tls_ca} can't be read: {error.strerror}; see --tls-ca."
        raise QuizError(Code.BAD_REQUEST, message, "tls_ca") from None
    return context


def trust(tls_ca: Path | None, pin: bytes | None) -> ssl.SSLContext | aiohttp.Fingerprint:
    """Return the check of the server's identity that is made before any data is sent.

    Args:
        tls_ca: The certificates of a private CA, PEM.
        pin: SHA-256 of the only accepted certificate, whatever its issuer and validity.

    Raises:
        QuizError: As `client_context` does.
    """
    return aiohttp.Fingerprint(pin) if pin is not None else client_context(tls_ca)


def tls_problem(error: BaseException, url: str) -> QuizError | None:
    """Return the error for a connection that failed because of TLS, or None for other causes.

    Its code is not `unavailable`: a retry would not help, and users should not get used to it.

    Args:
        error: The exception from the connection attempt.
        url: The server's URL.
    """
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return QuizError(Code.BAD_REQUEST, _sentence(cause, url), "url")
        if isinstance(cause, aiohttp.ServerFingerprintMismatch):
            return QuizError(Code.BAD_REQUEST, _stranger(url), "url")
        if isinstance(cause, aiohttp.ClientConnectorSSLError):
            message = f"The server at {url} does not use https; ask whoever runs it."
            return QuizError(Code.BAD_REQUEST, message, "url")
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and its causes; Socket.IO and aiohttp both wrap OpenSSL's error."""
    while error is not None:
        yield getattr(error, "certificate_error", error)
        error = error.__cause__ or error.__context__


def _stranger(url: str) -> str:
    return (
        f"The server at {url} has a certificate with another fingerprint: copy the whole address "
        "from the server's screen again. If it is still refused, someone else may be answering "
        "in its place."
    )


def _sentence(error: ssl.SSLCertVerificationError, url: str) -> str:
    if error.verify_code in _UNKNOWN_SIGNER:
        return (
            f"This computer does not know who signed the certificate of {url}: "
            "copy the whole address from the server's screen, including the part from #sha256= on, "
            "or ask whoever runs the server for their CA file and use --tls-ca FILE."
        )
    if error.verify_code in _OTHER_NAME:
        return (
            f"The certificate of {url} is for a different name: "
            "type the address exactly as the server shows it."
        )
    if error.verify_code in _OUT_OF_DATE:
        return (
            f"The certificate of {url} is out of date: check this computer's clock, "
            "and ask whoever runs the server for a new certificate."
        )
    reason = error.verify_message
    return f"The certificate of {url} can't be verified ({reason}): ask whoever runs the server."
