"""A short run of `tests.chaos.run`, and the judge itself: it has to see every fault there is."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from livequiz.domain.model import Response
from livequiz.protocol.messages import AnswerResult
from tests.chaos.a_class import Told
from tests.chaos.run import Plan, judge, run
from tests.patience import patient

ROUND, QUESTION = "0" * 24, "1" * 24
STORED = Response(ROUND, "CHAOS", "S1", QUESTION, 1, True, 1, 2.5, datetime.now(UTC))
SHOWN = AnswerResult(True, 1, 1, QUESTION, ROUND, 2.5, 1, 1, 1, duplicate=False)


@pytest.mark.timeout(patient(300))
async def test_no_acknowledged_answer_is_lost_or_doubled_when_server_and_database_are_killed(
    tmp_path: Path,
) -> None:
    outcome = await run(Plan(students=40, server_kills=3, mongod_kills=1, pages=3, ssh=3), tmp_path)
    assert outcome.good, outcome
    assert outcome.acknowledged > 40, outcome
    assert outcome.by_page, outcome
    assert outcome.by_ssh, outcome
    assert outcome.refused == []


def told(*results: AnswerResult) -> Told:
    said = Told()
    for result in results:
        said.note((ROUND, "S1"), result)
    return said


def test_the_judge_finds_nothing_wrong_where_nothing_is() -> None:
    again = copy(SHOWN)
    again.duplicate = True
    assert judge(1, told(SHOWN, again), [STORED]).good


def test_the_judge_sees_a_lost_answer() -> None:
    assert judge(1, told(SHOWN), []).lost == [(ROUND, "S1")]


def test_the_judge_sees_a_doubled_answer() -> None:
    assert judge(1, told(SHOWN), [STORED, STORED]).doubled == [(ROUND, "S1")]


@pytest.mark.parametrize(
    "change", [{"correct": False}, {"answer": 2}, {"response_time": 2.6}], ids=str
)
def test_the_judge_sees_a_verdict_that_is_not_the_stored_one(change: dict[str, object]) -> None:
    stored = replace(STORED, **change)  # type: ignore[arg-type]
    assert len(judge(1, told(SHOWN), [stored]).wrong) == 1


def test_the_judge_sees_two_verdicts_on_one_answer() -> None:
    other = copy(SHOWN)
    other.correct = False
    assert len(judge(1, told(SHOWN, other), [STORED]).wrong) == 1
