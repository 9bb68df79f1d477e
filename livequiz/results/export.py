"""Writes the report on a meeting of a running server to a file."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from livequiz.client.rest import RestClient
from livequiz.domain.errors import Code, QuizError
from livequiz.results.build import build
from livequiz.results.formats import format_of, write
from livequiz.results.lesson import gather
from livequiz.results.rest_source import RestSource


async def export(
    url: str,
    token: str,
    meeting_id: str,
    file: Path,
    *,
    tls_ca: Path | None = None,
    anonymous: bool = False,
) -> None:
    """Read a meeting over REST, and write its report in the format that the file's name asks for.

    Raises:
        QuizError: The server's error, or why the file can't be written.
    """
    report_format = format_of(file)
    async with RestClient(url, token, tls_ca=tls_ca) as client:
        lesson = await gather(RestSource(client), [meeting_id])

    def work() -> None:
        report = build(lesson, datetime.now(UTC), anonymous=anonymous)
        file.write_bytes(write(report, report_format))

    try:
        await asyncio.to_thread(work)
    except OSError as error:
        why = f"{file} can't be written: {error.strerror}."
        raise QuizError(Code.BAD_REQUEST, why, "file") from None
