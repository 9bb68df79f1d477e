"""Every event of the table, with anything that JSON or a client can spell, from everybody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.protocol.codec import decode
from tests.fuzz.effort import SECONDS, effort
from tests.fuzz.payloads import ANYTHING, OURS, TEXT, arguments, filled, valid
from tests.fuzz.school import ROLES, School
from tests.fuzz.wire import Event
from tests.helpers import HANDLERS, Json

pytestmark = pytest.mark.timeout(SECONDS)

LIBRARY = {"connect", "disconnect"}  # the library answers for these itself
UNKNOWN = st.tuples(
    TEXT.filter(lambda name: name not in LIBRARY | HANDLERS.keys()), st.lists(ANYTHING, max_size=3)
)
KNOWN = st.one_of(
    [st.tuples(st.just(event), arguments(handler.request)) for event, handler in HANDLERS.items()]
)


MINE = dict.fromkeys(OURS, "1" * 24) | {"answer": 1}


@pytest.mark.parametrize("event", HANDLERS)
def test_what_is_meant_to_be_right_is_right(event: str) -> None:
    """Else only the decoder would be tried."""

    @effort(20)
    @given(payload=valid(HANDLERS[event].request))
    def check(payload: Json) -> None:
        assert decode(filled(payload, MINE), HANDLERS[event].request)

    check()


@pytest.mark.parametrize("role", ROLES)
@effort(60)
@given(batch=st.lists(KNOWN | KNOWN | KNOWN | UNKNOWN, min_size=5, max_size=25))
async def test_any_event_is_answered_and_does_no_harm(
    school: School, role: str, batch: list[Event]
) -> None:
    await school.send(role, batch)
