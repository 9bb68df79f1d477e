"""By keyboard alone, and what a screen reader hears."""

from __future__ import annotations

from playwright.async_api import Page

from livequiz.client.instructor import InstructorSession
from tests.conftest import RunningServer
from tests.page.student import QUESTIONS, OpenPage, ask, shown
from tests.patience import PATIENCE

HEARD = """() => {
  const announcer = document.getElementById("announcer");
  window.heard = [];
  const hear = () => { if (announcer.textContent) window.heard.push(announcer.textContent); };
  new MutationObserver(hear).observe(announcer, { childList: true });
}"""


async def test_a_whole_round_by_keyboard(
    server: RunningServer, teacher: InstructorSession, open_page: OpenPage
) -> None:
    await server.import_questions(
        [QUESTIONS["single"], QUESTIONS["multiple"], QUESTIONS["numeric"]]
    )
    page = await open_page("")
    for typed in ("test", "S001", "Ada"):
        await page.keyboard.type(typed)
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await shown(page, "You are in, Ada.")
    for _ in range(3):
        await ask(teacher, page)
        await answer(page)
        await shown(page, "✓ Correct")
        await page.wait_for_timeout(750)
        await page.keyboard.press("Enter")
        await shown(page, "You are in, Ada.")
    await shown(page, "3 of 3 right")


async def answer(page: Page) -> None:
    text = await page.locator(".rich").first.inner_text()
    if text == QUESTIONS["numeric"]["question"]:
        await page.keyboard.press("Tab")
        await page.keyboard.type("0.25")
    elif text == QUESTIONS["single"]["question"]:
        await page.keyboard.press("Tab")  # to the options, of which an arrow chooses another
        await page.keyboard.press("ArrowDown")
        assert await page.locator("input:checked").get_attribute("value") == "1"
    else:
        await page.keyboard.press("b")
        await page.keyboard.press("d")
    await page.keyboard.press("Enter")


async def until_heard(page: Page, beginning: str) -> None:
    """Wait until something was said; `wait_for_function` would need what the policy forbids."""
    for _ in range(round(PATIENCE * 10)):
        if any(words.startswith(beginning) for words in await page.evaluate("window.heard")):
            return
        await page.wait_for_timeout(100)
    raise AssertionError(f"{beginning} was not said, but {await page.evaluate('window.heard')}")


async def test_a_screen_reader_hears_the_question_the_time_and_the_verdict(
    server: RunningServer, teacher: InstructorSession, open_page: OpenPage
) -> None:
    await server.import_questions([{**QUESTIONS["single"], "explanation": "Count `2` twice."}])
    page = await open_page()
    await page.evaluate(HEARD)
    await page.fill("#student_id", "S001")
    await page.fill("#name", "Ada")
    await page.keyboard.press("Enter")
    await shown(page, "You are in, Ada.")
    await ask(teacher, page, 12)
    await until_heard(page, "10 seconds left.")
    await until_heard(page, "5 seconds left.")
    await page.keyboard.press("b")
    await page.keyboard.press("Enter")
    await until_heard(page, "Correct. ")
    heard = await page.evaluate("window.heard")
    assert heard[0] == "Question 1 · 1 point.\nWhat is 2+2?\nA: 3\nB: 4\nC: 5\nD: 6"
    assert heard[-1].endswith("Count 2 twice.")
    assert [words for words in heard if "left" in words] == [
        "10 seconds left.",
        "5 seconds left.",
    ]
