"""The sieve for messages that are too large, in front of the reader that the server uses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from aiohttp import WSMsgType
from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader
from aiohttp.base_protocol import BaseProtocol
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from livequiz.server.oversized import MOST_PACKETS, Body, stand_in
from livequiz.server.sieve import FRAGMENT, HEAD, Sieve
from tests.octets import BINARY, CONTINUATION, PING, PONG, TEXT, frame

LIMIT, MOST = 700, 5_000  # bytes
LONGEST_HEADER = 14
INSTEAD = b"instead of "
KEYS = st.sampled_from([b"\0\0\0\0", b"abcd", b"\xff\x00\x81\x7e"])


@dataclass
class Sieved:
    """A sieve that keeps what it did."""

    heard: int = 0
    heads: list[bytes] = field(default_factory=list)
    most_held: int = 0

    def __post_init__(self) -> None:
        self.sieve = Sieve(LIMIT, MOST, self._stand_in, self._hear)

    def _stand_in(self, head: bytes) -> bytes:
        self.heads.append(head)
        return INSTEAD + head[:20]

    def _hear(self) -> None:
        self.heard += 1

    def feed(self, chunks: Iterable[bytes]) -> bytes:
        passed = []
        for chunk in chunks:
            passed.append(self.sieve.feed(chunk))
            self.most_held = max(self.most_held, self.sieve.held)
        return b"".join(passed)


def read(data: bytes) -> tuple[list[tuple[WSMsgType, Any]], int | None]:
    """Return what aiohttp's reader makes of it: messages, and the code that it ends with."""
    protocol = BaseProtocol(asyncio.new_event_loop())
    protocol._loop.close()
    queue = WebSocketDataQueue(protocol, 2**30, loop=protocol._loop)
    WebSocketReader(queue, LIMIT, False, True).feed_data(data)
    messages = [(message.type, message.data) for message, _ in queue._buffer]
    error = queue.exception()
    return messages, None if error is None else error.code  # type: ignore[attr-defined]


def cut(data: bytes, places: Iterable[int]) -> Iterator[bytes]:
    for start, stop in pairwise(sorted({0, len(data), *(p % (len(data) + 1) for p in places)})):
        yield data[start:stop]


@dataclass
class Sent:
    """One message as a client may send it, and what has to come of it."""

    opcode: int
    parts: list[bytes]
    between: list[tuple[int, bytes]]  # control frames behind the parts
    key: bytes

    @property
    def data(self) -> bytes:
        found = b""
        for number, part in enumerate(self.parts):
            opcode = CONTINUATION if number else self.opcode
            found += frame(opcode, part, number == len(self.parts) - 1, self.key)
            if number < len(self.between):
                found += frame(*self.between[number], key=self.key)
        return found

    @property
    def expected(self) -> list[tuple[WSMsgType, Any]]:
        controls: list[tuple[WSMsgType, Any]] = [(WSMsgType(o), p) for o, p in self.between]
        inside = min(len(self.between), len(self.parts) - 1)
        whole, text = b"".join(self.parts), self.opcode == TEXT
        message: tuple[WSMsgType, Any]
        if len(whole) >= LIMIT:
            head = whole[:20] if text else b""
            message = (WSMsgType.TEXT, (INSTEAD + head).decode())
        else:
            message = (WSMsgType(self.opcode), whole.decode() if text else whole)
        after = min(len(self.between), len(self.parts))
        return [*controls[:inside], message, *controls[inside:after]]


SIZES = st.one_of(
    st.integers(0, 140),
    st.sampled_from([LIMIT - 1, LIMIT, LIMIT + 1, 126, 125]),
    st.integers(0, 1_000),
)
PARTS = SIZES.map(lambda size: (b"0123456789abcdefghijklmnopqrstuvwxyz" * 30)[:size])
MESSAGES = st.builds(
    Sent,
    st.sampled_from([TEXT, TEXT, BINARY]),
    st.one_of(st.lists(PARTS, min_size=1, max_size=1), st.lists(PARTS, min_size=1, max_size=4)),
    st.lists(st.tuples(st.sampled_from([PING, PONG]), st.binary(max_size=125)), max_size=3),
    KEYS,
)
# A frame by itself, right or wrong: any first byte, so also reserved bits, and any way of counting.


def frames(parts: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Frames by themselves, right or wrong: any first byte, and any way to write the length."""
    firsts = st.sampled_from([0x81, 0x81, 0x82, 0x01, 0x00, 0x80, 0x89, 0x8A])
    return st.builds(
        lambda first, payload, key, long: (
            bytes([first])
            + frame(0, payload, True, key, 8 if len(payload) > 125 or long else 0)[1:]
        ),
        firsts | st.integers(0, 255),
        parts,
        KEYS | st.none(),
        st.booleans(),
    )


CUTS = st.lists(st.integers(0, 100_000), max_size=30)


@settings(deadline=None)
@given(messages=st.lists(MESSAGES, max_size=6), cuts=CUTS)
def test_the_reader_gets_what_fits_and_a_stand_in_for_what_does_not(
    messages: list[Sent], cuts: list[int]
) -> None:
    for message in messages:
        message.between = message.between[: len(message.parts)]
    sieved = Sieved()
    passed = sieved.feed(cut(b"".join(message.data for message in messages), cuts))
    assert read(passed) == ([each for message in messages for each in message.expected], None)
    assert sieved.sieve.held == 0
    large = [message for message in messages if len(b"".join(message.parts)) >= LIMIT]
    assert sieved.heads == [b"".join(m.parts)[:HEAD] * (m.opcode == TEXT) for m in large]


@settings(deadline=None)
@given(messages=st.lists(MESSAGES.filter(lambda m: len(m.parts) == 1), max_size=6), cuts=CUTS)
def test_frames_that_fit_go_on_to_the_byte_and_the_others_do_not(
    messages: list[Sent], cuts: list[int]
) -> None:
    fit = [message for message in messages if len(message.parts[0]) < LIMIT]
    for message in messages:
        message.between = message.between[: message in fit]
    sieved = Sieved()
    instead = sieved.feed(cut(b"".join(message.data for message in messages), cuts))
    for head in sieved.heads:
        assert len(head) in {0, HEAD}
        begin = instead.index(INSTEAD + head[:20])
        instead = instead[: begin - 6] + instead[begin + len(INSTEAD + head[:20]) :]
    assert instead == b"".join(message.data for message in fit)


@settings(deadline=None)
@given(frames=st.lists(frames(PARTS), max_size=8), tail=st.binary(max_size=20), cuts=CUTS)
@example(frames=[], tail=b"\x81\xff" + b"\xff" * 8 + b"abcd", cuts=[])
@example(frames=[frame(TEXT, b"x" * LIMIT, final=False), frame(TEXT, b"y")], tail=b"", cuts=[9])
@example(frames=[frame(TEXT, b"x", final=False), frame(TEXT, b"y" * 9)], tail=b"", cuts=[7])
def test_it_does_not_matter_where_the_bytes_are_cut(
    frames: list[bytes], tail: bytes, cuts: list[int]
) -> None:
    data = b"".join(frames) + tail
    once, often, bytewise = Sieved(), Sieved(), Sieved()
    passed = once.feed([data])
    assert often.feed(cut(data, cuts)) == passed
    assert bytewise.feed(cut(data, range(len(data)))) == passed
    assert once.heard == often.heard == bytewise.heard
    assert once.heads == often.heads == bytewise.heads
    assert max(sieved.most_held for sieved in (once, often, bytewise)) < LIMIT + LONGEST_HEADER


# To aiohttp a fragment of no size has begun nothing, here it has.
@settings(deadline=None)
@given(frames=st.lists(frames(PARTS.filter(bool)), max_size=8))
def test_the_reader_judges_wrong_frames_as_if_there_was_no_sieve(frames: list[bytes]) -> None:
    data = b"".join(frames)
    messages, code = read(data)
    assume(code != 1009)  # which is what does not come about any more
    assert read(Sieved().feed([data])) == (messages, code)


@pytest.mark.parametrize("size", [0, 125, 126, LIMIT - 1, LIMIT, MOST])
@pytest.mark.parametrize("place", range(LONGEST_HEADER + 2))
def test_a_header_is_read_in_two_halves(size: int, place: int) -> None:
    for length_bytes in (None, 8):
        payload = (b"421[" + b"x" * size)[:size]
        data = frame(TEXT, payload, length_bytes=length_bytes) * 2
        whole, halves = Sieved(), Sieved()
        assert halves.feed([data[:place], data[place:]]) == whole.feed([data])
        assert whole.heads == halves.heads == ([payload[:HEAD]] * 2 if size >= LIMIT else [])


@pytest.mark.parametrize("parts", [1, 3])
def test_what_is_above_the_bound_ends_with_message_too_big(parts: int) -> None:
    size = MOST // parts + 1
    pieces = [
        frame(TEXT if not n else CONTINUATION, b"x" * size, n == parts - 1) for n in range(parts)
    ]
    messages, code = read(Sieved().feed([frame(TEXT, b"before"), *pieces, frame(TEXT, b"after")]))
    assert ([text for _, text in messages], code) == (["before"], 1009)


@pytest.mark.parametrize("length", [2**63, 2**64 - 1])
def test_a_length_that_nothing_has_ends_with_message_too_big(length: int) -> None:
    assert read(Sieved().feed([b"\x81\xff" + length.to_bytes(8, "big") + b"abcd"])) == ([], 1009)


def test_each_so_many_bytes_that_are_dropped_are_heard_of() -> None:
    sieved = Sieved()
    data = frame(TEXT, b"x" * MOST)
    for number in range(len(data)):
        sieved.feed([data[number : number + 1]])
        payload = max(0, number + 1 - 8)
        assert sieved.heard == ((FRAGMENT + payload) // LIMIT if number >= 7 else 0)


def test_fragments_and_control_frames_of_no_size_are_heard_of() -> None:
    for nothing in (frame(CONTINUATION, b"", final=False), frame(PING, b"")):
        sieved = Sieved()
        sieved.feed([frame(TEXT, b"", final=False), *[nothing] * 100])
        assert sieved.heard == 101 * FRAGMENT // LIMIT


def test_a_message_that_fits_is_heard_of_by_nobody_else() -> None:
    sieved = Sieved()
    sieved.feed([frame(TEXT, b"x" * size) for size in range(LIMIT)])
    sieved.feed([b"".join(frame(BINARY, b"x" * size) for size in range(LIMIT))])
    assert sieved.heard == 0


LONG = "x" * (HEAD * 2)


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ('421["join_student",{"name":"xx', '421["join_student","(too large)"]'),
        ('42["leave",{"a":1}', '42["leave","(too large)"]'),
        (f'421["{LONG}', '421["(unreadable)","(too large)"]'),
        (f'42{"9" * 100}["a"', f'42{"9" * 100}["a","(too large)"]'),
        (f'42{"9" * 101}["a"', '42["(unreadable)","(too large)"]'),
        ('42/other,7["a",', '42/other,7["a","(too large)"]'),
        (f"42/{LONG}", '42["(unreadable)","(too large)"]'),
        ('451-8["a",{"_placeholder":true', '428["a","(too large)"]'),
        ('421["a\\"b",', '421["a\\"b","(too large)"]'),
        ('421["é",', '421["é","(too large)"]'),
        (f"421[{LONG}", '421["(unreadable)","(too large)"]'),
        ('40{"token":"xx', '40"(too large)"'),
        ("40/other,{", '40/other,"(too large)"'),
        ("43[1", '42["(unreadable)","(too large)"]'),
        ("2" + LONG, '42["(unreadable)","(too large)"]'),
        ("", '42["(unreadable)","(too large)"]'),
    ],
)
def test_the_stand_in_is_of_the_same_event_and_asks_for_the_same_ack(
    text: str, instead: str
) -> None:
    assert stand_in(text.encode()[:HEAD]).decode() == instead


@pytest.mark.parametrize("size", [1, 7, 100, 100_000])
def test_packets_of_a_polling_request_are_taken_as_they_come(size: int) -> None:
    heard: list[None] = []
    body = Body(LIMIT, lambda: heard.append(None))
    packets = [b"1" * (LIMIT - 20), b'421["a",' + b"x" * LIMIT, b"2" * 20, b"3", b"1"]
    packets.append(f'422["{LONG}"'.encode())
    data = b"\x1e".join(packets)
    for place in range(0, len(data), size):
        body.feed(data[place : place + size])
    instead = [b'421["a","(too large)"]', b'42["(unreadable)","(too large)"]']
    last = b'422["(unreadable)","(too large)"]'
    expected = [packets[0], instead[0], packets[2], instead[1], instead[1], last]
    assert body.content().split(b"\x1e") == expected
    assert body.size == len(data)
    assert len(heard) == len(data) // LIMIT


def test_a_polling_request_of_nothing_but_separators_is_not_kept() -> None:
    body = Body(LIMIT, lambda: None)
    for _ in range(100):
        body.feed(b"\x1e" * LIMIT)
    assert len(body.content()) == MOST_PACKETS  # one packet too many, with nothing in them


def test_a_head_that_ends_in_the_middle_of_a_letter_is_read() -> None:
    assert stand_in('421["a","é'.encode()[:-1]) == b'421["a","(too large)"]'
