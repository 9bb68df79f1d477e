"""Frames that no client library sends, over both transports, from everybody."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.server.limits import LARGEST_FRAME
from tests.fuzz.effort import SECONDS, effort
from tests.fuzz.payloads import ANYTHING, TEXT
from tests.fuzz.school import ROLES, School
from tests.fuzz.wire import written
from tests.server.test_packets import MALFORMED

pytestmark = pytest.mark.timeout(SECONDS)

ODD = [
    *(
        "",
        "4",
        "49",
        "40",
        "41",
        "44",
        "47",
        "48",
        "0",
        "1",
        "2",
        "2probe",
        "3",
        "5",
        "6",
        "7",
        "b",
    ),
    *("0{}", "bAAAA", "42[]", "42{}", "40null", '40["x"]', '40{"token":{"$gt":""}}', "40/admin,{}"),
    *("40/,{}", "41/admin,", '42/admin,1["time_sync",{}]', '42/,1["time_sync",{}]', "43[]", "43"),
    *("431[]", '43999999999999999999["x"]', '429999999999999999999999["time_sync"]', '42-1["x"]'),
    *('421.5["x"]', '42["connect"]', '42["connect",{},{}]', '42["disconnect"]', '42["*",1]'),
    *('421["connect"]', '421["disconnect","x"]', '42["connect_error"]', '42["__proto__"]', "45"),
    *('451-["x",{"_placeholder":true,"num":0}]', '45-["x"]', "450-[]", '45-1-["x"]', "461-1[]"),
    *(
        '451-1["join_student",{"_placeholder":true,"num":9}]',
        '4599999999999-["x"]',
        "4\x1e4",
        "\x1e",
    ),
    *("4null", "4true", "4-1", '4"x"', "4" + "[" * 30_000, "2" + "[" * 30_000, "0" + "{" * 30_000),
    *("4" + frame for frame in MALFORMED),
]


def mutated(frame: str, place: int, what: str, length: int) -> str:
    """Return a frame with something else at a place."""
    place %= len(frame) + 1
    return frame[:place] + what + frame[place + length :]


CHARACTERS = st.text(st.characters(codec="utf-8"), max_size=3)
PLACES = st.integers(0, 40)
FRAMES = st.one_of(
    st.sampled_from(ODD),
    st.builds(mutated, st.sampled_from(ODD), PLACES, CHARACTERS, st.integers(0, 2)),
    st.builds(lambda kind, data: f"4{kind}{written(data, [])}", st.integers(0, 7), ANYTHING),
    st.builds(lambda frame, more: frame + more * LARGEST_FRAME, st.sampled_from(ODD), CHARACTERS),
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.binary(max_size=20),
)


@pytest.mark.parametrize("role", ROLES)
@effort(30)
@given(batch=st.lists(FRAMES, min_size=5, max_size=25))
async def test_any_frame_is_answered_or_ends_its_own_connection(
    school: School, role: str, batch: list[str | bytes]
) -> None:
    guest = await school.guest(role)
    for frame in batch:
        try:
            await guest.wire.send(frame)
        except ConnectionError:
            break
        try:
            lives = await guest.wire.answers()
        except TimeoutError:
            raise AssertionError(f"neither an answer nor an end after {frame!r}") from None
        if not lives:
            guest = await school.guest(role)
    await school.assert_well()


@pytest.mark.parametrize("role", ROLES)
async def test_a_frame_of_any_size_is_refused_and_one_above_the_bound_ends_its_own_connection(
    school: School, role: str
) -> None:
    frame = '421["join_student",{"name":""}]'
    for more in (-60_000, -1_000, -1, 1, 1_000, LARGEST_FRAME):
        guest = await school.guest(role)
        padding = "x" * (LARGEST_FRAME + more - len(frame))
        with contextlib.suppress(ConnectionError):  # what is above the bound is not read
            await guest.wire.send(frame.replace('""', f'"{padding}"'))
        lives = more < 0
        if lives:
            error = await guest.wire.next("error")
            assert (error["code"], error["event"]) == ("bad_request", "join_student"), more
        assert await guest.wire.answers() is lives, more
        await school.assert_well()


BODIES = st.one_of(
    st.lists(FRAMES.filter(lambda frame: isinstance(frame, str)), max_size=4).map("\x1e".join),
    *(TEXT, st.binary(max_size=40)),
)
QUERIES = st.dictionaries(
    st.sampled_from(["EIO", "transport", "sid", "j", "b64", "t", "x"]),
    st.sampled_from(["4", "3", "polling", "websocket", "0", "", "$gt"]) | TEXT,
    max_size=5,
)


@effort(30)
@given(requests=st.lists(st.tuples(QUERIES, BODIES), min_size=5, max_size=15), data=st.data())
async def test_any_polling_request_is_answered(
    school: School, requests: list[tuple[dict[str, str], Any]], data: st.DataObject
) -> None:
    for query, body in requests:
        known = {"EIO": "4", "transport": "polling", "sid": await school.polling()}
        method = data.draw(st.sampled_from(["POST", "POST", "GET", "PUT", "OPTIONS"]))
        status = await school.poll(method, data.draw(st.sampled_from([query, known])), body)
        assert status < 500, (method, query, body)
    await school.assert_well()
