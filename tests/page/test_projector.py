"""The projector in a browser: what the class sees, and when."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from livequiz.client.instructor import InstructorSession
from livequiz.protocol.messages import NewQuestion, RoundClosed
from tests.conftest import PROJECTOR, RunningServer
from tests.helpers import next_of
from tests.page.conftest import LAPTOP, _fail
from tests.page.student import shown
from tests.page.test_accessibility import CODE, check
from tests.patience import PATIENCE


async def opened(browser: Browser, server: RunningServer, token: str, scheme: str) -> Page:
    width, height = LAPTOP
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    context.set_default_timeout(PATIENCE * 1000)
    page = await context.new_page()
    page.on("pageerror", _fail)
    await page.goto(f"{server.url}/projector?m=test{token}")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_lesson_on_the_projector(
    server: RunningServer, teacher: InstructorSession, browser: Browser, scheme: str
) -> None:
    server.service.queries.address = server.url
    page = await opened(browser, server, f"#{PROJECTOR}", scheme)
    await shown(page, "Nobody is here yet")
    assert PROJECTOR not in page.url
    await shown(page, f"{server.url}/?m=TEST")
    await expect(page.get_by_role("img", name="QR code of the address")).to_be_visible()
    student = await server.student("S001", "Ann")
    await shown(page, "1 student is here")
    await check(page, "how to join")
    await server.import_questions([{**CODE, "topics": ["Programs"]}])
    await teacher.trigger(duration=600)
    await shown(page, "0 of 1 answered")
    await expect(page.get_by_role("timer")).to_contain_text("9:5")
    await check(page, "a round")
    await page.keyboard.press("j")
    await shown(page, "Meeting code")
    await check(page, "how to join in mid-round")
    await page.get_by_role("button", name="Back").click()
    await shown(page, "0 of 1 answered")
    question = await next_of(student, NewQuestion)
    await student.answer(question.question_id, question.round_id, 1, spent=1)
    await next_of(teacher, RoundClosed)
    await shown(page, "Round 1 is over")
    assert "Programs" not in await page.inner_text("body")
    await check(page, "the end of a round")
    await teacher.show_results()
    await shown(page, "Programs")
    await shown(page, "One to talk about")
    assert "hardest" not in await page.inner_text("body")
    await shown(page, "It repeats:")
    assert "Ann" not in await page.inner_text("body")
    await check(page, "results")
    await page.reload()
    await shown(page, "Programs")
    await page.keyboard.press("j")
    await shown(page, "Meeting code")
    await teacher.trigger(duration=600, allow_repeats=True)
    await shown(page, "0 of 1 answered")  # nobody has to put away how to join


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_leaderboard_is_above_the_results_until_it_is_taken_away(
    server: RunningServer, teacher: InstructorSession, browser: Browser, scheme: str
) -> None:
    page = await opened(browser, server, f"#{PROJECTOR}", scheme)
    await server.import_questions([{**CODE, "topics": ["Programs"]}])
    students = [await server.student(f"S00{n}", name) for n, name in enumerate(["Ann", "Zoë"])]
    for allowed in (False, True):
        await teacher.trigger(duration=600, allow_repeats=allowed)
        for place, student in enumerate(students):
            question = await next_of(student, NewQuestion)
            right = question.options.index("xxx")
            answer = right if place or allowed else (right + 1) % 4
            await student.answer(question.question_id, question.round_id, answer, spent=1)
        await next_of(teacher, RoundClosed)
    await shown(page, "Round 2 is over")
    await teacher.show_leaderboard()
    await shown(page, "Leaderboard   2 students")
    await expect(page.get_by_role("row", name="1 Zoë 2 no change")).to_be_visible()
    await expect(page.get_by_role("row", name="2 Ann 1 no change")).to_be_visible()
    assert "Programs" not in await page.inner_text("body")
    await check(page, "a leaderboard")
    await teacher.show_results()
    await shown(page, "Programs")
    await check(page, "a leaderboard and results")
    await teacher.show_leaderboard(top=0)
    await shown(page, "Your place is on your own screen")
    assert "Ann" not in await page.inner_text("body")
    await check(page, "a leaderboard of which each student sees their own part")
    await teacher.show_leaderboard(shown=False)
    await expect(page.locator(".leaderboard")).to_have_count(0)
    await shown(page, "Programs")
    await teacher.show_leaderboard()
    await shown(page, "Zoë")
    await teacher.trigger(duration=600, allow_repeats=True)
    await shown(page, "0 of 2 answered")
    await teacher.close_round()
    await shown(page, "Round 3 is over")
    assert "Zoë" not in await page.inner_text("body")


async def test_a_token_that_is_wrong_or_missing_is_asked_for(
    server: RunningServer, teacher: InstructorSession, browser: Browser
) -> None:
    page = await opened(browser, server, "", "light")
    await shown(page, "Projector token")
    await check(page, "asking for the token")
    await page.get_by_label("Projector token").fill("wrong")
    await page.keyboard.press("Enter")
    await shown(page, "The projector token is missing or wrong")
    await page.get_by_label("Projector token").fill("”")  # no header can hold it
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_label("Projector token")).to_be_empty()
    await page.get_by_label("Projector token").fill(f"{server.url}/projector?m=TEST#{PROJECTOR}")
    await page.get_by_role("button", name="Show").click()
    await shown(page, "Nobody is here yet")


async def test_the_whole_address_can_be_pasted_into_the_tab(
    server: RunningServer, teacher: InstructorSession, browser: Browser
) -> None:
    page = await opened(browser, server, "", "light")
    await shown(page, "Projector token")
    await page.goto(f"{page.url}#{PROJECTOR}")  # changes the hash, and loads nothing
    await shown(page, "Nobody is here yet")
    assert PROJECTOR not in page.url


async def test_a_server_that_is_away_is_waited_for(
    server: RunningServer, teacher: InstructorSession, browser: Browser
) -> None:
    page = await opened(browser, server, f"#{PROJECTOR}", "light")
    await shown(page, "Nobody is here yet")
    await server.stop()
    await shown(page, "No connection to the server. Trying again.")
    await server.start()
    await expect(page.locator("#connection")).to_be_empty(timeout=PATIENCE * 1000)
