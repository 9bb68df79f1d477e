"""A Socket.IO connection that sends any text as a frame, and keeps what comes back."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.helpers import Json
from tests.patience import PATIENCE

Event = tuple[str, list[Any]]  # its name and its arguments


@dataclass(frozen=True)
class Raw:
    """JSON that no value of Python is written as, such as `1e999`."""

    text: str

    def __repr__(self) -> str:
        return f"Raw({self.text[:40]!r})"


def written(value: Any, attachments: list[bytes]) -> str:
    """Return a value as JSON; bytes become placeholders, and attachments."""
    match value:
        case Raw():
            return value.text
        case bytes():
            attachments.append(value)
            return f'{{"_placeholder":true,"num":{len(attachments) - 1}}}'
        case dict():
            pairs = [f"{json.dumps(k)}:{written(v, attachments)}" for k, v in value.items()]
            return "{" + ",".join(pairs) + "}"
        case list() | tuple():
            return "[" + ",".join(written(item, attachments) for item in value) + "]"
        case _:
            return json.dumps(value)


def frames(number: int, event: str, arguments: list[Any]) -> list[str | bytes]:
    """Return the frames of an event that asks for the ack of that number."""
    attachments: list[bytes] = []
    data = written([event, *arguments], attachments)
    head = f"45{len(attachments)}-" if attachments else "42"
    return [f"{head}{number}{data}", *attachments]


class Wire:
    """A bare WebSocket; `open` says hello.

    Args:
        session: What connects.
        url: Of the server.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = f"{url}/socket.io/?EIO=4&transport=websocket"
        self._acks: dict[int, asyncio.Future[Any]] = {}
        self._events: defaultdict[str, asyncio.Queue[Json]] = defaultdict(asyncio.Queue)
        self._hello = asyncio.Event()
        self._number = 0

    async def open(self) -> Wire:
        self._socket = await self._session.ws_connect(self._url, max_msg_size=0)
        self._reading = asyncio.create_task(self._read())
        await self._socket.send_str("40{}")
        await asyncio.wait_for(self._hello.wait(), PATIENCE)
        return self

    async def close(self) -> None:
        await self._socket.close()
        await asyncio.wait_for(self._reading, PATIENCE)

    async def answers(self) -> bool:
        """Whether an event is still answered, or the server has ended the connection."""
        self._hello.clear()
        try:
            await self.send("40{}")  # a frame may have been a goodbye
            await asyncio.wait_for(self._hello.wait(), PATIENCE)
            return (await self.call("time_sync"))["ok"] is True
        except ConnectionError:
            return False

    async def send(self, *frames: str | bytes) -> None:
        """Send frames as they are."""
        for frame in frames:
            if isinstance(frame, str):
                await self._socket.send_str(frame)
            else:
                await self._socket.send_bytes(frame)

    async def call(self, event: str, *arguments: Any) -> Json:
        """Send one event, and return its ack.

        Raises:
            ConnectionError: The connection ended.
        """
        (ack,) = await self.call_all([(event, list(arguments))])
        return ack

    async def call_all(self, batch: list[Event]) -> list[Json]:
        """Send events without waiting in between, and return their acks."""
        acks = []
        for event, arguments in batch:
            self._number += 1
            acks.append(asyncio.get_running_loop().create_future())
            self._acks[self._number] = acks[-1]
            await self.send(*frames(self._number, event, arguments))
        await asyncio.wait(acks, timeout=PATIENCE)
        missing = [batch[place] for place, ack in enumerate(acks) if not ack.done()]
        assert not missing, f"no ack came for {missing}"
        return [ack.result() for ack in acks]

    async def next(self, event: str) -> Json:
        """Return the payload of the next event of that name."""
        return await asyncio.wait_for(self._events[event].get(), PATIENCE)

    async def _read(self) -> None:
        async for message in self._socket:
            await self._take(message.data)
        self._hello.set()
        for ack in self._acks.values():
            if not ack.done():
                ack.set_exception(ConnectionResetError("the connection ended"))
                ack.exception()  # nobody may wait for it any more

    async def _take(self, frame: str) -> None:
        kind, data = frame[:2], frame[2:]
        if frame == "2":
            await self._socket.send_str("3")  # a ping
        elif kind in {"40", "44"}:  # welcome, or told that it was welcomed before
            self._hello.set()
        elif kind == "42":
            event, payload = _read(data)
            self._events[event].put_nowait(payload)
        elif kind == "43":
            number, _, data = data.partition("[")
            (ack,) = _read("[" + data) or [None]
            if (waiting := self._acks.pop(int(number), None)) is not None:
                waiting.set_result(ack)


def _read(text: str) -> Any:
    """Read what the server wrote, which has to be JSON: NaN and Infinity are not."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"the server wrote {constant}")

    return json.loads(text, parse_constant=refuse)
