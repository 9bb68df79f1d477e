"""A private certificate authority, for servers that tests speak https with."""

from __future__ import annotations

import itertools
import ssl
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import trustme

from livequiz.server.host import tls

LONG_AGO = {
    "not_before": datetime(2020, 1, 1, tzinfo=UTC),
    "not_after": datetime(2020, 2, 1, tzinfo=UTC),
}


class Authority:
    """Signs certificates, and keeps all files in a folder.

    Attributes:
        file: What clients need to trust it, PEM.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()
        self._ca = trustme.CA()
        # A name of its own: clients remember a file by its name, and folders come again.
        self.file = folder / f"authority-{uuid.uuid4().hex}.pem"
        self._ca.cert_pem.write_to_path(self.file)

    def issue(self, *names: str, **more: Any) -> tuple[Path, Path]:
        """Return the files of a new certificate for these names and of its key."""
        issued = self._ca.issue_cert(*names, **more)
        number = next(self._numbers)
        certificate = self._folder / f"certificate-{number}.pem"
        key = self._folder / f"key-{number}.pem"
        certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(key)
        return certificate, key

    def context(self, *names: str) -> ssl.SSLContext:
        """Return what a server for these names serves with."""
        return tls.load(*self.issue(*names)).context

    def expired_context(self, *names: str) -> ssl.SSLContext:
        """Return the same with a certificate that `tls.load` would refuse."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*self.issue(*names, **LONG_AGO))
        return context
