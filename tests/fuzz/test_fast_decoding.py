"""Events that are decoded straight from JSON mean what they mean the long way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.domain.errors import QuizError
from livequiz.protocol.codec import EventDecoder, decode
from livequiz.protocol.events import SUBMIT_ANSWER
from livequiz.protocol.requests import SubmitAnswer
from livequiz.server.transport.packets import TolerantPacket
from tests.fuzz.effort import effort
from tests.fuzz.payloads import ANYTHING, Strategy, filled, nearly_right, spoiled, valid
from tests.fuzz.wire import frames
from tests.helpers import HANDLERS

MINE = {
    **dict.fromkeys(("question_id", "round_id"), "0" * 24),
    **{"meeting_id": "TEST", "student_id": "S001", "answer": 1},
    **dict.fromkeys(("token", "resume_token"), "a-token"),
}
KINDS = {event: handler.request for event, handler in HANDLERS.items()}
REFUSED = object()
straight = EventDecoder(KINDS)


def the_long_way(frame: str) -> Any:
    """Return the event and its request as python-socketio's packet and `decode` have it."""
    packet = TolerantPacket(encoded_packet=frame.removeprefix("4"))
    match packet.data:
        case [str(event), fields] if event in KINDS:
            try:
                return event, decode(fields, KINDS[event])
            except QuizError:
                return REFUSED
    return REFUSED


def text_of(event: str, fields: Any) -> str:
    frame, *_ = frames(0, event, [filled(fields, MINE)])
    assert isinstance(frame, str)
    return frame


@st.composite
def events(draw: st.DrawFn, payload: Any) -> str:
    event = draw(st.sampled_from(sorted(KINDS)))
    return text_of(event, draw(payload(KINDS[event])))


def anything(_: object) -> Strategy:
    return ANYTHING


@effort(400)
@given(frame=events(valid))
def test_what_is_right_is_decoded_alike(frame: str) -> None:
    assert straight(frame.removeprefix("420")) == the_long_way(frame)


@effort(600)
@given(frame=events(spoiled) | events(nearly_right) | events(anything))
def test_what_is_decoded_straight_is_right(frame: str) -> None:
    decoded = straight(frame.removeprefix("420"))
    assert decoded is None or decoded == the_long_way(frame)


@pytest.mark.parametrize("time", ["-1", "86401", '"soon"', "[]", "true", "1e300", "null"])
def test_a_time_that_the_server_does_not_use_is_null_both_ways(time: str) -> None:
    fields = f'"student_id":"S001","question_id":"{"0" * 24}","answer":1,"response_time":{time}'
    event = f'["{SUBMIT_ANSWER}",{{{fields}}}]'
    decoded = straight(event)
    assert decoded is not None
    assert decoded == the_long_way(f"42{event}")
    assert isinstance(decoded[1], SubmitAnswer)
    assert decoded[1].response_time is None
