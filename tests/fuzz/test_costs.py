"""How long the event loop is busy with the slowest frame and body of each event and route."""

from __future__ import annotations

import asyncio
import gc
import gzip
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from msgspec import structs

from livequiz.protocol import events
from livequiz.protocol.questions import QuestionIn
from livequiz.server.host import gc_schedule
from livequiz.server.http.route import Access, Route
from livequiz.server.limits import (
    KIB,
    LARGEST_EVENT,
    LARGEST_EVENTS,
    LARGEST_FRAME,
    LARGEST_OF_INSTRUCTORS,
)
from tests.conftest import TOKEN, RunningServer
from tests.fuzz.api import TABLE, body_of
from tests.fuzz.costs import Cost, Turns, fillings, texts, unit
from tests.fuzz.effort import SECONDS
from tests.fuzz.wire import Raw, written
from tests.helpers import HANDLERS, Json, bank
from tests.octets import BINARY, TEXT, Octets, frame, octets

pytestmark = pytest.mark.timeout(SECONDS)

# In units of `costs.unit`. These are two to three times what was measured, so that a busy machine
# does not fail; what they are there for takes ten or a hundred times as long.
MOST = 3.0
OF_INSTRUCTORS = 6.0  # up to 32 KiB of an event
TRIES = 5  # of what took too long: the garbage collector may have been at work
RIGHT: Json = {
    "meeting_id": "TEST",
    "student_id": "S001",
    "instructor_id": "teacher",
    "name": "Ada",
    "token": TOKEN,
    "question_id": "0" * 24,
    "answer": 0,
    "seconds": 5,
}
WRONG = '{"question":"?","type":"numeric","correct":"none"}'
IDS = itertools.count(2)
UNIT = unit()
Send = Callable[[], Awaitable[object]]


@pytest.fixture(autouse=True)
async def _collections() -> AsyncIterator[None]:
    """Collect garbage when the server does, but in no idle moment."""
    collecting = asyncio.create_task(gc_schedule.collect_when_quiet(lambda: False))
    yield
    collecting.cancel()
    await asyncio.wait([collecting])


async def cost(turns: Turns, what: str, send: Send, most: float = MOST) -> Cost:
    """Return what the least of some tries took."""
    least = float("inf")
    for _ in range(TRIES):
        await turns.end()
        turns.longest = 0.0
        await send()
        least = min(least, await turns.end())
        if least < most * UNIT:
            break
        gc.collect()
    return Cost(least, what)


def assert_cheap(title: str, costs: list[Cost], most: float = MOST) -> None:
    """Print the worst ten; fail if one of them took more than so many units."""
    worst = sorted(costs, reverse=True)[:10]
    print(f"\n{title}: the worst of {len(costs)}")  # noqa: T201
    for each in worst:
        print(f"{each.seconds * 1000:8.2f} ms  {each.what}")  # noqa: T201
    # The machine may have become busier, or slower, meanwhile.
    assert worst[0].seconds < most * max(UNIT, unit()), worst[0]


# --- events --------------------------------------------------------------------------------------


def packets(event: str, size: int) -> Iterator[tuple[str, str]]:
    """Yield packets of an event of nearly that size, and what is in them."""
    room = size - 150
    names = structs.fields(HANDLERS[event].request)
    right = {f.encode_name: RIGHT[f.encode_name] for f in names if f.encode_name in RIGHT}
    for what, filling in fillings(room).items():
        yield f"{event} of {what}", written([event, filling], [])
        for field in names:
            payload = {**right, field.encode_name: filling}
            yield f"{event} with {field.encode_name} of {what}", written([event, payload], [])
    for what, name in texts(room).items():
        raw = Raw(written(right, [])[:-1].rstrip() + ("," if right else "") + name + ":1}")
        yield f"{event} with a field named by {what}", written([event, raw], [])


def most_of(role: str) -> float:
    return OF_INSTRUCTORS if role == "instructor" else MOST


def largest(event: str, role: str) -> int:
    found = LARGEST_EVENTS.get(event, LARGEST_EVENT)
    return LARGEST_OF_INSTRUCTORS.get(event, found) if role == "instructor" else found


async def send(socket: Octets, packet: str) -> None:
    """Send an event, and wait until it and what comes behind it are answered."""
    data = b"421" + packet.encode(errors="surrogatepass")
    await socket.send(frame(TEXT, data) + frame(TEXT, b'422["time_sync",{}]'))
    await socket.ack(2)


@asynccontextmanager
async def guest(server: RunningServer, role: str) -> AsyncIterator[Octets]:
    async with octets(server.port) as socket:
        await socket.send(frame(TEXT, b"40{}"))
        await socket.text("40")
        joins = {"student": events.JOIN_STUDENT, "instructor": events.JOIN_INSTRUCTOR}
        if event := joins.get(role):
            kind = HANDLERS[event].request
            fields = {f: RIGHT[f] for f in kind.__struct_fields__ if f in RIGHT}
            fields |= {"student_id": f"S{next(IDS)}"} if role == "student" else {}
            await socket.send(frame(TEXT, f"421{written([event, fields], [])}".encode()))
            assert (await socket.ack(1))["ok"]
        yield socket


async def events_of(server: RunningServer, turns: Turns, role: str) -> list[Cost]:
    costs = []
    for event in HANDLERS.keys() - {events.LEAVE}:
        async with guest(server, role) as socket:
            size = largest(event, role)
            for what, packet in packets(event, size):
                send_it = _sender(socket, packet)
                what = f"{what}, {size // KIB} KiB"  # noqa: PLW2901
                costs.append(await cost(turns, what, send_it, most_of(role)))
    return costs


def _sender(socket: Octets, packet: str) -> Send:
    return lambda: send(socket, packet)


@pytest.mark.parametrize("role", ["nobody", "student", "instructor"])
async def test_no_event_keeps_the_loop_busy(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    await server.import_questions(bank(4))
    await server.instructor()
    turns = Turns(monkeypatch)
    costs = await asyncio.to_thread(asyncio.run, events_of(server, turns, role))
    assert_cheap(f"Events of {role}", costs, most_of(role))


async def strange_frames(server: RunningServer, turns: Turns) -> list[Cost]:
    costs = []
    async with guest(server, "nobody") as socket:
        for what, text in texts(LARGEST_FRAME - 100).items():
            packet = f"[{text}]"
            costs.append(await cost(turns, f"an event named by {what}", _sender(socket, packet)))
        for what, value in fillings(LARGEST_FRAME - 100).items():
            for head in ("", "0", "2", "3", "4", "42", "43", "421", "451-", "4599999999-", "42/a,"):
                data = f"{head}{value.text}".encode()

                async def send_it(data: bytes = data) -> None:
                    await socket.send(frame(TEXT, data) + frame(TEXT, b'422["time_sync",{}]'))
                    await socket.ack(2)

                costs.append(await cost(turns, f"`{head}` and {what}", send_it))

        async def send_bytes() -> None:
            data = bytes(LARGEST_FRAME - 100)
            await socket.send(frame(BINARY, data) + frame(TEXT, b'422["time_sync",{}]'))
            await socket.ack(2)

        costs.append(await cost(turns, "an attachment", send_bytes))
    return costs


async def test_no_frame_that_is_no_event_keeps_the_loop_busy(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns(monkeypatch)
    costs = await asyncio.to_thread(asyncio.run, strange_frames(server, turns))
    assert_cheap("Frames", costs)


# --- routes --------------------------------------------------------------------------------------


def bodies(route: Route) -> Iterator[tuple[str, str]]:
    """Yield bodies of a route of nearly the largest size, and what is in them."""
    room = route.largest - 150
    for what, filling in fillings(room).items():
        yield what, filling.text
        for field in structs.fields(body_of(route)):
            yield f"{field.encode_name} of {what}", written({field.encode_name: filling}, [])
    for what, name in texts(room).items():
        yield f"a field named by {what}", f"{{{name}:1}}"


def of_questions(route: Route) -> Iterator[tuple[str, str]]:
    """Yield questions that fill the body, of which the last is wrong, so that none is stored."""
    if route.largest <= 1024 * KIB:
        return
    for what, one in questions().items():
        text = written(one, [])
        most = (route.largest - 150) // len(f"{text},".encode())
        for count in {most, min(most, 999)}:
            yield f"{count} questions {what}", listed([text] * count + [WRONG])
    for what, filling in fillings(route.largest - 150).items():
        for field in structs.fields(QuestionIn):
            one = {"question": "?", "type": "multiple", "options": ["a", "b"]}
            one |= {field.encode_name: filling}
            yield f"{field.encode_name} of {what}", listed([written(one, [])])


def questions() -> dict[str, Json]:
    """Return questions of every size that is taken, by what they are like."""
    marks = [chr(0x4E00 + number) for number in range(4_000)]
    options = ["".join(marks[place : place + 500]) for place in range(26)]
    large = {"question": "".join(marks), "options": options, "explanation": "".join(marks)}
    texts = {"type": "short_text", "question": "?"}
    return {
        "of the smallest size": {"question": "a", "correct": 0, "options": ["b", "c"]},
        "of four options": bank(1)[0],
        "with the longest texts": {**large, "correct": 0},
        "with many numbers": {"question": "?", "type": "numeric", "correct": [0] * 60_000},
        "with many short texts": {**texts, "correct": [f"{number}" for number in range(250)]},
        "with many long texts": {**texts, "correct": ["\u00e9" * 190 + f"{n}" for n in range(250)]},
    }


def listed(texts: list[str]) -> str:
    return f'{{"questions":[{",".join(texts)}]}}'


async def bodies_of(server: RunningServer, turns: Turns, route: Route) -> list[Cost]:
    token = TOKEN if route.access is Access.INSTRUCTOR else "x" * 22
    url = server.url + route.path.format(meeting_id="TEST")
    costs = []
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        for what, body in [*bodies(route), *of_questions(route)]:
            costs.append(await cost(turns, what, _poster(session, url, body.encode())))
        for what, size in {"too much": 64 * KIB * KIB, "white space": route.largest}.items():
            packed = gzip.compress(b" " * size) if route.access is Access.INSTRUCTOR else b""
            send_it = _poster(session, url, packed, {"Content-Encoding": "gzip"})
            costs.append(await cost(turns, f"{what}, packed", send_it))
    return costs


def _poster(session: aiohttp.ClientSession, url: str, body: bytes, headers: Any = None) -> Send:
    async def post() -> None:
        async with session.post(url, data=body, headers=headers) as reply:
            await reply.read()

    return post


WITH_A_BODY = [pytest.param(route, id=route.path) for route in TABLE if body_of(route)]


@pytest.mark.parametrize("route", WITH_A_BODY)
async def test_no_body_keeps_the_loop_busy(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, route: Route
) -> None:
    await server.instructor()
    turns = Turns(monkeypatch)
    costs = await asyncio.to_thread(asyncio.run, bodies_of(server, turns, route))
    assert_cheap(route.path, costs)


def odd_requests(path: str) -> Iterator[tuple[str, str, Any]]:
    """Yield queries and headers that nearly fill the 8 KiB that aiohttp takes of each."""
    for part in ("a", "%41", "%ff", "a=1&", "after=1&", "%00", "+", ";"):
        yield f"{path} and a query of {part}", "?" + part * (7_500 // len(part)), {}
    for part in ("a", "a,", '"', "gzip,", "Bearer ", ";q=1,"):
        for name in ("Authorization", "Accept-Encoding", "Content-Type", "Cookie", "Origin"):
            yield f"{path} and {name} of {part}", "", {name: part * (7_500 // len(part))}


async def gets(server: RunningServer, turns: Turns) -> list[Cost]:
    costs = []
    async with aiohttp.ClientSession() as session:
        for route in TABLE:
            path = route.path.format(meeting_id="TEST", round_id="0" * 24)
            for what, query, headers in odd_requests(path):

                async def get(url: str = server.url + path + query, headers: Any = headers) -> None:
                    async with session.request("GET", url, headers=headers) as reply:
                        await reply.read()

                costs.append(await cost(turns, what, get))
    return costs


async def test_no_query_and_no_header_keeps_the_loop_busy(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns(monkeypatch)
    costs = await asyncio.to_thread(asyncio.run, gets(server, turns))
    assert_cheap("Requests", costs)


async def polls(server: RunningServer, turns: Turns) -> list[Cost]:
    costs = []
    async with aiohttp.ClientSession() as session:
        url = f"{server.url}/socket.io/?EIO=4&transport=polling"
        for count in (1, 16):
            for what, value in fillings(LARGEST_FRAME // count - 100).items():
                async with session.get(url) as reply:
                    sid = (await reply.json(content_type=None, loads=_opened))["sid"]
                body = "\x1e".join([f'42["time_sync",{value.text}]'] * count)

                async def post(to: str = f"{url}&sid={sid}", body: str = body) -> None:
                    async with session.post(to, data=body.encode()) as reply:
                        await reply.read()

                async with session.post(f"{url}&sid={sid}", data="40{}") as reply:
                    assert reply.status == 200
                costs.append(await cost(turns, f"{count} polled packets of {what}", post))
    return costs


def _opened(text: str) -> Any:
    return aiohttp.typedefs.DEFAULT_JSON_DECODER(text[1:])


async def test_no_polling_request_keeps_the_loop_busy(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns(monkeypatch)
    costs = await asyncio.to_thread(asyncio.run, polls(server, turns))
    assert_cheap("Polling", costs)
