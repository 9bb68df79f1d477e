"""When a student's time is up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from livequiz.domain.timing import own_deadline

SENT = datetime(2026, 1, 15, 10, 5, tzinfo=UTC)
MINUTE = timedelta(seconds=60)


def test_a_student_with_more_time_has_so_many_times_that_of_the_others() -> None:
    assert own_deadline(SENT, SENT + MINUTE, 1.0) == SENT + MINUTE
    assert own_deadline(SENT, SENT + MINUTE, 1.5) == SENT + 1.5 * MINUTE


def test_more_time_counts_from_the_questions_own_limit() -> None:
    assert own_deadline(SENT, SENT + MINUTE, 2.0, early=20) == SENT + timedelta(seconds=80)
