"""What teachers type, on a student's screen of any size."""

from __future__ import annotations

import pytest

from livequiz.client.instructor import InstructorSession
from livequiz.domain.model import Draft
from livequiz.server.quiz.service import utc_now
from livequiz.tui.student.app import StudentApp
from livequiz.tui.student.question import QuestionModal
from livequiz.tui.student.waiting import WaitingRoom
from livequiz.tui.widgets.shared_rows import SharedRows
from tests.conftest import RunningServer
from tests.helpers import Json
from tests.tui.at_student import (
    HOSTILE,
    asked,
    seated,
    state_folder,
    student,
    teacher,
)
from tests.tui.looking import text_of, until, until_shown

__all__ = ["state_folder", "teacher"]  # fixtures


async def test_hostile_questions_and_options_are_only_text(
    server: RunningServer, teacher: InstructorSession
) -> None:
    # Straight into the store: an import refuses it, but the screen has to hold without that.
    await server.store.questions.add(
        [
            Draft(
                text=f"{HOSTILE} in the question",
                options=(f"{HOSTILE} 1", f"{HOSTILE} 2", "[bold"),
                correct=0,
                explanation=f"{HOSTILE} in the explanation",
                topics=("[hostile]",),
            )
        ],
        utc_now(),
    )
    app = student(server, name="[/] [red]x")
    async with seated(app) as pilot:
        assert "You are in, [/] [red]x." in text_of(app)
        await teacher.trigger(duration=30, topics=["[hostile]"])
        await asked(app)
        assert "[/] [red]x[/red] [b " in text_of(app)
        assert "[bold" in text_of(app)
        await pilot.press("b", "enter")
        await until_shown(app, "Incorrect")
        await until_shown(app, "in the explanation")
        verdict = text_of(app)
        await pilot.press("x")
        await until(lambda: isinstance(app.screen, WaitingRoom))
        for shown in (verdict, text_of(app)):
            assert not set(shown) & set("\x1b\x9b\u202e\u200b")


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 48)])
async def test_a_long_question_with_many_options_can_be_answered_at_every_size(
    server: RunningServer, teacher: InstructorSession, size: tuple[int, int]
) -> None:
    options = [f"Option {n} is one with quite a lot of words in it, {n}" for n in range(1, 13)]
    await server.import_questions(
        [{"question": "Why? " * 60, "options": options, "correct": 11, "topics": ["long"]}]
    )
    app = student(server)
    async with seated(app, size) as pilot:
        await teacher.trigger(duration=30, topics=["long"])
        modal = await asked(app)
        await until_shown(app, "Why?")  # a question is read from its beginning
        await pilot.press("up")
        assert modal.chosen == 11
        await until_shown(app, "❯")
        await until_shown(app, "Press Enter to submit L.")
        await pilot.press("enter")
        await until_shown(app, "✓ Correct")


async def test_every_key_of_the_footer_is_in_the_command_palette(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await teacher.trigger(duration=30)
        await asked(app)
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert {"Choose", "Submit", "Quit", "Keys", "Dark or light"} <= titles
        await pilot.press("b", "ctrl+p", *"submit", "enter")
        await until_shown(app, "✗ Incorrect")


PROGRAM = "\n".join(f"line_{n:02} = {n} * {n}" for n in range(1, 15))
FOUR = ["first option", "second option", "third option", "fourth option"]


async def ask_program(
    server: RunningServer, teacher: InstructorSession, options: list[str] = FOUR
) -> None:
    """Send a question whose text is a program of 14 lines."""
    text = f"What does it print?\n\n```python\n{PROGRAM}\n```"
    question = {"question": text, "options": options, "correct": 1, "topics": ["program"]}
    question["explanation"] = "Squares. " * 40
    await server.import_questions([question])
    await teacher.trigger(duration=30, topics=["program"])


async def test_a_long_program_scrolls_and_its_options_stay_on_the_screen(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await ask_program(server, teacher)
        await asked(app)
        await until_shown(app, "PgDn")
        assert "line_14" not in text_of(app)
        await pilot.press("pagedown", "pagedown", "pagedown")
        await until_shown(app, "line_14")
        assert all(option in text_of(app) for option in FOUR)
        await pilot.press("b", "enter")
        await until_shown(app, "✓ Correct")


async def test_home_and_end_go_to_the_beginning_and_the_end_of_a_question(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await ask_program(server, teacher)
        await asked(app)
        await until_shown(app, "PgUp/PgDn Scroll")
        assert "line_14" not in text_of(app)
        await pilot.press("end")
        await until_shown(app, "line_14")
        assert "What does it print?" not in text_of(app)
        await pilot.press("home")
        await until_shown(app, "What does it print?")
        assert "line_14" not in text_of(app)
        await pilot.press("question_mark")
        await until_shown(app, "Press Esc to close")
        panel = [" ".join(line.split()) for line in text_of(app).split("\n")]
        for named in ("PgUp/PgDn Scroll", "Home Beginning", "End End"):
            assert any(line.endswith(named) for line in panel), text_of(app)


async def test_a_terminal_that_grew_names_no_key_to_scroll_with(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await ask_program(server, teacher)
        await asked(app)
        await until_shown(app, "PgUp/PgDn Scroll")
        assert "line_14" not in text_of(app)
        await pilot.resize_terminal(120, 60)
        await until(lambda: "PgDn" not in text_of(app), "a footer without PgDn")
        assert "line_14" in text_of(app)
        await pilot.resize_terminal(80, 24)
        await until_shown(app, "PgUp/PgDn Scroll")


async def test_options_take_at_most_half_beside_a_long_program_and_scroll_themselves(
    server: RunningServer, teacher: InstructorSession
) -> None:
    options = [f"option number {n} of twelve" for n in range(1, 13)]
    app = student(server)
    async with seated(app) as pilot:
        await ask_program(server, teacher, options)
        modal = await asked(app)
        text, choices = modal.query(SharedRows)
        assert abs(text.size.height - choices.size.height) <= 1
        assert options[-1] not in text_of(app)
        await pilot.press("l")
        await until_shown(app, options[-1])
        assert "line_01" in text_of(app)


async def test_after_a_verdict_page_down_reads_on_to_the_explanation(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app) as pilot:
        await ask_program(server, teacher)
        await asked(app)
        await pilot.press("b", "enter")
        await until_shown(app, "✓ Correct")
        await until(lambda: "Squares." not in text_of(app), "the text is laid out")
        for _ in range(6):
            await pilot.press("pagedown")
        await until_shown(app, "Squares.")


def rows_of(app: StudentApp, words: list[str]) -> list[int]:
    """Return in which row of the screen each of these words is."""
    lines = text_of(app).split("\n")
    return [next(row for row, line in enumerate(lines) if word in line) for word in words]


async def test_options_take_no_empty_rows_of_a_small_screen_and_stay_where_they_are(
    server: RunningServer, teacher: InstructorSession
) -> None:
    long = "a rather long option that nearly fills the row it stands in"
    options = ["first option", "second option", long, "fourth option"]
    await server.import_questions(
        [{"question": "Which?", "options": options, "correct": 2, "topics": ["small"]}]
    )
    app = student(server)
    async with seated(app) as pilot:
        await teacher.trigger(duration=30, topics=["small"])
        await asked(app)
        before = rows_of(app, ["▲ A", "◆ B", "● C", "■ D"])
        assert before == [before[0], before[0] + 1, before[0] + 2, before[0] + 4]
        await pilot.press("b", "enter")
        await until_shown(app, "✗ Incorrect")
        assert rows_of(app, ["▲ A", "◆ B", "● C", "■ D"]) == before
        lines = text_of(app).split("\n")
        assert lines[before[1]].endswith("second option   your answer")
        assert lines[before[3] - 1].strip() == "✓ right answer"


@pytest.mark.parametrize("kind", [{"options": FOUR, "correct": 1}, {"correct": 7}])
async def test_all_of_a_question_can_be_read_by_scrolling_on_a_very_small_screen(
    server: RunningServer, teacher: InstructorSession, kind: Json
) -> None:
    text = " ".join(f"word{n:02}" for n in range(60))
    kind = {"type": "single" if "options" in kind else "numeric", **kind}
    await server.import_questions([{"question": text, "topics": ["tiny"], **kind}])
    app = student(server)
    async with seated(app, (40, 12)) as pilot:
        await teacher.trigger(duration=30, topics=["tiny"])
        await until(lambda: isinstance(app.screen, QuestionModal), "a question")
        await until(lambda: app.screen.check_action("page", ()), "a text that scrolls")
        seen = text_of(app)
        rows = [line for line in seen.split("\n") if "word" in line or " option" in line]
        assert len(rows) >= 6
        for _ in range(12):
            await pilot.press("pagedown")
            await pilot.pause()
            seen += text_of(app)
        assert all(word in seen for word in text.split())
        assert all(option in seen for option in kind.get("options", ()))
        for _ in range(12):
            await pilot.press("pageup")
        await until_shown(app, "word00")
        await pilot.press(*("b" if "options" in kind else "7"), "enter")
        await until_shown(app, "✓ Correct")


async def test_a_program_stands_beside_its_options_in_a_wide_terminal(
    server: RunningServer, teacher: InstructorSession
) -> None:
    app = student(server)
    async with seated(app, (120, 30)):
        await ask_program(server, teacher)
        await asked(app)
        lines = text_of(app).split("\n")
        assert any("line_" in line and " option" in line for line in lines)
        assert "line_14" in text_of(app)
