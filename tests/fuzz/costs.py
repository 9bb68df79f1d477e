"""The processor time of one turn of the event loop, and values that fill a size in every way."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.fuzz.wire import Raw


class Turns:
    """Measures how long the turns of the loop in this thread take; others are not looked at.

    Processor time of the thread: what else the machine does is not in it.

    Attributes:
        longest: Seconds, since it was last set.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.longest = 0.0
        self._loop = asyncio.get_running_loop()
        here, run = threading.get_ident(), asyncio.Handle._run

        def timed(handle: Any) -> None:
            if threading.get_ident() != here:
                run(handle)
                return
            start = time.thread_time()
            run(handle)
            self.longest = max(self.longest, time.thread_time() - start)

        monkeypatch.setattr(asyncio.Handle, "_run", timed)

    async def end(self) -> float:
        """Return the longest turn, once the one that is under way has ended; for other threads."""
        waiting = asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self._loop)
        await asyncio.wrap_future(waiting)
        return self.longest


def unit() -> float:
    """Return what a little work takes here and now, about 1 ms: to build 8,000 texts."""
    least = float("inf")
    for _ in range(5):
        start = time.thread_time()
        assert len([str(number) * 2 for number in range(8_000)]) == 8_000
        least = min(least, time.thread_time() - start)
    return least


@dataclass(order=True)
class Cost:
    """What was sent, and how long the longest turn took until it was answered."""

    seconds: float
    what: str


def fillings(size: int) -> dict[str, Raw]:
    """Return JSON values of nearly that many bytes, by what they are made of."""
    return {name: Raw(fill(max(0, size))) for name, fill in _FILLINGS.items()}


def texts(size: int) -> dict[str, str]:
    """Return those that are texts, so that they can be the name of a field or an event."""
    return {name: fill(max(0, size)) for name, fill in _FILLINGS.items() if fill(0) == '""'}


def _repeated(before: str, unit: str, after: str) -> Callable[[int], str]:
    def fill(size: int) -> str:
        room = size - len(before) - len(after)
        return before + unit * (room // len(unit.encode())) + after

    return fill


def _joined(before: str, unit: str, after: str) -> Callable[[int], str]:
    def fill(size: int) -> str:
        return before + ",".join([unit] * (max(1, size - 2) // (len(unit) + 1))) + after

    return fill


def _nested(before: str, middle: str, after: str) -> Callable[[int], str]:
    def fill(size: int) -> str:
        depth = (size - len(middle)) // len(before + after)
        return before * depth + middle + after * depth

    return fill


def _fields(size: int) -> str:
    return "{" + ",".join(f'"{number:06}":1' for number in range(max(0, size - 2) // 11)) + "}"


_FILLINGS: dict[str, Callable[[int], str]] = {
    "letters": _repeated('"', "x", '"'),
    "grave accents": _repeated('"', "`", '"'),
    "escapes": _repeated('"', "\\u0000", '"'),
    "half surrogates": _repeated('"', "\\ud800", '"'),
    "overrides": _repeated('"', "\u202e", '"'),
    "emoji": _repeated('"', "\U0001f600", '"'),
    "accents": _repeated('"', "\u0301", '"'),
    "a text that does not end": _repeated('"', "\\\\", ""),
    "digits": _repeated("9", "9", ""),
    "decimals": _repeated("0.", "9", ""),
    "an exponent": _repeated("1e", "9", ""),
    "white space": _repeated("", " ", "1"),
    "numbers": _joined("[", "1", "]"),
    "ids": _joined("[", f'"{"0" * 24}"', "]"),
    "lists": _joined("[", "[]", "]"),
    "objects": _joined("[", '{"a":1}', "]"),
    "fields": _fields,
    "one field again and again": _joined("{", '"a":1', "}"),
    "nested lists": _nested("[", "", "]"),
    "nested objects": _nested('{"a":', "1", "}"),
    "lists that do not end": _repeated("", "[", ""),
}
