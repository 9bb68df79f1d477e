"""Asks a server what its class may see, for a projector."""

from __future__ import annotations

from pathlib import Path

from livequiz.client.rest import RestClient
from livequiz.protocol.projection import Projection


class ProjectorClient(RestClient):
    """A connection of a projector, to be used as a context.

    Args:
        url: The server's URL; `#sha256=...` pins its certificate.
        meeting_id: The meeting's code.
        token: The projector token.
        tls_ca: The certificates of a private CA to trust for `https://`, PEM.

    Raises:
        QuizError: `bad_request` if that file is unusable.
    """

    def __init__(
        self, url: str, meeting_id: str, token: str, *, tls_ca: Path | None = None
    ) -> None:
        super().__init__(url, token, tls_ca=tls_ca)
        self._path = f"meetings/{meeting_id.upper()}/projection"

    async def projection(self) -> Projection:
        """Return what the class may see now.

        Raises:
            QuizError: The server's error; `unavailable` if it does not answer.
        """
        return await self.get(self._path, Projection)
