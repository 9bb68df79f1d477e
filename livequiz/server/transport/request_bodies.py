"""Reads request bodies, with a size limit and a timeout; decompresses them where allowed."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator

from aiohttp import hdrs, web

from livequiz.domain.errors import Code, QuizError

_STEP = 64 * 1024  # bytes
_WINDOW = 32 + zlib.MAX_WBITS  # zlib: detect a gzip or zlib header


async def read_body(
    request: web.Request, largest: int, within: float, *, packed: bool = False
) -> bytes:
    """Return the body of a request.

    Args:
        request: The request; the server must not have decompressed its body.
        largest: Size limit in bytes, before and after decompression.
        within: Seconds within which the body has to arrive.
        packed: Whether it may be compressed with gzip or deflate.

    Raises:
        web.HTTPException: 413 if it is too large, 415 if it is compressed in a way that is not
            allowed, 408 if it does not arrive in time.
        QuizError: `bad_request` if it can't be decompressed.
        ConnectionError: If the client disconnected.
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
    return bytes(body) if coding == "identity" else await _unpacked(bytes(body), largest)


async def _unpacked(body: bytes, largest: int) -> bytes:
    unpacked = bytearray()
    try:
        async for part in _parts(body):
            unpacked += part
            if len(unpacked) > largest:
                raise web.HTTPRequestEntityTooLarge(largest, len(unpacked))
    except zlib.error:
        message = "The body does not match its Content-Encoding."
        raise QuizError(Code.BAD_REQUEST, message) from None
    return bytes(unpacked)


async def _parts(body: bytes) -> AsyncIterator[bytes]:
    """Yield the decompressed body in chunks, so as not to block the event loop."""
    unpacker = zlib.decompressobj(_WINDOW)
    for start in range(0, len(body), _STEP):
        packed = body[start : start + _STEP]
        while packed and not unpacker.eof:
            yield unpacker.decompress(packed, _STEP)
            packed = unpacker.unconsumed_tail
            await asyncio.sleep(0)
    yield unpacker.flush()
