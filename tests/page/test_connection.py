"""Reloads, lost networks, servers that restart, second tabs: nothing that was given is lost."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from livequiz.client.instructor import InstructorSession
from livequiz.domain.model import Reveal
from livequiz.server.app import REGISTRY
from tests.conftest import RunningServer
from tests.page.student import (
    QUESTIONS,
    OpenPage,
    ask,
    asked,
    go_on,
    join,
    seconds_left,
    shown,
    submit,
)
from tests.patience import PATIENCE

LOST = "The connection is lost."


@pytest.fixture
async def page(server: RunningServer, open_page: OpenPage, teacher: InstructorSession) -> Page:
    """A student who has joined, in a class with two questions."""
    another = {**QUESTIONS["single"], "question": "What is 3+1?"}
    await server.import_questions([QUESTIONS["single"], another])
    page = await open_page()
    await join(page)
    return page


async def responses(server: RunningServer) -> list[Any]:
    found = await server.store.rounds.responses_page("TEST", None, 100)
    return [response for _, response in found]


async def test_a_reload_puts_the_open_question_back_with_the_time_that_is_left(
    server: RunningServer, teacher: InstructorSession, page: Page
) -> None:
    await ask(teacher, page)
    text = await page.locator(".rich").first.inner_text()
    await page.wait_for_timeout(2_000)
    await page.reload()
    await asked(page)
    assert await page.locator(".rich").first.inner_text() == text
    assert "9:5" in await page.locator(".countdown").inner_text()
    await page.keyboard.press("b")
    await submit(page)
    await shown(page, "✓ Correct")


async def test_after_a_reload_the_verdict_of_an_answer_is_in_the_record(
    server: RunningServer, teacher: InstructorSession, page: Page
) -> None:
    await ask(teacher, page)
    await page.keyboard.press("a")
    await submit(page)
    await shown(page, "✗ Incorrect")
    await page.reload()
    await shown(page, "You are in, Ada.")
    await shown(page, "✗ wrong")
    await shown(page, "Right answer: 4")


async def test_an_answer_that_is_given_offline_is_sent_when_the_server_is_back(
    server: RunningServer, teacher: InstructorSession, page: Page
) -> None:
    await ask(teacher, page)
    await teacher.close()
    await server.stop()
    await shown(page, LOST)
    await page.keyboard.press("b")
    await submit(page)
    await shown(page, "Not saved yet: will be sent once the connection is back, if time is left.")
    await server.start()
    await shown(page, "✓ Correct")
    assert LOST not in await page.inner_text("body")
    assert [response.correct for response in await responses(server)] == [True]


async def test_an_answer_that_is_given_offline_outlives_a_reload(
    server: RunningServer, teacher: InstructorSession, page: Page
) -> None:
    await ask(teacher, page)
    await teacher.close()
    await server.stop()
    await shown(page, LOST)
    await page.keyboard.press("b")
    await submit(page)
    await shown(page, "Not saved yet")
    await server.start()
    await page.reload()
    await shown(page, "✓")
    assert [response.correct for response in await responses(server)] == [True]


async def test_an_answer_whose_ack_was_lost_is_counted_once(
    server: RunningServer,
    teacher: InstructorSession,
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    submit_answer, results = server.service.answers.answer, []

    async def answer(*args: Any, **named: Any) -> Any:
        results.append(await submit_answer(*args, **named))
        if len(results) == 1:
            cut(server, of_instructors=False)
        return results[-1]

    monkeypatch.setattr(server.service.answers, "answer", answer)
    await ask(teacher, page)
    await page.keyboard.press("b")
    await submit(page)
    await shown(page, "✓ Correct")
    assert [result.duplicate for result in results] == [False, True]
    assert len(await responses(server)) == 1


async def test_a_second_tab_takes_over_and_the_first_one_says_so(
    server: RunningServer, teacher: InstructorSession, page: Page
) -> None:
    other = await page.context.new_page()
    await other.goto(f"{server.url}/?m=TEST")
    assert await other.input_value("#student_id") == "S001"
    assert await other.input_value("#name") == "Ada"
    await other.get_by_role("button", name="Join").click()
    await shown(other, "You are in, Ada.")
    await shown(page, "Press Join to continue here instead.")
    await teacher.trigger(duration=600)
    await asked(other)
    await page.get_by_role("button", name="Join").click()
    await asked(page)
    await shown(other, "Press Join to continue here instead.")


async def test_somebody_else_with_the_same_id_is_refused(
    server: RunningServer, teacher: InstructorSession, page: Page, open_page: OpenPage
) -> None:
    other = await open_page()
    await other.fill("#student_id", "S001")
    await other.fill("#name", "Eve")
    await other.get_by_role("button", name="Join").click()
    await other.locator("#student_id-why:not(:empty)").wait_for()
    await ask(teacher, page)


async def test_a_student_who_is_removed_learns_it_and_can_join_again(
    server: RunningServer, teacher: InstructorSession, page: Page
) -> None:
    await teacher.remove_student("S001")
    await shown(page, "Press Join if you should be here.")
    await page.reload()
    await shown(page, "Join your class")
    await page.get_by_role("button", name="Join").click()
    await shown(page, "You are in, Ada.")


async def test_who_leaves_is_gone_and_a_reload_joins_nobody(
    server: RunningServer, teacher: InstructorSession, page: Page
) -> None:
    await page.wait_for_timeout(750)  # the second tap of a double one does not leave
    page.on("dialog", lambda dialog: dialog.accept())
    await page.get_by_role("button", name="Leave the class").click()
    await shown(page, "You have left the class.")
    assert await page.evaluate("Object.keys(localStorage)") == []
    assert await page.input_value("#meeting_id") == "TEST"
    await page.reload()
    await shown(page, "Join your class")
    assert await page.input_value("#student_id") == ""
    assert [s.status for s in (await teacher.snapshot()).students] == ["inactive"]


async def test_a_meeting_that_opens_later_is_joined_then(
    server: RunningServer, open_page: OpenPage
) -> None:
    page = await open_page("?m=later")
    await page.fill("#student_id", "S001")
    await page.fill("#name", "Ada")
    await page.keyboard.press("Enter")
    await shown(page, "There is no meeting LATER yet. Check the code, or wait: retrying.")
    await server.instructor("LATER")
    await shown(page, "You are in, Ada.")


async def test_more_time_is_shown(
    server: RunningServer, teacher: InstructorSession, page: Page
) -> None:
    await ask(teacher, page, 30)
    assert await seconds_left(page) <= 30
    await teacher.extend_round(30)
    await shown(page, "+30 s")
    assert await seconds_left(page) > 30


async def test_time_that_runs_out_is_said_and_the_key_follows(
    server: RunningServer, teacher: InstructorSession, page: Page
) -> None:
    await ask(teacher, page, 2)
    await page.keyboard.press("b")
    await shown(page, "Time is up")
    await shown(page, "The right answer is B  4")
    await go_on(page)
    await shown(page, "– no answer")


async def test_the_page_works_where_websockets_are_blocked(
    server: RunningServer, teacher: InstructorSession, open_page: OpenPage
) -> None:
    await server.import_questions([QUESTIONS["single"]])
    page = await open_page()
    blocked = "class { close() {} constructor() { setTimeout(() => this.onerror({})); } }"
    await page.add_init_script(f"window.WebSocket = {blocked}")
    await page.reload()
    await join(page)
    await ask(teacher, page)
    await page.keyboard.press("b")
    await submit(page)
    await shown(page, "✓ Correct")


async def test_waking_up_over_and_over_while_it_reconnects_breaks_nothing(
    server: RunningServer, teacher: InstructorSession, page: Page
) -> None:
    """A second attempt to connect, before the first was answered, left the page dead."""
    await page.route_web_socket("**/socket.io/**", late)
    await page.reload()
    await shown(page, "You are in, Ada.")
    await ask(teacher, page)
    await page.evaluate("setInterval(() => window.dispatchEvent(new Event('online')), 20)")
    for _ in range(2):
        await server.stop()
        await shown(page, LOST)
        await server.start()
        await expect(page.locator("#connection")).to_be_empty(timeout=PATIENCE * 1000)
    await page.keyboard.press("b")
    await submit(page)
    await shown(page, "✓ Correct")


def late(socket: WebSocketRoute) -> None:
    """Let what the server says arrive late, as over a network for phones."""
    server, loop = socket.connect_to_server(), asyncio.get_running_loop()
    server.on_message(lambda message: loop.call_later(0.2, socket.send, message) and None)


async def test_a_round_that_closed_meanwhile_shows_its_key_to_who_answered_offline(
    server: RunningServer, page: Page, teacher: InstructorSession
) -> None:
    await ask(teacher, page)
    await page.context.set_offline(True)
    cut(server, of_instructors=False)
    await shown(page, LOST)
    await page.keyboard.press("a")
    await submit(page)
    await shown(page, "Not saved yet")
    await teacher.close_round()
    await page.context.set_offline(False)
    await shown(page, "○ Not stored")
    await shown(page, "The right answer is B  4")


async def test_a_verdict_that_was_kept_back_comes_though_the_end_of_the_round_was_missed(
    server: RunningServer, page: Page, teacher: InstructorSession
) -> None:
    await server.student("S002")  # has not answered, so that the round stays open
    await ask(teacher, page, reveal=Reveal.AFTER_ROUND)
    await page.keyboard.press("b")
    await submit(page)
    await shown(page, "● Stored")
    await page.context.set_offline(True)
    cut(server, of_instructors=False)
    await shown(page, LOST)
    await teacher.close_round()
    await page.context.set_offline(False)
    await shown(page, "✓ Correct")


async def test_the_countdown_of_a_tab_that_was_replaced_says_nothing(
    server: RunningServer, teacher: InstructorSession, page: Page
) -> None:
    await ask(teacher, page, 3)
    other = await page.context.new_page()
    await other.goto(f"{server.url}/?m=TEST")
    await other.get_by_role("button", name="Join").click()
    await shown(page, "Press Join to continue here instead.")
    await shown(other, "Time is up")
    await page.wait_for_timeout(1_000)
    assert "Time is up" not in await page.locator("#announcer").inner_text()


async def test_a_verdict_that_was_kept_back_is_shown_after_a_reload(
    server: RunningServer, page: Page, teacher: InstructorSession
) -> None:
    await server.student("S002")  # has not answered, so that the round stays open
    await ask(teacher, page, reveal=Reveal.AFTER_ROUND)
    await page.keyboard.press("a")
    await submit(page)
    await shown(page, "● Stored")
    await page.reload()
    await shown(page, "● stored")
    assert "streak" not in await page.inner_text(".facts")  # it would be said to be over
    await teacher.close_round()
    await shown(page, "✗ Incorrect")
    await go_on(page)
    await shown(page, "Right answer: 4")
    await shown(page, "streak 0")


async def test_what_was_chosen_and_not_submitted_is_not_taken_for_an_answer(
    server: RunningServer, page: Page, teacher: InstructorSession
) -> None:
    await ask(teacher, page)
    await page.keyboard.press("b")
    await teacher.close_round()
    await shown(page, "Your choice was not submitted.  The right answer is B  4")
    assert await page.locator(".option.chosen").count() == 0


async def test_an_impatient_enter_does_not_stop_the_join(
    server: RunningServer, open_page: OpenPage
) -> None:
    page = await open_page("?m=later")
    await page.fill("#student_id", "S001")
    await page.fill("#name", "Ada")
    for _ in range(3):
        await page.keyboard.press("Enter")
    await shown(page, "There is no meeting LATER yet.")
    await server.instructor("LATER")
    await shown(page, "You are in, Ada.")
    await page.reload()
    await shown(page, "You are in, Ada.")


def cut(server: RunningServer, *, of_instructors: bool) -> None:
    """Lose connections without a word, as a network does."""
    for connection in server.app[REGISTRY]._open.values():
        if connection.transport is not None and connection.instructor is of_instructors:
            connection.transport.abort()
