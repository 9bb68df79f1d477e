"""Every event and every route asks who calls, not the join alone: taken from the registries."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.server.http.route import Access, Route
from tests.conftest import TOKEN
from tests.contract.test_rest import OPEN
from tests.fuzz.api import TABLE, ask, asked, body_of
from tests.fuzz.effort import SECONDS, effort
from tests.fuzz.payloads import Mine, filled, valid
from tests.fuzz.school import School
from tests.helpers import HANDLERS, contents
from tests.server.lesson import INSTRUCTOR_EVENTS

pytestmark = pytest.mark.timeout(SECONDS)


@pytest.mark.parametrize("role", ["nobody", "student"])
@effort(3)
@given(data=st.data())
async def test_an_instructors_event_is_refused_to_everybody_else(
    school: School, role: str, data: st.DataObject
) -> None:
    guest = await school.guest(role)
    stored = await contents(school.server.store)
    for event in sorted(INSTRUCTOR_EVENTS):
        for _ in range(3):
            payload = filled(data.draw(valid(HANDLERS[event].request)), guest.mine)
            ack = await guest.wire.call(event, payload)
            assert (ack["ok"], ack["error"]["code"]) == (False, "unauthorized"), (event, payload)
    await school.assert_unchanged(stored)


@effort(3)
@given(data=st.data())
async def test_a_route_is_refused_without_the_right_token(
    school: School, data: st.DataObject
) -> None:
    mine, other = [(await school.guest(role)).mine for role in ("student", "instructor")]
    stored = await contents(school.server.store)
    wrong = ["wrong", "", None, TOKEN + "x", TOKEN[:-1], other["resume_token"]]
    for route in (route for route in TABLE if route.path not in OPEN):
        # The one route of students is closed to instructors, and all others to students.
        students = route.access is Access.STUDENT
        for token in (*wrong, TOKEN if students else mine["resume_token"]):
            status = await ask(school, token, mine, asked(route, _right(route, data)))
            assert status == 401, (route.path, token)
    await school.assert_unchanged(stored)


def _right(route: Route, data: st.DataObject) -> dict[str, Any]:
    body: dict[str, Any] = data.draw(valid(body_of(route))) if body_of(route) else {}
    return {**body, **({"student_id": Mine("student_id")} if "student_id" in body else {})}
