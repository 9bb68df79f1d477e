"""The bank in the instructor's app: listed, searched, filtered, previewed, and sent from."""

from __future__ import annotations

from pathlib import Path

import pytest

from livequiz.domain.model import Difficulty
from livequiz.protocol.messages import NewQuestion
from livequiz.server.quiz.service import utc_now
from livequiz.tui.instructor.bank_screen import BankScreen, QuestionScreen
from livequiz.tui.instructor.dashboard import Dashboard
from livequiz.tui.instructor.send import SendDialog
from livequiz.tui.widgets.list_chooser import Chooser
from tests.conftest import RunningServer
from tests.helpers import Json, bank, next_of
from tests.tui.at_instructor import dashboard
from tests.tui.looking import text_of, until, until_shown

BANK: list[Json] = [
    *bank(120, topics=["Maths"], difficulty="easy"),
    {
        "question": "Which river flows through Cairo?",
        "options": ["Niger", "Nile"],
        "correct": 1,
        "topics": ["Geography"],
        "difficulty": "hard",
        "explanation": "It reaches the sea north of the city.",
        "points": 3,
        "time_limit": 20,
    },
    {"question": "6 × 7?", "type": "numeric", "correct": 42, "topics": ["Maths"]},
    {
        "question": "What is printed?\n\n```python\nprint('Nile')\n```",
        "type": "short_text",
        "correct": "Nile",
        "topics": ["Programming"],
    },
]


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture(autouse=True)
async def full(server: RunningServer) -> None:
    await server.instructor("TEST")
    await server.import_questions(BANK)


async def test_all_pages_of_the_bank_are_listed_and_a_question_is_opened(
    server: RunningServer,
) -> None:
    async with dashboard(server, (80, 24)) as (app, pilot):
        await pilot.press("b")
        await until_shown(app, "123 of 123 questions")
        await pilot.press("end", "up", "up")
        await until_shown(app, "Which river flows through Cairo?")
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, QuestionScreen), "the question")
        await until_shown(app, "✓ B  Nile   <- right answer")
        assert "It reaches the sea north of the city." in text_of(app)
        assert "Geography   hard   one of several   3 points   20 s" in text_of(app)
        await pilot.press("escape")
        await until(lambda: isinstance(app.screen, BankScreen), "the bank")
        await pilot.press("escape")
        await until(lambda: isinstance(app.screen, Dashboard), "the dashboard")


async def test_the_footer_names_the_key_that_opens_a_question(server: RunningServer) -> None:
    async with dashboard(server) as (app, pilot):
        await pilot.press("b")
        await until_shown(app, "Enter Open")


async def test_a_search_finds_words_wherever_they_stand(server: RunningServer) -> None:
    async with dashboard(server) as (app, pilot):
        await pilot.press("b")
        await until_shown(app, "123 of 123 questions")
        await pilot.press("slash", *"Nílè")
        await until_shown(app, "2 of 123 questions")
        await pilot.press("space", *"cairo")
        await until_shown(app, "1 of 123 questions")
        # Beside the list stands what is chosen in it.
        await until_shown(app, "✓ B  Nile")
        await pilot.press("x")
        await until_shown(app, "No question matches")
        await pilot.press("escape")
        await until_shown(app, "123 of 123 questions")


async def test_a_program_is_looked_at_as_students_see_it(server: RunningServer) -> None:
    async with dashboard(server) as (app, pilot):
        await pilot.press("b")
        await until_shown(app, "123 of 123 questions")
        await pilot.press("end")
        await until_shown(app, "✓ Nile   <- right answer")
        assert "print('Nile')" in text_of(app)
        assert "```" not in text_of(app)


async def test_filters_say_what_a_round_would_have_and_are_sent_with(
    server: RunningServer,
) -> None:
    students = [await server.student(f"S00{number}") for number in (1, 2)]
    async with dashboard(server, (80, 24)) as (app, pilot):
        await pilot.press("b")
        await until_shown(app, "A round now (all questions): 2 students here, 123 questions match")
        await pilot.press("tab", "tab", "enter", "down", "enter")  # the first of the topics
        await until_shown(app, "1 of 123 questions")
        await until_shown(app, "A round now (Geography): 2 students here, 1 question matches")
        await pilot.press("s")
        await until(lambda: isinstance(app.screen, SendDialog), "the dialog")
        await until_shown(app, "Only: Geography")
        await until_shown(app, "1 will share a question")
        await pilot.press("enter")
        for student in students:
            assert (await next_of(student, NewQuestion)).topic == "Geography"


async def test_what_a_search_has_left_is_what_is_sent(server: RunningServer) -> None:
    """The search did not count: any question of the bank could come."""
    student = await server.student("S001")
    async with dashboard(server) as (app, pilot):
        await pilot.press("b")
        await until_shown(app, "123 of 123 questions")
        await pilot.press("slash", *"nile cairo")
        await until_shown(app, "A round now (1 chosen in the bank): 1 student here, 1 question")
        await pilot.press("enter", "s")
        await until(lambda: isinstance(app.screen, SendDialog), "the dialog")
        await until_shown(app, "Only: 1 chosen in the bank")
        await until_shown(app, "different one")
        await pilot.press("enter")
        question = await next_of(student, NewQuestion)
        assert "Cairo" in question.question
        await pilot.press("c", "c")
        await until_shown(app, "closed by you")
        await pilot.press("s")  # for the next round everything is there again
        await until_shown(app, "123 questions match")
        assert "Only:" not in text_of(app)


async def test_what_leaves_nothing_can_not_be_sent(server: RunningServer) -> None:
    await server.student("S001")
    async with dashboard(server) as (app, pilot):
        await pilot.press("b")
        await until_shown(app, "123 of 123 questions")
        await pilot.press("slash", *"cairo xyz", "enter")
        await until_shown(app, "No question matches.")
        await pilot.press("s")
        await pilot.pause()
        assert not isinstance(app.screen, SendDialog)
        await pilot.press("escape")
        await until(lambda: app.screen is app.dashboard, "the dashboard")
        await pilot.press("s")  # a cancelled visit leaves nothing behind
        await until_shown(app, "123 questions match")


async def test_difficulty_and_type_are_filters_of_the_list(server: RunningServer) -> None:
    async with dashboard(server) as (app, pilot):
        await pilot.press("b")
        await until_shown(app, "123 of 123 questions")
        screen = app.screen
        assert isinstance(screen, BankScreen)
        screen.query_one("#difficulty").value = Difficulty.HARD  # type: ignore[attr-defined]
        await until_shown(app, "1 of 123 questions")
        screen.query_one("#difficulty").clear()  # type: ignore[attr-defined]
        await until_shown(app, "123 of 123 questions")
        await pilot.press("tab", "tab", "tab", "tab", "enter", "end", "enter")
        await until_shown(app, "1 of 123 questions")
        assert len(screen.query_one(Chooser).keys) == 1


async def test_topics_that_came_after_the_dashboard_can_be_chosen(server: RunningServer) -> None:
    await server.student("S001")
    async with dashboard(server, (80, 24)) as (app, pilot):
        await until_shown(app, "1 student is here")
        await server.import_questions([{**BANK[0], "question": "New?", "topics": ["Astronomy"]}])
        await pilot.press("s")
        await until_shown(app, "Astronomy")
        await pilot.press("escape", "b")
        await until_shown(app, "124 of 124 questions")
        await pilot.press("tab", "tab", "enter", "down", "enter")
        await until_shown(app, "A round now (Astronomy): 1 student here, 1 question matches")


async def test_an_empty_bank_says_how_to_fill_it(server: RunningServer) -> None:
    questions = server.store.questions
    await questions.retire([q.id async for q in questions.everything()], utc_now())
    async with dashboard(server, (80, 24)) as (app, pilot):
        await pilot.press("b")
        await until_shown(app, "The question bank is empty. Add questions with livequiz questions")


async def test_a_server_that_is_away_is_said(server: RunningServer) -> None:
    async with dashboard(server, (80, 24)) as (app, pilot):
        await server.stop()
        await pilot.press("b")
        await until(lambda: isinstance(app.screen, BankScreen), "the bank")
        await until_shown(app, "be reached right now.")
        await pilot.press("escape")
        await until(lambda: isinstance(app.screen, Dashboard), "the dashboard")
        await server.start()
