from __future__ import annotations

import pytest

from livequiz.domain.token_bucket import Rate
from livequiz.server.limits import Limits
from livequiz.server.transport.client_addresses import ClientAddress, ClientAddresses, network

LIMITS = Limits(
    connects=Rate(10, 1), failures=Rate(3, 1), lock_out=5, guesses=Rate(2, 0), addresses=4
)


def test_connects_that_lead_to_joins_cost_an_address_a_tenth() -> None:
    source = ClientAddress(LIMITS, 0)
    joined = 0
    while source.connects(0):
        source.joined()
        joined += 1
    assert joined > 90


def test_connects_that_lead_to_nothing_run_out() -> None:
    source = ClientAddress(LIMITS, 0)
    assert sum(source.connects(0) for _ in range(1_000)) == 10


def test_an_address_is_locked_out_until_it_was_quiet_for_the_lock_out() -> None:
    source = ClientAddress(LIMITS, 0)
    for _ in range(2):
        source.failed(0)
    assert not source.locked_out(0)
    for _ in range(1_000):
        source.failed(0)
    assert source.locked_out(5.9)
    assert not source.locked_out(6)


def test_a_right_try_costs_a_locked_out_address_nothing() -> None:
    source = ClientAddress(LIMITS, 0)
    for _ in range(100):
        assert source.guesses(0)
        source.guessed_right()
    assert [source.guesses(0) for _ in range(3)] == [True, True, False]


def test_only_so_many_addresses_are_remembered_and_the_silent_ones_go_first() -> None:
    sources = ClientAddresses(LIMITS)
    loud = sources.get("10.0.0.1", 0)
    for number in range(1_000):
        sources.get(f"10.1.{number // 250}.{number % 250}", 0)
        assert sources.get("10.0.0.1", 0) is loud
    assert len(sources) == 4


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.168.1.20", "192.168.1.20"),
        ("::ffff:192.168.1.20", "192.168.1.20"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", "unknown"),
        (None, "unknown"),
        ("evil, 10.0.0.1", "unknown"),
    ],
)
def test_an_ipv6_subscriber_is_one_address(address: str | None, expected: str) -> None:
    assert network(address) == expected
