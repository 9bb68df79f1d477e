"""Runs the state machine; `LIVEQUIZ_FUZZ=20` makes it twenty times as long."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.stateful.rules import Rules

TIMES = int(os.environ.get("LIVEQUIZ_FUZZ", "1"))


@pytest.mark.timeout(300 * TIMES)
def test_the_rules_of_the_contract_hold_whatever_people_do_in_whatever_order(
    mongo_url: str,
) -> None:
    class Bound(Rules):
        pass

    Bound.mongo_url = mongo_url
    run_state_machine_as_test(
        Bound,
        settings=settings(
            max_examples=12 * TIMES,
            stateful_step_count=25,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
