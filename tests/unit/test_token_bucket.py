from __future__ import annotations

import math

from livequiz.domain.token_bucket import Bucket, Rate

RATE = Rate(burst=3, per_second=2)


def test_a_burst_passes_and_then_the_rate_does() -> None:
    bucket = Bucket(RATE, now=100.0)
    assert [bucket.take(RATE, 100.0) for _ in range(4)] == [True, True, True, False]
    assert not bucket.take(RATE, 100.4)
    assert bucket.take(RATE, 100.5)
    assert not bucket.take(RATE, 100.5)


def test_a_long_rest_earns_no_more_than_the_burst() -> None:
    bucket = Bucket(RATE, now=0.0)
    assert sum(bucket.take(RATE, 1e9) for _ in range(10)) == 3


def test_what_was_refused_costs_nothing() -> None:
    bucket = Bucket(RATE, now=0.0)
    passed = sum(bucket.take(RATE, place / 100) for place in range(1_000))
    assert passed == 3 + 2 * 9.99 // 1


def test_who_owes_waits_longer_the_more_it_owes_up_to_a_bound() -> None:
    bucket = Bucket(RATE, now=0.0)
    assert [bucket.take_with_debt(RATE, 0.0, most=4) for _ in range(5)] == [True] * 3 + [False] * 2
    assert bucket.level(RATE, 0.0) == -2
    for _ in range(100):
        assert not bucket.take_with_debt(RATE, 0.0, most=4)
    assert bucket.level(RATE, 0.0) == -4
    assert not bucket.take(RATE, 2.4)
    assert bucket.take(RATE, 2.5)


def test_what_is_given_back_can_be_taken_again_but_does_not_pile_up() -> None:
    bucket = Bucket(RATE, now=0.0)
    for _ in range(3):
        bucket.take(RATE, 0.0)
    bucket.give_back(RATE, 0.5)
    assert not bucket.take(RATE, 0.0)
    for _ in range(100):
        bucket.give_back(RATE)
    assert bucket.level(RATE, 0.0) == 3


def test_one_is_given_back_unless_a_share_is_named() -> None:
    bucket = Bucket(RATE, now=0.0)
    for _ in range(3):
        bucket.take(RATE, 0.0)
    bucket.give_back(RATE)
    assert bucket.level(RATE, 0.0) == 1


def test_a_clock_that_stands_still_or_goes_back_earns_nothing() -> None:
    bucket = Bucket(RATE, now=10.0)
    for _ in range(3):
        bucket.take(RATE, 10.0)
    assert not bucket.take(RATE, 5.0)
    assert not bucket.take(RATE, 5.4)
    assert not bucket.take(RATE, 10.4)


def test_a_bucket_without_a_bottom_is_never_empty() -> None:
    endless = Rate(math.inf, 0)
    bucket = Bucket(endless, now=0.0)
    assert all(bucket.take_with_debt(endless, now, most=math.inf) for now in (0.0, 0.0, 5.0))
    assert bucket.take(endless, 6.0)


def test_a_rate_that_is_so_many_times_another_has_as_many_times_its_burst() -> None:
    assert Rate(burst=3, per_second=2).times(4) == Rate(burst=12, per_second=8)
