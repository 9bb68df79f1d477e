"""The pictures of the README and the docs, taken of the real apps on a real server.

`make pictures` writes them to docs/pictures; a test compares their words with what the apps show.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import tempfile
from pathlib import Path

from textual.app import App

from livequiz.bank.sample_bank import sample
from livequiz.client.instructor import InstructorSession
from livequiz.db.private_mongod import PrivateMongod
from livequiz.db.store import Store
from livequiz.domain.model import QuestionType
from livequiz.protocol.messages import NewQuestion
from livequiz.server.quiz.service import Policy, utc_now
from livequiz.simulation.students import people
from livequiz.tui.instructor.app import InstructorApp
from livequiz.tui.instructor.dashboard import Dashboard
from livequiz.tui.student.app import StudentApp
from livequiz.tui.student.question import QuestionModal
from livequiz.tui.widgets.response_table import ResponseTable
from tests.chromium import chromium
from tests.conftest import PROJECTOR, TOKEN, RunningServer
from tests.helpers import next_of
from tests.page.student import asked, submit
from tests.patience import patient
from tests.tui.conftest import nobody
from tests.tui.looking import settle, text_of, until, until_shown

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
MEETING = "K7QX4M"
ADDRESS = "http://192.168.1.20:5000"
CLASS = people(12)
SEED = 11
DASHBOARD, TERMINAL = (116, 24), (84, 22)  # columns and rows


async def pictures(server: RunningServer) -> dict[str, str]:
    """Play a round and return SVG pictures of it by their names."""
    await server.store.questions.add(sample(), utc_now())
    teacher = await server.instructor(MEETING)
    dashboard = InstructorApp(server.url, MEETING, "teacher", server.token)
    (alice_id, alice_name), *others = CLASS
    alice = StudentApp(server.url, MEETING, alice_id, alice_name, finder=nobody)
    sessions = {one: await server.student(one, name, MEETING) for one, name in others}
    bank = [question async for page in teacher.bank() for question in page]
    chosen = [question.question_id for question in bank if question.type is QuestionType.SINGLE]
    taken: dict[str, str] = {}
    async with dashboard.run_test(size=DASHBOARD) as theirs, alice.run_test(size=TERMINAL) as hers:
        await until_shown(alice, "You are in")
        await until_shown(dashboard, f"{len(CLASS)} students are here")
        assert isinstance(dashboard.screen, Dashboard)
        dashboard.screen._url = ADDRESS
        await theirs.press("p")
        await until_shown(dashboard, "Open in any browser")
        await settle(dashboard, theirs)
        taken["projector"] = picture(dashboard, "livequiz instructor")
        await theirs.press("escape")
        await teacher.trigger(duration=patient(60), draw_seed=SEED, question_ids=chosen)
        await until(lambda: isinstance(alice.screen, QuestionModal))
        for number, (student_id, session) in enumerate(list(sessions.items())[:-3]):
            question, key = await next_of(session, NewQuestion), await _key(teacher, student_id)
            place = key if number % 3 != 1 else (key + 1) % len(question.options)
            await session.answer(question.question_id, question.round_id, place, spent=1)
        answered = len(sessions) - 3
        await until(lambda: len(re.findall("✓ right|✗ wrong", text_of(dashboard))) == answered)
        rows = dashboard.screen.query_one(ResponseTable)
        await until(lambda: not rows._bright, "rows that no longer stand out")
        await settle(dashboard, theirs)
        await settle(alice, hers)
        taken["dashboard"] = picture(dashboard, "livequiz instructor")
        taken["question"] = picture(alice, "livequiz student")
        assert isinstance(alice.screen, QuestionModal)
        right = await _key(teacher, alice_id)
        await hers.press("abcdef"[right], "enter")
        await until_shown(alice, "✓ Correct")
        await settle(alice, hers)
        taken["verdict"] = picture(alice, "livequiz student")
        await teacher.close_round()
        await until(lambda: not rows._bright, "rows that no longer stand out")
        await theirs.press("u")
        await until_shown(dashboard, "Talk about this one")
        await settle(dashboard, theirs)
        taken["summary"] = picture(dashboard, "livequiz instructor")
    return taken


def picture(app: App[None], title: str) -> str:
    """Return an app's screen as SVG that asks no other host for its font."""
    svg = re.sub(r"@font-face \{.*?\}", "", app.export_screenshot(title=title), flags=re.DOTALL)
    return re.sub(r"terminal-\d+", "terminal", svg)


def words(svg: str) -> list[str]:
    """Return the lines of a picture without what differs from run to run: figures and bars."""
    texts = (html.unescape(text) for text in re.findall(r"<text [^>]*>([^<]*)</text>", svg))
    kept = (re.sub(r"[\d.:\u2500-\u259f\s]+", " ", text).strip() for text in texts)
    return [text for text in kept if text]


async def page_pictures(server: RunningServer) -> None:
    """Write pictures of the last round's results, and of a round in a browser."""
    teacher = await server.instructor(MEETING)
    bank = [question async for part in teacher.bank() for question in part]
    (asks,) = (each for each in bank if "y.append(4)" in each.question)
    await teacher.show_results()
    async with chromium() as browser:
        wall = await browser.new_page(viewport={"width": 1280, "height": 720})
        await wall.goto(f"{server.url}/projector?m={MEETING}#{PROJECTOR}")
        await wall.locator(".results").wait_for()
        await wall.screenshot(path=FOLDER / "projector-results.png")
        await teacher.show_results(shown=False)
        await teacher.show_leaderboard(top=5)
        await wall.locator(".leaderboard").wait_for()
        await wall.screenshot(path=FOLDER / "projector-leaderboard.png")
        page = await browser.new_page(viewport={"width": 360, "height": 640})
        await page.goto(f"{server.url}/?m={MEETING}")
        await page.fill("#student_id", "S100")
        await page.fill("#name", "Ada")
        await page.screenshot(path=FOLDER / "page-form.png")
        await page.keyboard.press("Enter")
        await page.get_by_text("You are in, Ada.").wait_for()
        await teacher.trigger(duration=60, question_ids=[asks.question_id])
        await asked(page)
        await page.screenshot(path=FOLDER / "page-question.png")
        assert isinstance(asks.correct, int)
        await page.keyboard.press("abcdef"[asks.correct])
        await submit(page)
        await page.locator(".verdict").wait_for()
        await teacher.close_round()  # many have the same question, so its verdict waited
        await page.locator(".verdict.right").wait_for()
        await page.wait_for_timeout(300)  # colours change over a tenth of a second
        await page.screenshot(path=FOLDER / "page-verdict.png")


async def _key(teacher: InstructorSession, student_id: str) -> int:
    snapshot = await teacher.snapshot()
    (row,) = (row for row in snapshot.assignments if row.student_id == student_id)
    (detail,) = (each for each in snapshot.questions if each.question_id == row.question_id)
    assert isinstance(detail.correct, int)
    return detail.correct


async def _main() -> None:
    with tempfile.TemporaryDirectory(prefix="lq-pictures-") as folder:
        os.environ["LIVEQUIZ_STATE_DIR"] = folder
        mongod = await PrivateMongod.start(Path(folder))
        store = Store(mongod.uri, "pictures")
        server = RunningServer(store, Policy(TOKEN, PROJECTOR))
        try:
            await store.prepare()
            await server.start()
            FOLDER.mkdir(exist_ok=True)
            for name, svg in (await pictures(server)).items():
                (FOLDER / f"{name}.svg").write_text(svg)
            await page_pictures(server)
        finally:
            await server.close()
            store.close()
            await mongod.stop()


if __name__ == "__main__":
    asyncio.run(_main())
