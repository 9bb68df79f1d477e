"""The summary of a round, on one screen."""

from __future__ import annotations

import pytest

from livequiz.tui.instructor.question_record import QuestionRecordScreen
from livequiz.tui.instructor.summary import SummaryScreen
from tests.conftest import RunningServer
from tests.helpers import Json, bank
from tests.tui.at_instructor import _meeting, dashboard, state_folder
from tests.tui.looking import text_of, until, until_shown
from tests.tui.test_figures import ONE, SIZES, play, six

__all__ = ["_meeting", "state_folder"]  # fixtures

TYPED = {"question": "9 - 7?", "type": "numeric", "correct": 2, "topics": ["Sums"]}


@pytest.mark.parametrize("size", SIZES)
async def test_it_names_the_hardest_question_its_wrong_answer_and_weak_topics(
    server: RunningServer, size: tuple[int, int]
) -> None:
    students = await six(server, [ONE])
    async with dashboard(server, size) as (app, pilot):
        await until_shown(app, "6 students are here")
        await pilot.press("u")
        await until_shown(app, "There are no results to show yet")
        await play(app, pilot, students, "+----.")
        await pilot.press("u")
        await until(lambda: isinstance(app.screen, SummaryScreen), "the summary")
        await until_shown(app, "Topics below 60 %")
        shown = " ".join(text_of(app).replace("│", " ").split())
        assert "Round 1: closed by you. 1 did not answer." in shown
        assert f"Talk about this one {ONE['question']}" in shown
        assert "1 of 5 right. Wrong answer given most: A a (4 times). Right: B b." in shown
        assert "Add them up." in shown
        assert "Sums 20 % of 5 answers right" in shown
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, QuestionRecordScreen), "the question")


@pytest.mark.parametrize("typed", [False, True])
async def test_questions_of_one_student_each_give_one_to_talk_about(
    server: RunningServer, typed: bool
) -> None:
    questions: list[Json] = [{**TYPED, "question": f"{n} - {n - 2}?"} for n in range(9)]
    students = await six(server, questions if typed else bank(9))
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "6 students are here")
        await play(app, pilot, students, "------")
        await pilot.press("u")
        await until_shown(app, "Talk about this one")
        right = "Wrong answer: 0. Right: 2." if typed else "Wrong answer: A a. Right: B b."
        assert right in text_of(app)


async def test_topics_with_too_few_answers_are_said_to_have_too_few(server: RunningServer) -> None:
    students = await six(server, [{**q, "topics": [f"T{n}"]} for n, q in enumerate(bank(6))])
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "6 students are here")
        await play(app, pilot, students, "------")
        await pilot.press("u")
        await until_shown(app, "No topic has 5 answers")
        assert "Topics below" not in text_of(app)


async def test_a_round_without_a_wrong_answer_has_nothing_to_talk_about(
    server: RunningServer,
) -> None:
    students = await six(server, [ONE])
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "6 students are here")
        await play(app, pilot, students, "++++++")
        await pilot.press("u")
        await until(lambda: isinstance(app.screen, SummaryScreen), "the summary")
        await until_shown(app, "everyone has answered")
        assert "Talk about" not in text_of(app)
        assert "Open the question" not in text_of(app)
        await pilot.press("enter")
        assert isinstance(app.screen, SummaryScreen)
