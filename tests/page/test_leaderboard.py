"""The leaderboard in the student's page: their own place, for eyes and for screen readers."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from playwright.async_api import Page, expect

from livequiz.client.instructor import InstructorSession
from livequiz.client.leaderboard_wording import (
    EACH_THEIR_OWN,
    move_in_words,
    move_sign,
    ordinal,
    place_sentence,
)
from livequiz.domain.model import NamesAs
from livequiz.protocol.leaderboard import Leaderboard, Place
from livequiz.protocol.messages import NewQuestion, RoundClosed
from tests.conftest import RunningServer
from tests.helpers import next_of
from tests.page.conftest import LAPTOP, PHONE
from tests.page.student import QUESTIONS, OpenPage, ask, go_on, join, shown, submit
from tests.page.test_accessibility import check
from tests.page.test_same_words import FROM
from tests.patience import PATIENCE


async def play(server: RunningServer, teacher: InstructorSession, page: Page) -> None:
    """Play a round in which Bob is right and the page's student is wrong; stop at the verdict."""
    bob = await server.student("S002", "Bob")
    await ask(teacher, page)
    question = await next_of(bob, NewQuestion)
    right = question.options.index("4")
    await bob.answer(question.question_id, question.round_id, right, spent=1)
    await page.locator(".option", has_text="5").click()
    await submit(page)
    await next_of(teacher, RoundClosed)
    await shown(page, "✗ Incorrect")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
async def test_a_student_sees_their_place_after_reading_the_verdict(
    server: RunningServer,
    teacher: InstructorSession,
    open_page: OpenPage,
    size: tuple[int, int],
    scheme: str,
) -> None:
    await server.import_questions([QUESTIONS["single"]])
    page = await open_page(size=size, color_scheme=scheme)
    told = asyncio.Event()

    def received(frame: str | bytes) -> None:
        if '"leaderboard"' in str(frame):
            told.set()

    page.on("websocket", lambda socket: socket.on("framereceived", received))
    await join(page)
    await play(server, teacher, page)
    told.clear()  # the join told it, too: that there is none
    await teacher.show_leaderboard()
    await asyncio.wait_for(told.wait(), PATIENCE)
    await page.evaluate("() => new Promise(requestAnimationFrame)")
    assert "You are 2nd" not in await page.inner_text("body")
    await expect(page.locator("#question")).to_be_visible()
    await go_on(page)
    await shown(page, "You are 2nd of 2.")
    own = page.get_by_role("row", name="2 Ada (you) 0")
    await expect(own).to_be_visible()
    await expect(page.get_by_role("row", name="1 Bob 1")).to_be_visible()
    await expect(page.get_by_role("columnheader", name="Points")).to_be_visible()
    await shown(page, "0 of 1 right")
    await check(page, "a leaderboard")
    await page.reload()
    await shown(page, "You are 2nd of 2.")
    await teacher.show_leaderboard(shown=False)
    await expect(page.get_by_role("table")).to_have_count(0)
    assert "You are 2nd" not in await page.inner_text("body")
    await teacher.show_leaderboard(names=NamesAs.NICKNAMES)
    await shown(page, ", 2nd of 2.")
    assert "Bob" not in await page.inner_text("body")
    await ask(teacher, page, allow_repeats=True)
    await teacher.close_round()
    await shown(page, "The round is over")
    await go_on(page)
    assert "2nd of 2" not in await page.inner_text("body")


async def test_a_place_is_announced_politely_and_moves_are_read_as_words(
    server: RunningServer, teacher: InstructorSession, open_page: OpenPage
) -> None:
    await server.import_questions([QUESTIONS["single"]])
    page = await open_page()
    await join(page)
    await play(server, teacher, page)
    await go_on(page)
    status = page.locator(".place[role=status]")
    await expect(status).to_be_empty()  # there before it has words, or it would not be read
    await teacher.show_leaderboard()
    await expect(status).to_have_text("You are 2nd of 2.")
    await play_again(teacher, page)
    await teacher.show_leaderboard()
    await expect(status).to_have_text("You are 2nd of 2 (no change).")
    await expect(page.locator(".places .own td").last).to_have_text("=no change")


async def play_again(teacher: InstructorSession, page: Page) -> None:
    await ask(teacher, page, allow_repeats=True)
    await teacher.close_round()
    await shown(page, "The round is over")
    await go_on(page)


async def test_leaderboards_have_the_same_words(open_page: OpenPage) -> None:
    page = await open_page()

    async def said(name: str, cases: list[list[Any]]) -> list[str]:
        values = msgspec.to_builtins(cases)
        found: list[str] = await page.evaluate(FROM, ["leaderboard.js", name, values])
        return found

    numbers = [*range(1, 35), *range(99, 125), 1011]
    assert await said("ordinal", [[n] for n in numbers]) == [ordinal(n) for n in numbers]
    moves = [3, -12, 0, None]
    assert await said("moveSign", [[move] for move in moves]) == [move_sign(m) for m in moves]
    assert await said("moveInWords", [[m] for m in moves]) == [move_in_words(m) for m in moves]
    boards = [
        Leaderboard("0" * 24, [Place(1, "Bob", 3), Place(5, name, 2.5, move, own=own)], 28)
        for name in ("Ada", "Calm Otter")
        for move in moves
        for own in (True, False)
    ]
    assert await said("placeSentence", [[board, "Ada"] for board in boards]) == [
        place_sentence(board, "Ada") for board in boards
    ]
    main = 'document.querySelector("script[type=module]").src.replace("main", "leaderboard")'
    assert await page.evaluate(f"import({main}).then((m) => m.EACH_THEIR_OWN)") == EACH_THEIR_OWN
