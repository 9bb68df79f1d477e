"""Requests to a server's REST API."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import aiohttp

from livequiz.client.address import split
from livequiz.client.tls import tls_problem, trust
from livequiz.domain.errors import Code, QuizError
from livequiz.protocol.codec import decode_json
from livequiz.protocol.resources import Problem

WITHIN = 8.0  # seconds; the server says after 5 that its database is away

T = TypeVar("T")


class RestClient:
    """A connection to the REST API, to be used as a context.

    Args:
        url: The server's URL; `#sha256=...` pins its certificate.
        token: The bearer token.
        tls_ca: The certificates of a private CA to trust for `https://`, PEM.

    Raises:
        QuizError: `bad_request` if that file is unusable.
    """

    def __init__(self, url: str, token: str, *, tls_ca: Path | None = None) -> None:
        self._url, pin = split(url)
        self._token = token
        self._tls = trust(tls_ca, pin) if self._url.startswith("https://") else True
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WITHIN))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._http is not None:
            await self._http.close()

    async def get(self, path: str, kind: type[T]) -> T:
        """Return what is at a path under `/api/v1/`.

        Raises:
            QuizError: The server's error; `unavailable` if it does not answer.
        """
        assert self._http is not None  # noqa: S101
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            async with self._http.get(
                f"{self._url}/api/v1/{path}", headers=headers, ssl=self._tls
            ) as response:
                body = await response.read()
        except (TimeoutError, aiohttp.ClientError, ValueError) as error:
            message = f"There is no LiveQuiz server at {self._url}, or it does not answer."
            raise tls_problem(error, self._url) or QuizError(Code.UNAVAILABLE, message) from None
        if response.status == 200:
            return decode_json(body, kind)
        try:
            problem = decode_json(body, Problem)
        except QuizError:
            message = f"The server at {self._url} is no LiveQuiz server."
            raise QuizError(Code.BAD_REQUEST, message) from None
        raise QuizError(problem.code, problem.detail, problem.field)
