"""What a server says of itself on its network: DNS-based service discovery (RFC 6763).

Everybody on the network reads it. Neither a meeting's code nor a token has a place here.
"""

from __future__ import annotations

from typing import Final

SERVICE_TYPE: Final = "_livequiz._tcp.local."
PROTOCOL_VERSION: Final = "1"

# Keys of the TXT record
SCHEME: Final = "scheme"
VERSION: Final = "version"

SCHEMES: Final = ("http", "https")  # what SCHEME may be
