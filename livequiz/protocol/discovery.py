"""What a server announces on its network with DNS-based service discovery (RFC 6763).

Everybody on the network can read it, so it must not contain a meeting's code or a token.
"""

from __future__ import annotations

from typing import Final

SERVICE_TYPE: Final = "_livequiz._tcp.local."
PROTOCOL_VERSION: Final = "1"

# Keys in the TXT record
SCHEME: Final = "scheme"
VERSION: Final = "version"

SCHEMES: Final = ("http", "https")  # possible values of SCHEME
