"""What the costliest message of each event and route takes of the processor; run with -s to see it.

Costs are compared with a plain `json.loads` of the largest frame there may be, in the same run, so
that a slow or busy machine changes nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgspec
import pytest

from livequiz.domain.errors import QuizError
from livequiz.protocol import events
from livequiz.protocol.codec import EventDecoder, decode, nack
from livequiz.server.app import LARGEST_FRAME
from livequiz.server.frames import (
    LARGEST_EVENT,
    LARGEST_EVENTS,
    LARGEST_OF_INSTRUCTORS,
    Frame,
    fitting,
    refusal,
)
from tests.fuzz.api import TABLE, body_of
from tests.helpers import HANDLERS

KINDS: dict[str, Any] = {event: handler.request for event, handler in HANDLERS.items()}
MOST = 3.0  # times what the costliest frame costs as plain JSON
INSTRUCTORS = set(KINDS) - {
    *(events.JOIN_STUDENT, events.SUBMIT_ANSWER, events.LEAVE, events.TIME_SYNC),
    events.JOIN_INSTRUCTOR,
}
ESCAPED = "\\u0041"
straight = EventDecoder(KINDS)


def shapes(fields: list[str], size: int) -> Iterator[str]:
    """Yield objects of that many characters, each costly in a way of its own."""
    fillers = [
        '"%s":1' % ("x" * (size - 6)),
        '"%s":1' % ("\\u00e9" * (size // 6 - 2)),
        ",".join(f'"f{number}":0' for number in range(size // 10)),
        *(f'"{name}":{"[" * (size // 2 - 20)}{"]" * (size // 2 - 20)}' for name in fields),
        *(f'"{name}":[{"0," * (size // 2 - 20)}0]' for name in fields),
        *(f'"{name}":"{ESCAPED * (size // 6 - 8)}"' for name in fields),
        *(f'"{name}":{"9" * (size - 30)}' for name in fields),
        *(f'"{name}":[{",".join(["{}"] * (size // 3 - 20))}]' for name in fields),
    ]
    for filler in fillers:
        yield "{" + filler + "}"


def handled(data: str, *, instructor: bool) -> None:
    """Do what a server does with a packet until the use case has it, or its refusal is written."""
    taken = fitting(data, instructor=instructor)
    if straight(taken[taken.index("[") :]) is not None:
        return
    packet = Frame(encoded_packet=taken)
    event, *arguments = packet.data
    try:
        if (too_large := refusal(tuple(arguments))) is not None:
            raise too_large
        if event in KINDS and arguments:
            decode(arguments[0], KINDS[event])
    except QuizError as error:
        msgspec.json.encode(nack(error, event))


def seconds(work: Callable[[], object]) -> float:
    """Return what work takes of this process, the least of a few times."""
    least = float("inf")
    for _ in range(4):
        began = time.process_time()
        work()
        least = min(least, time.process_time() - began)
    return least


def unit() -> float:
    """Return what the costliest frame costs as plain JSON; about 1 ms on a laptop."""
    frame = json.dumps([{}] * (LARGEST_FRAME // 4))
    return seconds(partial(json.loads, frame))


def assert_cheap(costs: list[tuple[float, str]]) -> None:
    costs.sort(reverse=True)
    for cost, what in costs[:10]:
        print(f"{1e6 * cost:8.0f} us  {what}")  # noqa: T201
    worst, what = costs[0]
    assert worst <= MOST * unit(), what


def events_and_sizes() -> Iterator[tuple[str, int, bool]]:
    for event in [*KINDS, "no such event"]:
        instructor = event in INSTRUCTORS
        largest = LARGEST_EVENTS.get(event, LARGEST_EVENT)
        if instructor:
            largest = LARGEST_OF_INSTRUCTORS.get(event, largest)
        yield event, largest - len(event) - 10, instructor
        yield event, LARGEST_FRAME - 100, instructor


def test_no_event_costs_more_than_a_few_readings_of_a_frame() -> None:
    costs = []
    for event, size, instructor in events_and_sizes():
        fields = list(KINDS[event].__struct_fields__) if event in KINDS else ["x"]
        for shape in shapes(fields, size):
            data = f'21["{event}",{shape}]'
            cost = seconds(partial(handled, data, instructor=instructor))
            costs.append((cost, f"{event}, {size} characters, {shape[:40]}"))
    assert_cheap(costs)


WITH_A_BODY = [pytest.param(route, id=route.path) for route in TABLE if body_of(route)]


@pytest.mark.parametrize("route", WITH_A_BODY)
def test_no_body_costs_more_than_a_few_readings_of_a_frame(route: Any) -> None:
    kind = body_of(route)
    size = min(route.largest, LARGEST_FRAME)  # the bank is for instructors alone, and large

    def read(body: str) -> None:
        try:
            decode(msgspec.json.decode(body), kind)
        except (QuizError, msgspec.DecodeError, RecursionError):
            return

    assert_cheap(
        [
            (seconds(partial(read, shape)), f"{route.path}, {shape[:40]}")
            for shape in shapes(list(kind.__struct_fields__), size)
        ]
    )
