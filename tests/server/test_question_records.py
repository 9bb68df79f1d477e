"""A question's record, and how it is edited and retired in the middle of a lesson."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec import structs

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import PointsFor, Scoring
from livequiz.protocol.figures import QuestionRecord
from livequiz.protocol.messages import NewQuestion, RoundClosed
from livequiz.results.build import build
from livequiz.results.formats import ReportFormat, write
from livequiz.results.lesson import gather
from livequiz.results.store_source import StoreSource
from livequiz.server.quiz.service import utc_now
from tests.conftest import RunningServer
from tests.helpers import bank, documents, next_of
from tests.server.six import Class, six_students

ONE = bank(1)[0]
NO_SUCH = "0" * 24


@pytest.fixture
async def six(server: RunningServer) -> Class:
    return await six_students(server, [ONE])


async def the_only(six: Class) -> str:
    (question,) = await documents(six.server.store, "questions", {})
    return str(question["_id"])


async def refused(call: Any, code: Code) -> str:
    with pytest.raises(QuizError) as error:
        await call
    assert error.value.code is code
    return error.value.message


async def test_a_record_has_all_answers_over_all_meetings(six: Class) -> None:
    key = await the_only(six)
    new = await six.teacher.question(key)
    assert (new.responses, new.meetings, new.accuracy, new.last_answered) == (0, 0, None, None)
    await six.play("++++--")
    other = await six.server.instructor("OTHER")
    student = await six.server.student("S001", "Alice", "OTHER")
    await other.trigger(duration=600)
    same = await answered(student, other, key)
    assert (same.responses, same.meetings, same.options[:2]) == (6, 2, [2, 4])
    assert (await figures_of(six, key)) == (6, 66.6667)  # in a report: the same student
    await six.server.store.participants.set_setting("OTHER", "class", "8A")
    found = await six.teacher.question(key)
    assert (await figures_of(six, key)) == (7, 57.1429)  # in another class: another student
    assert found.question.question == ONE["question"]
    assert (found.responses, found.meetings, found.retired) == (7, 2, False)
    assert found.options[:2] == [3, 4]
    assert found.accuracy == pytest.approx(57.1)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 57.1 < found.high
    assert found.last_answered is not None


async def figures_of(six: Class, key: str) -> tuple[int, float | None]:
    """Return how many answered a question, and how much was right, from a report on it all."""
    report = build(await gather(StoreSource(six.server.store), ["TEST", "OTHER"]), utc_now())
    (line,) = [line for line in report.questions if line.question_id == key]
    return line.n, line.facility


async def answered(student: Any, teacher: Any, key: str) -> QuestionRecord:
    question = await next_of(student, NewQuestion)
    await student.answer(question.question_id, question.round_id, 0, spent=1)
    await next_of(teacher, RoundClosed)
    record: QuestionRecord = await teacher.question(key)
    return record


@pytest.mark.parametrize("points_for", PointsFor)
@pytest.mark.parametrize("points", [2, 0])
async def test_partial_credit_does_not_depend_on_how_a_round_counts_points(
    server: RunningServer, points_for: PointsFor, points: int
) -> None:
    """In the record as in the report: half of the key, half right."""
    both = {**ONE, "type": "multiple", "correct": [0, 1], "scoring": "partial", "points": points}
    six = await six_students(server, [both])
    key = await the_only(six)
    await six.teacher.trigger(duration=600, points_for=points_for)
    for student, answer in zip(six.students, ([0], [0], [1], [1], [0], [0, 1]), strict=True):
        question = await next_of(student, NewQuestion)
        await student.answer(question.question_id, question.round_id, answer, spent=1)
    await next_of(six.teacher, RoundClosed)
    record = await six.teacher.question(key)
    report = build(await gather(StoreSource(server.store), ["TEST"]), utc_now())
    assert (record.accuracy, report.questions[0].facility) == (58.3, 58.3333)
    assert sorted(line.share or 0 for line in report.responses) == [50.0] * 5 + [100.0]
    assert write(report, ReportFormat.HTML).count(b">\xc2\xbd</td>") == 5


async def test_flags_need_ten_answers(six: Class) -> None:
    key = await the_only(six)
    await six.play("++++++")
    assert (await six.teacher.question(key)).flags == []
    await six.play("++++++", allow_repeats=True)
    # Of a student with several answers, the first one counts.
    assert (await six.teacher.question(key)).flags == []
    more = [await six.server.student(f"N{n}") for n in range(6)]
    six.students[:] = more
    await six.teacher.trigger(duration=600, allow_repeats=True)
    for student in more:
        question = await next_of(student, NewQuestion)
        await student.answer(question.question_id, question.round_id, 1, spent=1)
    found = await six.teacher.question(key)
    assert "Too easy to tell students apart." in found.flags


async def test_a_new_wording_keeps_the_question_and_its_answers(six: Class) -> None:
    key = await the_only(six)
    await six.play("++++--")
    written = structs.replace((await six.teacher.question(key)).question, question="In new words?")
    changed = await six.teacher.edit_question(key, written)
    assert changed.question_id == key
    found = await six.teacher.question(key)
    assert (found.question.question, found.responses) == ("In new words?", 6)


async def test_a_new_key_makes_a_new_question_and_retires_the_old_one(six: Class) -> None:
    key = await the_only(six)
    await six.play("++++--")
    written = structs.replace((await six.teacher.question(key)).question, correct=0)
    changed = await six.teacher.edit_question(key, written)
    assert changed.question_id != key
    old, new = [await six.teacher.question(each) for each in (key, changed.question_id)]
    assert (old.retired, old.responses) == (True, 6)
    assert (new.retired, new.responses) == (False, 0)
    sent = await six.teacher.trigger(duration=600)
    assert {each.question_id for each in sent.assignments} == {changed.question_id}


@pytest.mark.parametrize("points", [10, 0.5])
async def test_other_points_make_a_new_question_and_leave_reports_as_they_were(
    six: Class, points: float
) -> None:
    key = await the_only(six)
    await six.play("++++--")
    before = await lines_of(six)
    written = structs.replace((await six.teacher.question(key)).question, points=points)
    changed = await six.teacher.edit_question(key, written)
    assert changed.question_id != key
    assert await lines_of(six) == before
    (question,) = await documents(six.server.store, "questions", {})
    assert (str(question["_id"]), question["points"]) == (changed.question_id, points)
    assert (await six.teacher.question(key)).responses == 6
    await six.server.import_questions([ONE])  # still the same question: nothing new
    assert len(await documents(six.server.store, "questions", {})) == 1


async def lines_of(six: Class) -> list[tuple[float, float]]:
    """Return everybody's points and what they could have had."""
    report = build(await gather(StoreSource(six.server.store), ["TEST"]), utc_now())
    return [(line.points, line.possible) for line in report.students]


async def test_another_scoring_makes_a_new_question_too(server: RunningServer) -> None:
    six = await six_students(server, [{**ONE, "type": "multiple", "correct": [0, 1]}])
    key = await the_only(six)
    question = (await six.teacher.question(key)).question
    partial = structs.replace(question, scoring=Scoring.PARTIAL)
    changed = await six.teacher.edit_question(key, partial)
    assert changed.question_id not in {key, None}
    assert await the_only(six) == changed.question_id


async def test_a_retired_question_is_drawn_no_more(six: Class) -> None:
    key = await the_only(six)
    await six.play("++++--")
    await six.teacher.retire_question(key)
    assert (await six.teacher.question(key)).retired
    assert "No question" in await refused(six.teacher.trigger(), Code.NO_QUESTIONS)


async def test_what_cannot_be_done_is_said(six: Class) -> None:
    key = await the_only(six)
    question = (await six.teacher.question(key)).question
    await refused(six.teacher.question(NO_SUCH), Code.NOT_FOUND)
    await refused(six.teacher.retire_question(NO_SUCH), Code.NOT_FOUND)
    await refused(six.teacher.edit_question(NO_SUCH, question), Code.NOT_FOUND)
    wrong = structs.replace(question, correct=9)
    await refused(six.teacher.edit_question(key, wrong), Code.BAD_REQUEST)
    await six.server.import_questions([{**ONE, "question": "Another?"}])
    same = structs.replace(question, question="Another?")
    assert "already" in await refused(six.teacher.edit_question(key, same), Code.CONFLICT)
    await six.teacher.retire_question(key)
    reworded = structs.replace(question, question="Too late?")
    assert "retired" in await refused(six.teacher.edit_question(key, reworded), Code.CONFLICT)


async def test_a_retired_question_cannot_come_back_by_a_new_key(six: Class) -> None:
    """Two teachers who corrected the same key put both versions into the bank."""
    key = await the_only(six)
    question = (await six.teacher.question(key)).question
    await six.teacher.edit_question(key, structs.replace(question, correct=0))
    again = structs.replace(question, correct=2)
    assert "retired" in await refused(six.teacher.edit_question(key, again), Code.CONFLICT)
    assert len(await documents(six.server.store, "questions", {})) == 1


async def test_of_two_new_keys_at_once_one_is_stored(six: Class) -> None:
    key = await the_only(six)
    question = (await six.teacher.question(key)).question
    edits = [
        six.teacher.edit_question(key, structs.replace(question, correct=place)) for place in (0, 2)
    ]
    results = await asyncio.gather(*edits, return_exceptions=True)
    assert sum(isinstance(result, QuizError) for result in results) == 1
    assert len(await documents(six.server.store, "questions", {})) == 1
