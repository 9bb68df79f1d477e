"""axe finds nothing to complain about in any state, and the scripts suit browsers of 2021."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page

from livequiz.client.instructor import InstructorSession
from livequiz.server.http.page import FOLDER
from tests.conftest import RunningServer
from tests.page.conftest import LAPTOP, PHONE
from tests.page.npm import installed
from tests.page.student import QUESTIONS, OpenPage, ask, go_on, join, shown, submit

NARROW = (320, 568)
CODE = {
    "question": "What does `f` **return**?\n```python\ndef f():\n    return 'x' * 3  # long\n```",
    "options": ["xxx", "x3", "x" * 200, "\u05d0\u05d1\u05d2"],
    "correct": 0,
    "explanation": "It repeats:\n```python\nprint('x' * 3)\n```",
}


async def check(page: Page, state: str) -> None:
    """Fail if axe finds a violation, or if something is wider than the screen."""
    await page.wait_for_timeout(200)  # colours change over a tenth of a second
    if not await page.evaluate("'axe' in window"):
        await page.evaluate((await installed() / "axe-core" / "axe.min.js").read_text())
    report = await page.evaluate("axe.run({resultTypes: ['violations']})")
    found = [(v["id"], [n["html"] for n in v["nodes"]]) for v in report["violations"]]
    assert found == [], state
    assert await page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    ), f"{state} scrolls sideways"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [NARROW, PHONE, LAPTOP], ids=["narrow", "phone", "laptop"])
async def test_no_state_has_a_violation(
    server: RunningServer,
    teacher: InstructorSession,
    open_page: OpenPage,
    size: tuple[int, int],
    scheme: str,
) -> None:
    page = await open_page(size=size, color_scheme=scheme)
    await check(page, "the form")
    await page.get_by_role("button", name="Join").click()
    await shown(page, "Type your id, such as S001.")
    await check(page, "the form with an error")
    await join(page)
    await check(page, "the waiting room")
    asks: list[dict[str, Any]] = [CODE, QUESTIONS["multiple"], QUESTIONS["short_text"]]
    for question in asks:
        await server.import_questions([question])
        await ask(teacher, page)
        await check(page, "a question")
        if question is QUESTIONS["short_text"]:
            await page.get_by_label("Your answer").fill("Paris")
        else:
            await page.keyboard.press("b")
        await check(page, "a chosen answer")
        await submit(page)
        await shown(page, "✗" if question is not QUESTIONS["short_text"] else "✓")
        await check(page, "a verdict")
        await go_on(page)
    await check(page, "the waiting room with results")
    await ask(teacher, page, 4, allow_repeats=True)
    await shown(page, "Time is up")
    await check(page, "an answer that is missing")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_lost_connection_and_twice_the_text_size_have_no_violation(
    server: RunningServer, teacher: InstructorSession, open_page: OpenPage, scheme: str
) -> None:
    await server.import_questions([CODE])
    page = await open_page(size=PHONE, color_scheme=scheme, reduced_motion="reduce")
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    await join(page)
    await ask(teacher, page)
    await page.keyboard.press("a")
    await teacher.close()
    await server.stop()
    await shown(page, "The connection is lost.")
    await submit(page)
    await shown(page, "Not saved yet")
    await check(page, "a lost connection")


async def test_no_script_is_newer_than_the_browsers_of_2021() -> None:
    acorn = await installed() / "acorn" / "bin" / "acorn"
    scripts = list(FOLDER.rglob("*.js"))
    assert len(scripts) > 20
    for script in scripts:
        process = await asyncio.create_subprocess_exec(
            *("node", str(acorn), "--ecma2021", "--module", "--silent", str(script)),
            stderr=asyncio.subprocess.PIPE,
        )
        _, error = await process.communicate()
        assert process.returncode == 0, f"{script.name}: {error.decode()}"
