"""Shared call: callers who want the same result at the same time wait for one computation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class SharedCall(Generic[T]):
    """Keeps the newest result, until it is asked for on another basis or the call failed."""

    def __init__(self) -> None:
        self._basis: Hashable = None
        self._result: asyncio.Future[T] | None = None

    async def get(self, compute: Callable[[], Coroutine[Any, Any, T]], basis: Hashable = None) -> T:
        """Return the result, computed now unless it is known or being computed.

        A caller who is cancelled does not cancel it for the others.

        Args:
            compute: Computes it; what it raises, all who wait get.
            basis: What the result depends on.
        """
        result = self._result
        if result is None or basis != self._basis or _failed(result):
            result = self._result = asyncio.ensure_future(compute())
            self._basis = basis
        return await asyncio.shield(result)


def _failed(result: asyncio.Future[Any]) -> bool:
    return result.done() and (result.cancelled() or result.exception() is not None)
