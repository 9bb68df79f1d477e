"""On the page a student looks back at their answers, and practises what they missed."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from livequiz.client.instructor import InstructorSession
from livequiz.server.quiz.service import Policy
from tests.conftest import PROJECTOR, TOKEN, RunningServer
from tests.helpers import documents, stored
from tests.page.conftest import LAPTOP, PHONE
from tests.page.student import QUESTIONS, OpenPage, ask, asked, go_on, join, shown, submit
from tests.page.test_accessibility import CODE, check
from tests.patience import PATIENCE

SETTLED = 750  # milliseconds until a click counts in the waiting room, or after a verdict
EXPLAINED = {**QUESTIONS["single"], "explanation": "Two and two."}


@pytest.fixture
def policy() -> Policy:
    return Policy(TOKEN, PROJECTOR, practice=True)


async def answered(
    server: RunningServer, teacher: InstructorSession, page: Page, question: Any, *keys: str
) -> None:
    """Ask a new question, answer it by keys, and go back to the waiting room."""
    await server.import_questions([question])
    await ask(teacher, page)
    for key in keys:
        await page.keyboard.press(key)
    await submit(page)
    await page.locator(".verdict").wait_for()
    await go_on(page)


async def press(page: Page, name: str) -> None:
    await page.wait_for_timeout(SETTLED)
    await page.get_by_role("button", name=name).click()


async def practising(page: Page, place: str) -> None:
    await shown(page, place)
    await asked(page)


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_own_answers_and_practice_have_no_violation(
    server: RunningServer,
    teacher: InstructorSession,
    open_page: OpenPage,
    size: tuple[int, int],
    scheme: str,
) -> None:
    page = await open_page(size=size, color_scheme=scheme)
    await join(page)
    expected: list[tuple[Any, list[str]]] = [(CODE, ["c"]), (QUESTIONS["multiple"], ["a"])]
    for question, keys in expected:
        await answered(server, teacher, page, question, *keys)
    await check(page, "the waiting room with both buttons")
    await press(page, "My answers")
    await shown(page, "0 of 2 right")
    await check(page, "my answers")
    for place in (0, 1):
        await page.locator("summary").nth(place).click()
    await shown(page, "It repeats:")
    await check(page, "my answers, opened")
    await page.get_by_role("button", name="Back").click()
    await press(page, "Practise what I missed")
    await practising(page, "Practice 1 of 2")
    await check(page, "practice")
    await page.keyboard.press("b")
    await submit(page)
    await shown(page, "✗ Incorrect")
    await check(page, "a verdict of practice")


async def test_my_answers_tell_what_was_right_and_why(
    server: RunningServer, teacher: InstructorSession, open_page: OpenPage
) -> None:
    page = await open_page()
    await join(page)
    await expect(page.get_by_role("button", name="My answers")).to_be_hidden()
    await answered(server, teacher, page, EXPLAINED, "a")
    await server.import_questions([QUESTIONS["numeric"]])
    await ask(teacher, page)
    await page.get_by_label("Your answer").fill("0.25")
    await submit(page)
    await shown(page, "✓ Correct")
    await go_on(page)
    await press(page, "My answers")
    await shown(page, "1 of 2 right")
    numeric, single = page.locator("details").nth(0), page.locator("details").nth(1)
    assert "✓ right" in await numeric.inner_text()
    assert "✗ wrong" in await single.inner_text()
    for _ in ("Back", "the first", "the second"):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")  # opens the second
    await expect(single).to_contain_text("Two and two.", timeout=PATIENCE * 1000)
    lines = await single.locator(".answers li").all_inner_texts()
    assert [line.split() for line in lines[:2]] == [
        ["A", "3", "your", "answer"],
        ["B", "4", "✓", "right"],
    ]
    await numeric.locator("summary").click()
    await expect(numeric).to_contain_text("Your answer: 0.25")
    await page.keyboard.press("Escape")
    await shown(page, "You are in, Ada.")


async def test_what_was_missed_is_practised_by_keyboard_and_only_counted(
    server: RunningServer, teacher: InstructorSession, open_page: OpenPage
) -> None:
    page = await open_page()
    await join(page)
    await answered(server, teacher, page, EXPLAINED, "a")
    await answered(server, teacher, page, QUESTIONS["multiple"], "a")
    before = await documents(server.store, "responses")
    await press(page, "Practise what I missed")
    await practising(page, "Practice 1 of 2")
    await shown(page, "Your teacher sees only how many you practise.")
    assert not await page.locator(".countdown").is_visible()
    await page.keyboard.press("b")
    await page.keyboard.press("d")
    await page.keyboard.press("Enter")
    await shown(page, "✓ Correct")
    await page.wait_for_timeout(SETTLED)
    await page.keyboard.press("Enter")
    await practising(page, "Practice 2 of 2")
    await page.keyboard.press("c")
    await page.keyboard.press("Enter")
    await shown(page, "The right answer is B  4")
    await shown(page, "Two and two.")
    await page.wait_for_timeout(SETTLED)
    await page.get_by_role("button", name="Finish").click()
    await shown(page, "You practised 2 questions and got 1 right.")
    assert await documents(server.store, "responses") == before
    await stored(server.store, "participants", {"student_id": "S001", "practised": 2})


async def test_a_round_comes_first_and_practice_goes_on_after_it(
    server: RunningServer, teacher: InstructorSession, open_page: OpenPage
) -> None:
    page = await open_page()
    await join(page)
    await answered(server, teacher, page, EXPLAINED, "a")
    await press(page, "Practise what I missed")
    await practising(page, "Practice 1 of 1")
    await page.keyboard.press("c")
    await server.import_questions([QUESTIONS["multiple"]])
    await teacher.trigger(duration=600)
    await shown(page, "Which are even?")
    await asked(page)
    assert await page.locator(".countdown").is_visible()
    for key in ("b", "d", "Enter"):
        await page.keyboard.press(key)
    await shown(page, "✓ Correct")
    await page.wait_for_timeout(SETTLED)
    await page.keyboard.press("Enter")
    await practising(page, "Practice 1 of 1")
    assert await page.locator("input:checked").get_attribute("value") == "2"
    await page.keyboard.press("Escape")
    await shown(page, "You are in, Ada.")
    await press(page, "Practise what I missed")
    await practising(page, "Practice 1 of 1")
    await page.get_by_role("button", name="Stop").click()
    await shown(page, "You are in, Ada.")


async def test_practice_that_finds_no_server_is_kept_and_tried_again(
    server: RunningServer, teacher: InstructorSession, open_page: OpenPage
) -> None:
    page = await open_page()
    await join(page)
    await answered(server, teacher, page, EXPLAINED, "a")
    await press(page, "Practise what I missed")
    await practising(page, "Practice 1 of 1")
    await teacher.close()
    await server.stop()
    await shown(page, "There is no connection.")
    await page.keyboard.press("b")
    await submit(page)
    await shown(page, "Not checked. The server can't be reached right now.")
    await server.start()
    await expect(page.locator("#connection")).to_be_empty(timeout=PATIENCE * 1000)
    await submit(page)
    await shown(page, "✓ Correct")


async def test_without_the_teachers_leave_there_is_no_button_to_practise(
    server: RunningServer, open_page: OpenPage
) -> None:
    await server.stop()
    server.policy = Policy(TOKEN)
    await server.start()
    teacher = await server.instructor()
    page = await open_page()
    await join(page)
    await answered(server, teacher, page, EXPLAINED, "a")
    await expect(page.get_by_role("button", name="My answers")).to_be_visible()
    await expect(page.get_by_role("button", name="Practise what I missed")).to_be_hidden()


async def test_a_double_enter_on_a_verdict_submits_no_practice(
    server: RunningServer, teacher: InstructorSession, open_page: OpenPage
) -> None:
    page = await open_page()
    await join(page)
    await answered(server, teacher, page, EXPLAINED, "a")
    await press(page, "Practise what I missed")
    await practising(page, "Practice 1 of 1")
    await page.keyboard.press("a")
    await server.import_questions([QUESTIONS["numeric"]])
    await ask(teacher, page)
    await page.get_by_label("Your answer").fill("0.25")
    await submit(page)
    await shown(page, "✓ Correct")
    await page.wait_for_timeout(SETTLED)
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await practising(page, "Practice 1 of 1")
    await expect(page.get_by_role("button", name="Submit")).to_be_enabled()
    assert "Incorrect" not in await page.inner_text("#question")
    await page.wait_for_timeout(SETTLED)
    await page.keyboard.press("Enter")
    await shown(page, "✗ Incorrect")


async def test_the_next_student_at_a_browser_is_not_told_what_the_one_before_was(
    server: RunningServer, teacher: InstructorSession, open_page: OpenPage
) -> None:
    page = await open_page()
    page.on("dialog", lambda dialog: dialog.accept())
    await join(page)
    await answered(server, teacher, page, EXPLAINED, "a")
    await press(page, "Practise what I missed")
    await practising(page, "Practice 1 of 1")
    await page.keyboard.press("b")
    await submit(page)
    await page.wait_for_timeout(SETTLED)
    await page.keyboard.press("Enter")
    await shown(page, "You practised 1 question and got 1 right.")
    await press(page, "Leave the class")
    await shown(page, "You have left the class.")
    await join(page, "S002", "Bob")
    await shown(page, "You are in, Bob.")
    assert "You practised" not in await page.inner_text("body")
