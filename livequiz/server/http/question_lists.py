"""Decodes the body of `POST /questions` in chunks, so as not to block the event loop."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any, NoReturn

import msgspec

from livequiz.domain.errors import Code, QuizError
from livequiz.protocol.codec import decode, decode_json
from livequiz.protocol.questions import QuestionIn
from livequiz.protocol.resources import QuestionsRequest

KIB = 1024
STEP = KIB  # bytes scanned per turn of the event loop
PIECE = 4 * KIB  # bytes per chunk to decode; more if a single question is larger
LARGEST_QUESTION = 128 * KIB
LOOKED_AT = 32 * KIB  # of a question that is too large, to report an earlier error instead
_HEAD = b'{"questions":['
_MARK = re.compile(rb'(["\[\]{}]|,(?![ \t\r\n]*\]))')
_PLACE = re.compile(r"^(`?questions\[)(\d+)")
_TEXT = re.compile(rb'(?:[^"\\]++|\\.)*+("?)', re.DOTALL)


async def decode_questions(body: bytes) -> QuestionsRequest:
    """Return the decoded list of questions, with the same errors as decoding it in one go.

    Raises:
        QuizError: `bad_request`, with the invalid field.
    """
    found: list[QuestionIn] = []
    try:
        return await _decoded(body, found)
    except QuizError:
        await release(found)
        raise


async def release(items: list[Any]) -> None:
    """Free large items in small steps: freeing them at once takes nearly as long as decoding."""
    while items:
        del items[-10:]
        await asyncio.sleep(0)


async def _decoded(body: bytes, found: list[QuestionIn]) -> QuestionsRequest:
    head = b""
    start = cut = at = 0
    for cut, at in _cuts(body):
        if at - cut > LARGEST_QUESTION:
            break
        if cut - start >= PIECE:
            piece = head + body[start : cut - 1] + b"]}"
            found += _decode_piece(piece, len(found))
            decode({"questions": found}, QuestionsRequest)  # raises if there are too many
            head, start = _HEAD, cut
        await asyncio.sleep(0)
    if len(body) - cut > LARGEST_QUESTION:
        await _refuse(head + body[start : cut + LOOKED_AT], len(found))
    last = _decode_piece(head + body[start:], len(found))
    if body[at:].strip() != b"}":  # a second `questions` key: in JSON decoders the last one wins
        return QuestionsRequest(last)
    found += last
    return decode({"questions": found}, QuestionsRequest)


def _cuts(body: bytes) -> Iterator[tuple[int, int]]:
    """Yield after each step: the last boundary between two questions, and how far it has scanned.

    It stops at the end of the list.
    """
    cut = at = depth = 0
    in_text = False
    for stop in range(STEP, len(body) + STEP, STEP):
        while found := (_TEXT if in_text else _MARK).search(body, at, stop):
            at, mark = found.end(), found[1]
            if in_text:
                in_text = not mark
                if in_text:
                    break
            elif mark == b'"':
                in_text = True
            elif mark == b",":
                cut = at if depth == 2 else cut
            else:
                depth += 1 if mark in b"[{" else -1
                if mark in b"]}" and depth == 1:
                    yield cut, at
                    return
        else:
            at = min(stop, len(body))
        yield cut, at


def _decode_piece(piece: bytes, before: int) -> list[QuestionIn]:
    """Return a chunk's questions; errors count `before`, the questions in earlier chunks, too."""
    try:
        return decode_json(piece, QuestionsRequest).questions
    except QuizError as error:

        def counted(text: str) -> str:
            return _PLACE.sub(lambda found: f"{found[1]}{int(found[2]) + before}", text)

        field = error.field and counted(error.field)
        raise QuizError(error.code, counted(error.message), field) from None


async def _refuse(beginning: bytes, before: int) -> NoReturn:
    """Raise the first error in the beginning of an oversized question, else "too large"."""
    for end in (b"", b'"'):  # the cut may be inside a string that is too long: try to close it
        try:
            msgspec.json.decode(beginning + end, type=QuestionsRequest)
        except msgspec.ValidationError:
            await asyncio.sleep(0)
            _decode_piece(beginning + end, before)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            if not end and "truncated" not in str(error):
                _decode_piece(beginning, before)
        await asyncio.sleep(0)
    size = LARGEST_QUESTION // KIB
    message = f"A question can have at most {size} KiB, including white space; shorten it."
    raise QuizError(Code.BAD_REQUEST, message, "questions")
