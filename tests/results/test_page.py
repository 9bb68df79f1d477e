"""The page of a report in a real browser: on paper, on a phone, in light and dark."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from livequiz.bank.sample_bank import sample
from livequiz.domain.model import Draft, Meeting, QuestionType, Student
from livequiz.results.build import build
from livequiz.results.formats import ReportFormat, write
from livequiz.results.lesson import Lesson
from livequiz.results.report import Report
from livequiz.simulation.students import people
from tests.chromium import chromium
from tests.page.conftest import LAPTOP, PHONE
from tests.page.test_accessibility import check
from tests.patience import PATIENCE, patient
from tests.results.a_lesson import a_lesson
from tests.results.rasch_class import MEETING, START, RaschClass, question

needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None and not os.environ.get("CI"),
    reason="pdftotext is missing: install poppler-utils to read what was printed",
)


def real_report(students: int, rounds: int, **more: object) -> Report:
    """Return the report on a class with real names and questions.

    Args:
        students: How many.
        rounds: How many.
        more: Arguments of `build`.
    """
    school = RaschClass(0, 0, seed=7, absent=0.1)
    drafts = [draft for draft in sample() if draft.type is QuestionType.SINGLE][:60]
    school.questions = {q.id: q for q in (question(n, **_fields(d)) for n, d in enumerate(drafts))}
    school.students = [
        Student(student_id, MEETING.id, name, "inactive", START)  # type: ignore[arg-type]
        for student_id, name in people(students)
    ]
    school.abilities = {s.id: school.chance.gauss(0, 1) for s in school.students}
    school.difficulties = {q: school.chance.gauss(0, 1.2) for q in school.questions}
    return build(school.lesson(rounds), START, **more)  # type: ignore[arg-type]


def _fields(draft: Draft) -> dict[str, object]:
    """Return the fields of a question, with the key as its first option."""
    assert isinstance(draft.correct, int)
    others = [option for option in draft.options if option != draft.options[draft.correct]]
    return {
        "text": draft.text,
        "options": (draft.options[draft.correct], *others),
        "topics": draft.topics,
        "difficulty": draft.difficulty,
        "explanation": draft.explanation,
    }


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


async def opened(browser: Browser, report: Report, folder: Path, **more: object) -> Page:
    """Show a report's page.

    Args:
        browser: The browser.
        report: The report.
        folder: For the page's file.
        more: Arguments of the browser's context.
    """
    file = folder / "report.html"
    file.write_bytes(write(report, ReportFormat.HTML))
    context = await browser.new_context(bypass_csp=True, **more)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE * 1000)
    page = await context.new_page()
    await page.goto(file.as_uri())
    return page


async def printed(page: Page, paper: str, file: Path) -> str:
    """Print a page; return the words on the paper, as `words` does."""
    await page.pdf(path=file, format=paper)
    process = await asyncio.create_subprocess_exec(
        *("pdftotext", "-enc", "UTF-8", str(file), "-"), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(process.communicate(), patient(60))
    assert process.returncode == 0
    return words(out.decode())


def words(text: str) -> str:
    """Return a text with one space between words, and no hyphens: pdftotext joins split words."""
    return " ".join(text.replace("-", "").split())


@needs_poppler
@pytest.mark.parametrize("paper", ["A4", "Letter"])
async def test_everything_is_on_paper(browser: Browser, tmp_path: Path, paper: str) -> None:
    report = real_report(30, 12)
    page = await opened(browser, report, tmp_path)
    text = await printed(page, paper, tmp_path / f"{paper}.pdf")
    for student in report.students:
        assert text.count(student.name) >= 3  # with the figures, and in each table of rounds
        assert text.count(student.student_id) >= 3
    missing = [
        part
        for line in report.questions
        for part in (line.question, line.key, line.explanation, *(o.text for o in line.options))
        if part and words(part) not in text
    ]
    assert missing == []
    assert text.count("Right answer:") == len(report.questions)
    assert text.count("; discrimination ") == sum(
        q.discrimination is not None for q in report.questions
    )
    for heading, numbers in (("Rounds 1 to 10", range(1, 11)), ("Rounds 11 and 12", (11, 12))):
        assert heading in text  # before or after its table: pdftotext goes by columns
        assert re.search(rf"Id {' '.join(map(str, numbers))}\b", text), numbers
    marks = sum(text.count(mark) for mark in "✓✗½")
    right_options = sum(option.right for q in report.questions for option in q.options)
    assert marks == sum(line.answered for line in report.responses) + right_options


@pytest.mark.parametrize("paper", ["A4", "Letter"])
async def test_no_table_is_wider_than_the_paper(
    browser: Browser, tmp_path: Path, paper: str
) -> None:
    """A lesson with names of one long word, of another script and with markup."""
    page = await opened(browser, a_lesson_of_long_words(), tmp_path)
    await page.emulate_media(media="print")
    margin = 2 * 14 / 25.4
    width = int(96 * ({"A4": 8.27, "Letter": 8.5}[paper] - margin))
    await page.set_viewport_size({"width": width, "height": 1000})
    wider = await page.evaluate(
        "w => [...document.querySelectorAll('body *')]"
        ".filter(e => e.getBoundingClientRect().right > w + 1).map(e => e.outerHTML)",
        width,
    )
    assert wider == []


def a_lesson_of_long_words() -> Report:
    report = build(a_lesson(), START)
    for line in report.students[:2]:
        line.name = "W" * 80
    return report


@needs_poppler
async def test_heads_of_tables_are_on_each_page(browser: Browser, tmp_path: Path) -> None:
    report = real_report(150, 3)
    page = await opened(browser, report, tmp_path)
    await page.pdf(path=tmp_path / "long.pdf", format="A4")
    process = await asyncio.create_subprocess_exec(
        *("pdftotext", "-layout", str(tmp_path / "long.pdf"), "-"), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(process.communicate(), patient(60))
    pages = [page for page in out.decode().split("\f") if re.search(r"\bS1\d\d\b", page)]
    assert len(pages) >= 2
    for text in pages:
        first = re.search(r"\bS\d{3}\b", text)
        assert first
        assert re.search(r"Name +Id", text[: first.start()])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
async def test_a_report_fits_the_screen_and_has_no_violation(
    browser: Browser, tmp_path: Path, size: tuple[int, int], scheme: str
) -> None:
    width, height = size
    for report in (real_report(30, 12), a_lesson_of_long_words()):
        page = await opened(
            browser,
            report,
            tmp_path,
            viewport={"width": width, "height": height},
            color_scheme=scheme,
        )
        await check(page, "a report")
        # As a reader opens them: with a click.
        for summary in (await page.locator("summary").all())[:3]:
            await summary.click()
        await page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        await check(page, "a report with all questions open")
        await page.context.close()


def test_each_of_several_meetings_has_its_own_tables_of_rounds() -> None:
    first = RaschClass(3, 20).lesson(12)
    other = RaschClass(2, 20, meeting=Meeting("OTHER", START, class_name="8C")).lesson(1)
    lesson = Lesson(
        [*first.meetings, *other.meetings],
        [*first.students, *other.students],
        [*first.rounds, *other.rounds],
        first.questions,
    )
    page = write(build(lesson, START), ReportFormat.HTML).decode()
    tables = {
        heading: table.count("<tr>") - 1  # students
        for heading, table in re.findall(r"<h3>(.*?)</h3>(.*?)</table>", page, re.DOTALL)
    }
    assert tables == {
        "Sets and functions (K7QX4M): rounds 1 to 10": 3,
        "Sets and functions (K7QX4M): rounds 11 and 12": 3,
        "OTHER: round 1": 2,
    }


def test_a_large_course_is_one_page_of_a_few_megabytes() -> None:
    report = real_report(300, 50)
    content = write(report, ReportFormat.HTML)
    assert len(content) < 10e6 * 300 / 1_000
    text = content.decode()
    for first in range(1, 50, 10):
        assert f"Rounds {first} to {first + 9}" in text
