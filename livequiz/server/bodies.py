"""Bodies of requests: refused before they are read, or read up to a limit."""

from __future__ import annotations

import asyncio
import zlib

from aiohttp import hdrs, web

from livequiz.domain.errors import Code, QuizError

_WINDOW = 32 + zlib.MAX_WBITS  # zlib: take gzip or zlib, whichever it is


async def read_body(
    request: web.Request, largest: int, within: float, *, packed: bool = False
) -> bytes:
    """Return the body of a request.

    Args:
        request: Which; the server must leave packed bodies packed.
        largest: Bytes, unpacked.
        within: Seconds in which it has to come.
        packed: Whether it may be packed with gzip or deflate.

    Raises:
        web.HTTPException: 413 if it is larger, 415 if it is packed and may not be, 408 if it does
            not come.
        QuizError: `bad_request` if it can't be unpacked.
        ConnectionError: If the client went.
    """
    coding = request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower()
    if coding != "identity" and not (packed and coding in {"gzip", "deflate"}):
        raise web.HTTPUnsupportedMediaType
    if (request.content_length or 0) > largest:
        raise web.HTTPRequestEntityTooLarge(largest, request.content_length or 0)
    body = bytearray()
    try:
        async with asyncio.timeout(within):
            async for data in request.content.iter_any():
                body += data
                if len(body) > largest:
                    raise web.HTTPRequestEntityTooLarge(largest, len(body))
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    return bytes(body) if coding == "identity" else _unpacked(bytes(body), largest)


def _unpacked(body: bytes, largest: int) -> bytes:
    try:
        unpacked = zlib.decompressobj(_WINDOW).decompress(body, largest + 1)
    except zlib.error:
        message = "The body is not what its Content-Encoding says."
        raise QuizError(Code.BAD_REQUEST, message) from None
    if len(unpacked) > largest:
        raise web.HTTPRequestEntityTooLarge(largest, len(unpacked))
    return unpacked
