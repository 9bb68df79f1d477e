"""A student takes part in a browser: every type of question, from the join to the verdict."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page

from livequiz.client.instructor import InstructorSession
from tests.conftest import RunningServer
from tests.page.conftest import LAPTOP, PHONE
from tests.page.student import QUESTIONS, OpenPage, ask, go_on, join, shown, submit


async def answer(page: Page, kind: str, *, right: bool) -> None:
    options = {"single": ("4", "5"), "true_false": ("True", "False")}
    if kind in options:
        await page.locator(".option", has_text=options[kind][not right]).click()
    elif kind == "multiple":
        for text in ("2", "4") if right else ("2", "3"):
            await page.locator(".option", has_text=text).click()
    elif kind == "numeric":
        await page.get_by_label("Your answer").fill("0,25" if right else "7")
    else:
        await page.get_by_label("Your answer").fill(" paris" if right else "Lyon")


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
@pytest.mark.parametrize("kind", QUESTIONS)
async def test_every_type_is_answered_and_judged(
    server: RunningServer,
    teacher: InstructorSession,
    open_page: OpenPage,
    kind: str,
    size: tuple[int, int],
) -> None:
    explained: dict[str, Any] = {**QUESTIONS[kind], "explanation": "Use **your head**."}
    await server.import_questions([explained])
    page = await open_page(size=size)
    await join(page)
    for right in (True, False):
        await ask(teacher, page, 60, allow_repeats=True)
        assert "Correct" not in await page.inner_text("body")
        await answer(page, kind, right=right)
        await submit(page)
        await shown(page, "✓ Correct" if right else "✗ Incorrect" if kind != "multiple" else "✗")
        await shown(page, "Use your head.")
        assert await page.locator(".explanation strong").inner_text() == "your head"
        await go_on(page)
    await shown(page, "1 of 2 right")
    stored = (await teacher.snapshot()).students[0]
    assert stored.student_id == "S001"


async def test_a_question_without_an_answer_is_judged_when_the_round_ends(
    server: RunningServer, teacher: InstructorSession, open_page: OpenPage
) -> None:
    await server.import_questions([QUESTIONS["single"]])
    page = await open_page()
    await join(page)
    await ask(teacher, page, 60)
    await page.get_by_role("button", name="Submit").click()
    await shown(page, "Choose an answer first.")
    await teacher.close_round()
    await shown(page, "The round is over")
    await shown(page, "The right answer is B  4")


async def test_nothing_is_fetched_from_another_host_and_no_rule_of_the_policy_is_broken(
    server: RunningServer, teacher: InstructorSession, open_page: OpenPage
) -> None:
    code = {**QUESTIONS["single"], "question": "What prints 4?\n```python\nprint(2 + 2)\n```"}
    await server.import_questions([code])
    page = await open_page()
    urls: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    await page.reload()
    await join(page)
    await ask(teacher, page, 60)
    await page.locator(".hljs-built_in", has_text="print").wait_for()
    assert urls
    assert {url.partition("://")[2].partition("/")[0] for url in urls} == {
        f"127.0.0.1:{server.port}"
    }
    assert complaints == []


async def test_a_number_that_could_be_two_is_asked_about(
    server: RunningServer, teacher: InstructorSession, open_page: OpenPage
) -> None:
    await server.import_questions([{**QUESTIONS["numeric"], "correct": 1000}])
    page = await open_page()
    await join(page)
    await ask(teacher, page, 60)
    await page.keyboard.type("1,000")  # into the field, which needs no click
    await submit(page)
    await shown(page, "Do you mean 1000 or 1.000? Type it that way.")
    await page.get_by_label("Your answer").fill("1000")
    await submit(page)
    await shown(page, "✓ Correct")
