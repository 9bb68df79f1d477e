"""What a dashboard is told of earlier rounds, and of students over all rounds."""

from __future__ import annotations

import pytest

from livequiz.db.store import Store
from livequiz.domain.model import Difficulty
from livequiz.protocol.figures import Scope, TopicFigures
from livequiz.server.quiz.service import Policy
from tests.conftest import RunningServer
from tests.helpers import Json, bank
from tests.server.six import Class, six_students

LEVELS = ["easy", "hard"]


def labelled(count: int) -> list[Json]:
    """Return questions of two topics and two difficulties, by turns."""
    return [
        {**question, "topics": ["Sums" if n % 2 else "Areas", "All"], "difficulty": LEVELS[n % 2]}
        for n, question in enumerate(bank(count))
    ]


@pytest.fixture
async def six(server: RunningServer) -> Class:
    return await six_students(server, labelled(40))


async def test_figures_are_those_of_the_rounds_before_the_newest(six: Class) -> None:
    nothing = await six.teacher.figures(Scope.MEETING)
    assert (nothing.round_id, nothing.topics, sum(nothing.times)) == (None, [], 0)
    await six.play("+++---", topics=["Sums"])
    await six.play("++++--", topics=["Areas"])
    newest = await six.play("++++++", topics=["Sums"])
    found = await six.teacher.figures(Scope.MEETING)
    assert found.round_id == newest
    assert sorted(found.topics, key=lambda each: each.topic) == [
        TopicFigures("Areas", Difficulty.EASY, 6, 4),
        TopicFigures("Sums", Difficulty.HARD, 6, 3),
    ]
    assert found.times == [12, *[0] * 9]  # below 5 s
    await six.play("......")
    (sums,) = [
        each for each in (await six.teacher.figures(Scope.MEETING)).topics if each.topic == "Sums"
    ]
    assert (sums.responses, sums.correct) == (12, 9)


async def test_questions_that_most_answer_wrongly_are_listed_with_their_numbers(
    server: RunningServer,
) -> None:
    six = await six_students(server, labelled(2))
    await six.play("+-----", topics=["Sums"])
    await six.play("+++++-", topics=["Areas"])
    await six.teacher.trigger(duration=600, topics=["Areas"], allow_repeats=True)
    found = await six.teacher.figures(Scope.MEETING)
    texts = {each["question"]: each for each in labelled(2)}
    assert [(q.responses, q.correct) for q in found.questions] == [(6, 1), (6, 5)]
    assert {q.question for q in found.questions} == texts.keys()


async def test_all_meetings_are_added_up_if_that_is_asked_for(six: Class) -> None:
    await six.play("++++++", topics=["Sums"])
    other = await six.server.instructor("OTHER")
    student = await six.server.student("S001", "Alice", "OTHER")
    await other.trigger(duration=600, topics=["Sums"])
    ever = await other.figures(Scope.EVER)
    assert ever.topics == [TopicFigures("Sums", Difficulty.HARD, 6, 6)]
    assert (await other.figures(Scope.MEETING)).topics == []
    assert sum(ever.times) == 6
    await student.close()


async def test_another_server_counts_the_same(store: Store, policy: Policy, six: Class) -> None:
    await six.play("+-+-+-")
    await six.play("++++++")
    second = RunningServer(store, policy)
    await second.start()
    try:
        there = await second.instructor("TEST")
        mine = await six.teacher.figures(Scope.MEETING)
        theirs = await there.figures(Scope.MEETING)
        assert (theirs.round_id, theirs.times) == (mine.round_id, mine.times)
        assert sorted(theirs.topics, key=str) == sorted(mine.topics, key=str)
    finally:
        await second.close()


@pytest.mark.parametrize("restart", [False, True])
async def test_the_snapshot_says_what_each_student_did_over_all_rounds(
    server: RunningServer, six: Class, restart: bool
) -> None:
    await six.play("++-...")
    await six.play("+-....")
    if restart:
        await server.stop()
        await server.start()
        six.teacher = await server.instructor("TEST")
    rows = {row.student_id: row for row in (await six.teacher.snapshot()).students}

    def of(student_id: str) -> tuple[int, int, int, int]:
        row = rows[student_id]
        return row.asked, row.answered, row.correct, row.missed

    assert of("S001") == (2, 2, 2, 0)
    assert of("S002") == (2, 2, 1, 0)
    assert of("S003") == (2, 1, 0, 1)
    assert of("S004") == (2, 0, 0, 2)


async def test_an_open_round_counts_its_answers_but_nobody_as_missing(six: Class) -> None:
    await six.play("+.....")
    await six.teacher.trigger(duration=600)
    rows = {row.student_id: row for row in (await six.teacher.snapshot()).students}
    assert (rows["S002"].asked, rows["S002"].answered, rows["S002"].missed) == (2, 0, 1)
    assert rows["S001"].total_points == 1


async def test_who_is_away_is_said_with_the_time(six: Class) -> None:
    await six.students[0].leave()
    rows = {row.student_id: row for row in (await six.teacher.snapshot()).students}
    assert rows["S001"].away_since is not None
    assert rows["S002"].away_since is None
