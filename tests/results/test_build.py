"""What a report counts, and for whom."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from livequiz.domain.ability import fit
from livequiz.domain.model import Meeting, PointsFor, RoundState
from livequiz.results.build import build
from livequiz.results.formats import ReportFormat, write
from livequiz.results.lesson import Lesson, gather
from livequiz.results.store_source import StoreSource
from tests.conftest import RunningServer
from tests.results.rasch_class import MEETING, START, RaschClass, store_lesson
from tests.results.test_formats import book_of


def together(*lessons: Lesson) -> Lesson:
    """Return several lessons as one."""
    return Lesson(
        [meeting for one in lessons for meeting in one.meetings],
        [student for one in lessons for student in one.students],
        [played for one in lessons for played in one.rounds],
        lessons[0].questions,
    )


def other(class_name: str) -> Meeting:
    return replace(MEETING, id="OTHER", class_name=class_name)


def test_the_same_id_is_the_same_student_in_one_class_and_another_in_another() -> None:
    first = RaschClass(5, 12).lesson(3)
    same = RaschClass(5, 12, seed=2, meeting=other("7B")).lesson(4)
    another = RaschClass(5, 12, seed=2, meeting=other("8A")).lesson(4)
    one = build(together(first, same), START)
    assert [line.assigned for line in one.students] == [7] * 5
    two = build(together(first, another), START)
    assert sorted(line.assigned for line in two.students) == [3] * 5 + [4] * 5
    assert {line.class_name for line in two.students} == {"7B", "8A"}
    apart = {
        (line.class_name, line.student_id): line.points
        for lesson in (first, another)
        for line in build(lesson, START).students
    }
    assert {(s.class_name, s.student_id): s.points for s in two.students} == apart
    head, *rows = book_of(write(two, ReportFormat.XLSX))["Students"]
    for row in rows:
        rounds = [points for points in row[head.index("Mean time s") + 1 :] if points is not None]
        assert sum(rounds) == row[head.index("Points")]
    page = write(two, ReportFormat.HTML).decode()
    assert page.count('<td class="cell right"') == sum(line.correct for line in two.students)


async def test_an_open_round_is_left_out(server: RunningServer) -> None:
    await store_lesson(server.store, RaschClass(4, 9).lesson(2))
    open_round = replace(
        RaschClass(4, 9).lesson(3).rounds[2].round,
        state=RoundState.OPEN,
        closed_at=None,
        reason=None,
    )
    assert await server.store.rounds.open_round(open_round, [])
    found = await gather(StoreSource(server.store), ["K7QX4M"])
    assert [played.round.number for played in found.rounds] == [1, 2]


def test_points_for_speed_do_not_make_a_question_harder() -> None:
    lesson = RaschClass(6, 9).lesson(3)
    usual = build(lesson, START)
    for place, played in enumerate(lesson.rounds):
        lesson.rounds[place] = replace(
            played,
            round=replace(played.round, points_for=PointsFor.SPEED),
            responses=[replace(r, points=r.points / 2) for r in played.responses],
        )
    hurried = build(lesson, START)
    assert hurried.questions == usual.questions
    assert [s.points for s in hurried.students] == [s.points / 2 for s in usual.students]


def test_a_question_that_is_worth_something_else_today_earned_no_more_than_it_was_worth() -> None:
    """In data of older versions, where an edit of the points kept the question."""
    lesson = RaschClass(6, 9).lesson(3)
    usual = build(lesson, START)
    assert 0 < sum(line.correct for line in usual.responses) < 18
    for points in (0, 0.5, 10):
        lesson.questions.update(
            {q: replace(question, points=points) for q, question in lesson.questions.items()}
        )
        report = build(lesson, START)
        assert report.questions == usual.questions
        for line in report.responses:
            assert (line.points, line.possible) == ((1, 1) if line.correct else (0, points))
        hurried = [
            replace(
                played,
                round=replace(played.round, points_for=PointsFor.SPEED),
                responses=[replace(r, points=r.points * 0.6) for r in played.responses],
            )
            for played in lesson.rounds
        ]
        for line in build(replace(lesson, rounds=hurried), START).responses:
            assert line.possible == max(points, line.points)


async def test_difficulties_follow_from_the_answers_in_all_meetings(server: RunningServer) -> None:
    """A short lesson of six students, and a long one of the same questions elsewhere."""
    short = RaschClass(6, 12, seed=5)
    lesson = short.lesson(6)
    elsewhere = RaschClass(40, 12, seed=5, meeting=replace(other("8A"), created_at=START))
    elsewhere.difficulties = short.difficulties
    more = elsewhere.lesson(12)
    for place, played in enumerate(more.rounds):  # other rounds, of other questions' ids
        number = f"{place + 100:08x}"
        moved = replace(played.round, id=number + "0" * 16)
        more.rounds[place] = replace(
            played,
            round=moved,
            assignments=[replace(a, round_id=moved.id) for a in played.assignments],
            responses=[replace(r, round_id=moved.id) for r in played.responses],
        )
    await store_lesson(server.store, together(lesson, more))
    source = StoreSource(server.store)
    report = build(await gather(source, [MEETING.id]), START)
    alone = build(lesson, START)
    assert report.questions == alone.questions  # only the adjusted scores know of other meetings
    model = fit(
        ((r.meeting_id, r.student_id), r.question_id, r.points)
        for played in (*lesson.rounds, *more.rounds)
        for r in played.responses
    )
    for line in report.students:
        assert line.adjusted == pytest.approx(
            model.adjusted_score((MEETING.id, line.student_id)), abs=1e-2
        )
    true = {q: b for q, b in short.difficulties.items() if q in model.questions}
    measured = [model.questions[q].value for q in true]
    assert np.corrcoef(measured, list(true.values()))[0, 1] > 0.9
    assert report.students != alone.students
    four = build(await gather(source, [MEETING.id], 1), START)
    assert {line.adjusted for line in four.students} == {None}  # one answer in this report


def test_a_meeting_without_rounds_and_a_question_that_is_gone_are_reported() -> None:
    empty = build(Lesson([MEETING]), START)
    lesson = RaschClass(3, 5).lesson(2)
    lesson.questions.clear()
    gone = build(lesson, START)
    assert {line.question for line in gone.questions} == {"(this question can no longer be read)"}
    for report in (empty, gone):
        for kind in ReportFormat:
            assert write(report, kind)
