"""Runs the state machine of seats; `LIVEQUIZ_FUZZ=20` makes it twenty times as long."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.stateful.seats import SeatRules

TIMES = int(os.environ.get("LIVEQUIZ_FUZZ", "1"))


@pytest.mark.timeout(300 * TIMES)
def test_a_seat_has_one_connection_whatever_happens_at_once_on_two_servers(
    mongo_url: str,
) -> None:
    class Bound(SeatRules):
        pass

    Bound.mongo_url = mongo_url
    run_state_machine_as_test(
        Bound,
        settings=settings(
            max_examples=8 * TIMES,
            stateful_step_count=12,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
