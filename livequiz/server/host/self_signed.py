"""Self-signed certificates, for classrooms without a certificate authority.

Clients pin the certificate's fingerprint, which `serve` shows. The certificate is kept, so that
the fingerprint stays the same from one lesson to the next.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from livequiz.domain.errors import Code, QuizError
from livequiz.server.host import tls
from livequiz.server.host.data_folder import DataFolder

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

CERTIFICATE, KEY = "tls-certificate.pem", "tls-key.pem"
LIFE = dt.timedelta(days=365)
REST_OF_LIFE = dt.timedelta(days=1)  # renew before it could expire in a lesson
CLOCKS_DIFFER = dt.timedelta(days=1)  # clock skew: a student's clock may be behind


def certificate_files(
    folder: DataFolder, hosts: Sequence[str], now: dt.datetime
) -> tuple[Path, Path]:
    """Return the paths of the folder's certificate and key, generating new ones if needed.

    Args:
        folder: The data folder that keeps them.
        hosts: Host names and IP addresses that the certificate must cover.
        now: The current time, aware, in UTC.

    Raises:
        QuizError: `unavailable` if the `cryptography` library is not installed.
    """
    _need_library()
    certificate, key = folder.path / CERTIFICATE, folder.path / KEY
    if not _usable(certificate, key, hosts, now):
        secret, public = _make(hosts, now)
        folder.write(KEY, secret)
        folder.write(CERTIFICATE, public)
    return certificate, key


def _need_library() -> None:
    try:
        import cryptography  # noqa: F401, PLC0415 - an extra, and slow to import
    except ImportError:
        message = (
            "--tls-self-signed needs the `tls` extra: pip install 'livequiz[tls]', "
            "or use your own certificate with --tls-cert and --tls-key."
        )
        raise QuizError(Code.UNAVAILABLE, message) from None


def _usable(certificate: Path, key: Path, hosts: Sequence[str], now: dt.datetime) -> bool:
    """Whether the files are a matching pair, not about to expire, and cover these hosts."""
    from cryptography import x509  # noqa: PLC0415

    try:
        tls.load(certificate, key)
        known = x509.load_pem_x509_certificate(certificate.read_bytes())
        names = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (QuizError, OSError, ValueError, x509.ExtensionNotFound):
        return False
    left = known.not_valid_after_utc - now
    return left > REST_OF_LIFE and all(_name(host) in list(names) for host in hosts)


def _make(hosts: Sequence[str], now: dt.datetime) -> tuple[str, str]:
    """Return a new private key and its certificate, as PEM."""
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    secret = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    public = _certificate(key, hosts, now).public_bytes(form.Encoding.PEM)
    return secret.decode(), public.decode()


def _certificate(
    key: ec.EllipticCurvePrivateKey, hosts: Sequence[str], now: dt.datetime
) -> x509.Certificate:
    """Return a self-signed certificate for server authentication only (`CA: false`)."""
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID  # noqa: PLC0415

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "LiveQuiz")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER)
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName(list(map(_name, hosts))), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _name(host: str) -> x509.GeneralName:
    from cryptography import x509  # noqa: PLC0415

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host.encode("idna").decode())
