"""Whatever a teacher or a student wrote is text on the page, and nothing else."""

from __future__ import annotations

from livequiz.client.instructor import InstructorSession
from tests.conftest import RunningServer
from tests.page.conftest import PHONE
from tests.page.student import OpenPage, ask, join, shown, submit

MARKUP = '<img src=x onerror="window.hurt = 1"><script>window.hurt = 1</script>'
RTL = "\u05de\u05d4 \u05d4\u05ea\u05e9\u05d5\u05d1\u05d4?"


async def test_markup_is_shown_and_never_run(
    server: RunningServer, teacher: InstructorSession, open_page: OpenPage
) -> None:
    question = f"{MARKUP}\n```html\n{MARKUP}\n```\n```{MARKUP[:4]}\nx\n```"
    options = [MARKUP, "b"]
    asks = {"question": question, "options": options, "correct": 1, "explanation": MARKUP}
    await server.import_questions([asks])
    page = await open_page()
    await join(page, name="<b>Ada</b>")
    await ask(teacher, page)
    await page.locator(".hljs-name").first.wait_for()
    await page.keyboard.press("a")
    await submit(page)
    await shown(page, "✗ Incorrect")
    assert await page.evaluate("[window.hurt, document.images.length]") == [None, 0]
    assert MARKUP in await page.locator(".option").first.inner_text()
    assert MARKUP in await page.locator(".explanation").inner_text()


async def test_text_runs_from_right_to_left_where_it_is_written_so(
    server: RunningServer, teacher: InstructorSession, open_page: OpenPage
) -> None:
    asks = {"question": RTL, "options": [RTL, "b"], "correct": 1}
    await server.import_questions([asks])
    page = await open_page()
    await join(page)
    await ask(teacher, page)
    directions = await page.locator(".rich p, .words").evaluate_all(
        "(texts) => texts.map((text) => getComputedStyle(text).direction)"
    )
    assert directions == ["rtl", "rtl", "ltr"]


async def test_a_long_program_scrolls_in_its_own_place(
    server: RunningServer, teacher: InstructorSession, open_page: OpenPage
) -> None:
    program = "```python\n" + "x = 1; " * 40 + "\n```"
    asks = {"question": program, "options": ["a", "b"], "correct": 1}
    await server.import_questions([asks])
    page = await open_page(size=PHONE)
    await join(page)
    await ask(teacher, page)
    widths = await page.evaluate(
        "[document.documentElement, document.querySelector('.code-block')]"
        ".map((e) => e.scrollWidth > e.clientWidth)"
    )
    assert widths == [False, True]


async def test_options_and_keys_have_code_and_no_marks(
    server: RunningServer, teacher: InstructorSession, open_page: OpenPage
) -> None:
    asks = {"question": "What is `1`?", "options": ["`int`", "**str**"], "correct": 0}
    await server.import_questions([asks])
    page = await open_page()
    await join(page)
    await ask(teacher, page)
    assert await page.locator(".option code").inner_text() == "int"
    assert await page.locator(".option strong").inner_text() == "str"
    await page.keyboard.press("b")
    await submit(page)
    await shown(page, "The right answer is A  int")
